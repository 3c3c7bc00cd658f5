"""Similarity in words: how far a match stands out from everything else in the gallery.

A cosine means nothing to a person, and one fixed limit fails: the same value is a find for one
query and chance for another. So each query is measured against its own background: the median of
its similarities to the whole gallery, and their spread (the median absolute deviation, which the
few real matches cannot distort).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

# With fewer pictures than this there is no background to stand out from.
_FEWEST: Final = 8
# The standard deviation of a normal distribution is 1.4826 times its median absolute deviation.
_NORMAL: Final = 1.4826
# A background narrower than this is a gallery of near copies: then everything is close, truly.
_NARROWEST: Final = 0.01
# What counts as a background in a gallery too small to have one.
_ASSUMED: Final = (0.2, 0.2)

# Standard deviations above the background. By chance alone one picture in 25 is beyond 1.75, one in
# 340 beyond 2.75, one in 30,000 beyond 4.
_WORDS: Final = ((4.0, "very similar"), (2.75, "similar"), (1.75, "loosely similar"))
_BEYOND: Final = "hardly similar"
# The bar is full where nobody would doubt any more, and never quite empty.
_FULL: Final = 5.0
_SHORTEST: Final = 0.03

# Float32 dot products of equal vectors differ from 1 by less than this.
_SAME: Final = 0.9999


class Likeness(NamedTuple):
    """word: what a person reads. strength: the length of its bar, 0 to 1."""

    word: str
    strength: float


class Background(NamedTuple):
    """The middle and the spread of one query's similarities to the whole gallery."""

    middle: float
    spread: float

    def likeness(self, similarity: float) -> Likeness:
        """Say how much a cosine similarity, -1 to 1, stands out."""
        if similarity >= _SAME:
            return Likeness(_WORDS[0][1], 1.0)
        distinct = (similarity - self.middle) / self.spread
        word = next((word for least, word in _WORDS if distinct >= least), _BEYOND)
        return Likeness(word, float(np.clip(distinct / _FULL, _SHORTEST, 1.0)))


def background(scores: NDArray[np.float32]) -> Background:
    """Measure the background of a query from its similarities to many pictures, float32 (N,).

    A few thousand give a median that is right to a fiftieth of the spread.
    """
    if len(scores) < _FEWEST:
        return Background(*_ASSUMED)
    middle = float(np.median(scores))
    spread = _NORMAL * float(np.median(np.abs(scores - middle)))
    return Background(middle, max(spread, _NARROWEST))
