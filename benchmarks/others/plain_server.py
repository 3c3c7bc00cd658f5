"""A server as tutorials write it: Keras predicts, NumPy sorts every distance.

It answers with row numbers only, and reads the same checkpoint as ours; its embeddings are random,
as many as the bundle has. Run by gunicorn: `benchmarks.others.plain_server:app`.
"""

import io
import os
from pathlib import Path

import numpy as np
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from PIL import Image

from benchmarks.others.network import encoder_in
from model.bundle import read_manifest

app = Flask(__name__)

_bundle = Path(os.environ["PLAIN_BUNDLE"])
_manifest = read_manifest(_bundle)
_encoder = encoder_in(_bundle)
_count = _manifest.gallery.count if _manifest.gallery else 0
_size = int(np.prod(_manifest.model.code_shape))
_embeddings = np.random.default_rng(0).random((_count, _size), np.float32)


@app.post("/search")
def search() -> ResponseReturnValue:
    """Rank everything by its distance to the picture in the body."""
    image = Image.open(io.BytesIO(request.get_data())).convert("RGB").resize((256, 256))
    pixels = np.asarray(image, np.float32)[np.newaxis] / 127.5 - 1
    query = _encoder.predict(pixels, verbose=0).reshape(-1)
    distances = np.linalg.norm(_embeddings - query, axis=1)
    nearest = np.argsort(distances)[:24]
    return jsonify(rows=nearest.tolist(), distances=distances[nearest].tolist())
