"""The encoder of a bundle's checkpoint, as Keras runs it."""

from pathlib import Path
from typing import Any

import keras

from model.bundle import read_manifest


def encoder_in(bundle: Path) -> Any:
    """Return the Keras model: float32 (B, 256, 256, 3) in [-1, 1] to code (B, 4, 4, 512)."""
    manifest = read_manifest(bundle)
    network: Any = keras.saving.load_model(
        bundle / manifest.files["checkpoint"].name, compile=False
    )
    return network.get_layer("encoder")
