"""Near copies: pictures that differ by size, compression or a little light.

A 64-bit difference hash (N. Krawetz, 2013): of a grey picture of 9x8 cells, whether each is
brighter than its right neighbour. Two pictures are near copies where at most six bits differ.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NEAR: Final = 6  # bits
_COLUMNS, _ROWS = 9, 8

Pixels = NDArray[np.uint8]
Hashes = NDArray[np.bool_]


def difference_hashes(pixels: Pixels) -> Hashes:
    """Return the hashes of uint8 (B, 256, 256, 3) RGB pictures, bool (B, 64)."""
    return np.stack([_hash(picture) for picture in pixels])


def near(hashes: Hashes, others: Hashes) -> NDArray[np.bool_]:
    """Tell of each hash, bool (N, 64), whether it is a near copy of any other, bool (M, 64)."""
    ours, theirs = hashes.astype(np.float32), others.astype(np.float32)
    differing = ours.sum(axis=1)[:, None] + theirs.sum(axis=1)[None] - 2 * ours @ theirs.T
    return np.asarray((differing <= NEAR).any(axis=1), np.bool_)


def packed(hashes: Hashes) -> NDArray[np.uint8]:
    """Return hashes, bool (N, 64), as they are kept: uint8 (N, 8)."""
    return np.packbits(hashes, axis=1)


def unpacked(kept: NDArray[np.uint8]) -> Hashes:
    """Return what `packed` was given."""
    return np.unpackbits(kept, axis=1).astype(np.bool_)


def _hash(picture: Pixels) -> Hashes:
    grey = Image.fromarray(picture).convert("L")
    cells = np.asarray(grey.resize((_COLUMNS, _ROWS), Image.Resampling.LANCZOS), np.int16)
    return np.asarray(cells[:, :-1] > cells[:, 1:], np.bool_).ravel()
