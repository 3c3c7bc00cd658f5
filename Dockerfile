# The serving subset only: Flask, NumPy, Pillow and LiteRT; no TensorFlow, no pip, no compiler.
# BASE is any image with python3 (3.11 or newer) and its venv module.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
COPY requirements-serve.txt /tmp/
# pip works from an environment of its own and installs into one that has none.
RUN python3 -m venv /tmp/pip \
 && python3 -m venv --without-pip /opt/imagesearch \
 && /tmp/pip/bin/python -m pip --python /opt/imagesearch/bin/python install \
    --no-cache-dir --no-compile --require-hashes --only-binary :all: -r /tmp/requirements-serve.txt

FROM ${BASE}
COPY --from=build /opt/imagesearch /opt/imagesearch
WORKDIR /srv
COPY wsgi.py gunicorn.conf.py ./
COPY app app
COPY static static
COPY templates templates
COPY model model
ENV PATH=/opt/imagesearch/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    IMAGESEARCH_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["gunicorn", "wsgi:app"]
