"""Encodes with Keras on demand: `python -m benchmarks.others.keras_encoder BUNDLE`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

from benchmarks.measure import milliseconds
from benchmarks.others.network import encoder_in
from benchmarks.worker import serve


def main() -> None:
    """Answer {"method": NAME} with milliseconds, and {"files": [...]} with seconds for all."""
    encoder = encoder_in(Path(sys.argv[1]))
    methods = _methods(encoder)

    def answer(question: Any) -> float:
        if "files" in question:
            return milliseconds(lambda: _index(encoder, question["files"]))() / 1000
        return milliseconds(methods[question["method"]])()

    serve(answer)


def _methods(encoder: Any) -> dict[str, Callable[[], object]]:
    pixels = np.random.default_rng(0).uniform(-1, 1, (1, 256, 256, 3)).astype(np.float32)
    compiled = tf.function(encoder)
    tensor = tf.constant(pixels)
    return {
        "model.predict(x)": lambda: encoder.predict(pixels, verbose=0),
        "model(x)": lambda: encoder(pixels).numpy(),
        "tf.function(model)(x)": lambda: compiled(tensor).numpy(),
    }


def _index(encoder: Any, files: list[str]) -> None:
    """Encode one picture after the other, fully decoded, as a first script would."""
    for file in files:
        with Image.open(file) as image:
            square = image.convert("RGB").resize((256, 256))
        pixels = np.asarray(square, np.float32)[np.newaxis] / 127.5 - 1
        encoder.predict(pixels, verbose=0)


if __name__ == "__main__":
    main()
