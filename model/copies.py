"""Near copies: pictures that differ by size, compression or a little light.

Two hashes tell them. Of training pictures a bundle keeps a 64-bit difference hash (N. Krawetz,
2013): of a grey picture of 9x8 cells, whether each is brighter than its right neighbour. Two are
near copies where at most six bits differ, which is right often enough to leave one out too many.

To say of two pictures of a gallery that they are the same takes more. So an index keeps a signature
of each. Its hash of 256 bits is which of the 16x16 lowest coefficients of the cosine transform of a
grey 32x32 picture lie above their median, as in C. Zauner, "Implementation and Benchmarking of
Perceptual Image Hash Functions", 2010, who took 8x8. The average colours of 4x4 places beside it
tell apart what differs in colour alone. docs/figures/copies.md has what was measured.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.hamming import Words, differing

NEAR: Final = 6  # bits
_COLUMNS, _ROWS = 9, 8

SAME: Final = 31  # bits
# Above the median by this many grey levels: what is zero but for rounding must not decide a bit.
_MARGIN: Final = 1.0
# Fewer bits than this are set of drawings in a few flat colours, and many different ones share
# them. Of photographs and rendered pictures 98 and more are.
_TELLING: Final = 90
_SIDE, _LOWEST = 32, 16
# Levels of 255 that each colour of a place may differ by: a tenth brighter is 25.
_COLOUR: Final = 32
_PLACES: Final = 4
_HASH: Final = _LOWEST * _LOWEST // 64
WORDS: Final = _HASH + _PLACES * _PLACES * 3 // 8

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


def signature(pixels: Pixels) -> Words:
    """Return what tells copies of a picture, uint8 (256, 256, 3) RGB, as it is kept: uint64 (10,).

    The hash takes the first four, the colours the others.
    """
    picture = Image.fromarray(pixels)
    grey = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    waves = _waves()
    coefficients = (waves @ np.asarray(grey, np.float32) @ waves.T).ravel()
    # The first is the average, which is far from all others and says only how bright it is.
    bits = coefficients > np.median(coefficients[1:]) + _MARGIN
    colours = np.asarray(picture.resize((_PLACES, _PLACES), Image.Resampling.BOX), np.uint8)
    return np.concatenate([np.packbits(bits), colours.ravel()]).view(np.uint64)


def hash_of(signatures: Words) -> Words:
    """Return the hashes, uint64 (..., 4), of signatures, uint64 (..., 10)."""
    return signatures[..., :_HASH]


def telling(signatures: Words) -> NDArray[np.bool_]:
    """Tell of signatures, uint64 (..., 10), whether there is enough to tell their pictures by.

    Of a blank page or a drawing in a few flat colours nothing is said.
    """
    hashes = hash_of(signatures)
    return np.asarray(differing(hashes, np.zeros_like(hashes)) >= _TELLING, np.bool_)


def same_picture(signatures: Words, others: Words) -> NDArray[np.bool_]:
    """Tell of signatures, uint64 (..., 10) each, whether they are of one picture, bool (...)."""
    close = differing(hash_of(signatures), hash_of(others)) <= SAME
    ours, theirs = _colours(signatures), _colours(others)
    alike = np.abs(ours - theirs).max(axis=-1) <= _COLOUR
    return np.asarray(close & alike & telling(signatures) & telling(others), np.bool_)


def _colours(signatures: Words) -> NDArray[np.int16]:
    """Return the colours of signatures, uint64 (..., 10): int16 (..., 48)."""
    kept = np.ascontiguousarray(signatures[..., _HASH:])
    return kept.view(np.uint8).astype(np.int16)


@cache
def _waves() -> NDArray[np.float32]:
    """Return the lowest waves of the orthonormal cosine transform (DCT-II), float32 (16, 32)."""
    places = (np.arange(_SIDE) + 0.5) * np.pi / _SIDE
    waves: NDArray[np.float64] = np.cos(np.arange(_LOWEST)[:, np.newaxis] * places)
    waves *= np.sqrt(2 / _SIDE)
    waves[0] /= np.sqrt(2)
    return waves.astype(np.float32)
