# The serving subset only: Flask, NumPy, Pillow and LiteRT; no TensorFlow, no pip, no compiler.
# BASE is any image with python3 (3.11 or newer) and its venv module; docs/operating.md says how to
# name one by its digest.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
COPY requirements-audit.txt requirements-serve.txt pyproject.toml /tmp/
# pip works from an environment of its own and installs into one that has none. All comes with its
# hash; what comes as source, pyvips, is made by tools that did, too. pip compiles nothing at the end:
# that would save 0.3 s of a start and cost 25 MB.
RUN python3 -m venv /tmp/pip \
 && python3 -m venv --without-pip /opt/imagesearch \
 && /tmp/pip/bin/python -m pip install --no-cache-dir --require-hashes --only-binary :all: \
    -r /tmp/requirements-audit.txt \
 && /tmp/pip/bin/python -m pip wheel --no-cache-dir --require-hashes --only-binary :all: \
    --no-binary pyvips --no-build-isolation --wheel-dir /tmp/wheels -r /tmp/requirements-serve.txt \
 && /tmp/pip/bin/python -m pip --python /opt/imagesearch/bin/python install \
    --no-index --no-deps --no-compile /tmp/wheels/*.whl

# The image says what is in it; what writes that down stays behind.
WORKDIR /srv
RUN /tmp/pip/bin/python -m cyclonedx_py environment /opt/imagesearch/bin/python \
    --pyproject /tmp/pyproject.toml --output-reproducible -o sbom.cdx.json

COPY LICENSE wsgi.py gunicorn.conf.py ./
COPY app app
COPY static static
COPY templates templates
COPY translations translations
COPY model model
COPY gallery gallery
# The server is another user than the one who cloned, whose files may be closed to others.
RUN chmod -R a+rX .

FROM ${BASE}
COPY --from=build /opt/imagesearch /opt/imagesearch
COPY --from=build /srv /srv
WORKDIR /srv
ENV PATH=/opt/imagesearch/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    IMAGESEARCH_HOST=0.0.0.0 \
    IMAGESEARCH_PORT=8000
USER 10001:10001
EXPOSE 8000
# Not urllib: it would ask the proxy that some engines write into every container's environment.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1:' + os.environ['IMAGESEARCH_PORT'], timeout=2); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]
CMD ["gunicorn", "wsgi:app"]
