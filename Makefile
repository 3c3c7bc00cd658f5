# Every verb sets up what it needs, once, in .venv/, and says so. PYTHON is any Python from 3.11 on,
# ARGS are more options for the command behind the verb.
PYTHON ?= python3
PORT ?= 8000
PHOTOS ?=
OUT ?= build
MINUTES ?= 10
SECONDS = $(shell expr $(MINUTES) \* 60)
ARGS ?=
SERVE := .venv/serve/bin/python
TRAIN := .venv/train/bin/python
DEV := .venv/dev/bin/python
# Who ranks in Milvus needs its client, too; and whose pictures lie in an object store, the store's.
SERVER := .venv/$(if $(filter milvus://% milvus+tls://%,$(IMAGESEARCH_INDEX)),engine,$(if $(filter s3://%,$(PHOTOS)),objects,serve))

# pip would compile on one core. Some files are for other Pythons, and do not compile.
define set-up
@echo "Setting up $(@D) from $< (only once) ..."
@$(PYTHON) -c 'import sys; sys.exit("imagesearch needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Give another: make PYTHON=python3.13 ..." if sys.version_info < (3, 11) else 0)'
@$(PYTHON) -m venv --clear $(@D) && $(@D)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes -r $<
@$(@D)/bin/python -m compileall -qq -j 0 "$(CURDIR)/$(@D)/lib" || true
@touch $@
endef

.PHONY: run test train map gallery evaluate bench screenshots fuzz

run: $(SERVER)/ready         ## Serve the bundled gallery, or PHOTOS=folder, on PORT.
	@$(SERVER)/bin/python -m app --port "$(PORT)" --photos "$(PHOTOS)"

test: .venv/dev/ready .venv/milvus/ready .venv/audit/ready ## Check everything: style, types, and every test.
	@$(DEV) -m ruff check . && $(DEV) -m ruff format --check . && $(DEV) -m mypy . && $(DEV) -m pytest -n 2 --dist worksteal

train: photos .venv/train/ready ## Train on PHOTOS=folder: prepare, train, export and index, into OUT (build).
	@$(TRAIN) -m model.training --photos "$(PHOTOS)" --out "$(OUT)" $(ARGS)

map: .venv/map/ready         ## Lay the map out anew by t-SNE: of the bundled gallery, or of PHOTOS=folder.
	@bundle=model/bundle; test -z "$(PHOTOS)" || bundle=$$(.venv/map/bin/python -m app --photos "$(PHOTOS)" --where) && \
	.venv/map/bin/python -m model map --bundle "$$bundle" $(ARGS)

gallery: .venv/render/ready .venv/serve/ready ## Render and index the gallery; with COUNT, so many bridges in build/.
ifdef COUNT
	@.venv/render/bin/python -m rendering --out build/gallery --count "$(COUNT)" $(ARGS); \
	status=$$?; [ $$status = 0 ] || [ $$status = 3 ] || exit $$status; \
	$(SERVE) -m model index build/gallery --model model/bundle --bundle build/gallery-bundle --link && exit $$status
else
	@.venv/render/bin/python -m rendering --out gallery $(ARGS); \
	status=$$?; [ $$status = 0 ] || [ $$status = 3 ] || exit $$status; \
	.venv/render/bin/python -m rendering.table gallery && \
	$(SERVE) -m model index gallery --bundle model/bundle --link && exit $$status
endif

evaluate: photos .venv/train/ready ## Measure retrieval on PHOTOS=folder of labelled pictures, or several.
	@if [ -d "$(PHOTOS)" ]; then set -- "$(PHOTOS)"; else set -- $(PHOTOS); fi; \
	$(TRAIN) -m benchmarks.quality "$$@" --bundle model/bundle $(ARGS)

bench: .venv/bench/ready     ## Measure speed and memory; write docs/figures/.
	@.venv/bench/bin/python -m benchmarks $(ARGS)

screenshots: .venv/dev/ready ## Photograph every page, phone and desktop, light and dark, into build/screenshots.
	@$(DEV) -m tests.browser.screenshots $(ARGS)

fuzz: .venv/dev/ready        ## Try the loader and the API with what nobody thought of, MINUTES (10) each.
	@$(DEV) -m tests.fuzz.loader --seconds $(SECONDS) && $(DEV) -m tests.fuzz.api --seconds $(SECONDS)

.PHONY: photos
photos:
	@test -n "$(PHOTOS)" || { echo "Which pictures? Say it like this: make $(MAKECMDGOALS) PHOTOS=folder"; exit 2; }

.venv/train/ready: requirements.txt
	$(set-up)

.venv/%/ready: requirements-%.txt
	$(set-up)
