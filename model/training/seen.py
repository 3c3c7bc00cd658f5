"""Which pictures a network has seen, told by their hashes: near copies must not measure it."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.bundle import BundleError, read_manifest
from model.copies import difference_hashes, packed
from model.training.data import Pictures
from model.training.errors import TrainingError

_BATCH: Final = 64


def hashes_of(pictures: Pictures, earlier: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return what tells near copies of these pictures, uint8 (N, 8), in no telling order.

    earlier: the same of pictures that were seen before, (M, 8).
    """
    found = packed(np.concatenate([difference_hashes(some) for some in pictures.batches(_BATCH)]))
    return np.unique(np.concatenate([found, earlier]), axis=0)


def seen_by(bundle: Path | None) -> NDArray[np.uint8]:
    """Return what a bundle tells of its training pictures, uint8 (M, 8). Raises TrainingError."""
    if bundle is None:
        return np.empty((0, 8), np.uint8)
    try:
        files = read_manifest(bundle).files
        return np.asarray(np.load(bundle / files["training-hashes"].name), np.uint8)
    except (BundleError, OSError, ValueError, KeyError) as error:
        raise TrainingError(
            f"{bundle} does not tell which pictures it has seen: {error}"
        ) from error
