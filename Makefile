# Every verb sets up what it needs, once, in .venv/, and says so. PYTHON is any Python from 3.11 on.
PYTHON ?= python3
PORT ?= 8000
PHOTOS ?=
SERVE := .venv/serve/bin/python
TRAIN := .venv/train/bin/python
DEV := .venv/dev/bin/python

.PHONY: run test train gallery evaluate

run: .venv/serve/ready       ## Serve the bundled gallery, or PHOTOS=folder, on PORT.
	@$(SERVE) -m app --port "$(PORT)" --photos "$(PHOTOS)"

test: .venv/dev/ready        ## Check everything: style, types, and every test.
	@$(DEV) -m ruff check . && $(DEV) -m ruff format --check . && $(DEV) -m mypy . && $(DEV) -m pytest

train: .venv/train/ready     ## Train on PHOTOS=folder: prepare, train, export and index into build/bundle.
	@$(TRAIN) -m model.training --photos "$(PHOTOS)" --out build

gallery: .venv/render/ready  ## Render the gallery that ships (COUNT bridges) and index it.
	@.venv/render/bin/python -m rendering --out gallery $(if $(COUNT),--count $(COUNT)) && $(SERVE) -m model index gallery --bundle model/bundle

evaluate: .venv/train/ready  ## Measure retrieval on PHOTOS=folder of labelled pictures.
	@$(TRAIN) -m model evaluate "$(PHOTOS)" --bundle model/bundle

.venv/%/ready: requirements-%.txt
	@echo "Setting up $(@D) from $< (only once) ..."
	@$(PYTHON) -c 'import sys; sys.exit("imagesearch needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Give another: make PYTHON=python3.13 ..." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv --clear $(@D) && $(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< && touch $@
