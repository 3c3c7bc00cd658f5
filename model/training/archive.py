"""What a bundle's checkpoint holds beside the network; to read it takes no TensorFlow."""

import io
import zipfile
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

PROJECTION: Final = "projection.npz"


def read_projection(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Return the mean (F,) and matrix (F, D) in a checkpoint file; None where it has none."""
    with zipfile.ZipFile(path) as archive:
        if PROJECTION not in archive.namelist():
            return None
        with np.load(io.BytesIO(archive.read(PROJECTION))) as arrays:
            return arrays["mean"], arrays["matrix"]
