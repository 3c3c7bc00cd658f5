"""Similarity in words: by how rare it is that a picture of something else comes this close.

Each query is measured against its own background: the median of its similarities to the whole
gallery, and their spread (the median absolute deviation, which the few real matches cannot
distort). How far a picture of something else stands out from such a background was measured on
photographs; `model/calibration.py` keeps the curve, docs/figures/calibration.md says how it was
found and how well it holds on pictures that it was not made from.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.calibration import RARITIES, USUAL, Calibration
from model.sentences import N_

# With fewer pictures than this there is no background to stand out from.
_FEWEST: Final = 8
# The standard deviation of a normal distribution is 1.4826 times its median absolute deviation.
_NORMAL: Final = 1.4826
# A background narrower than this is a gallery of near copies: then everything is close, truly.
_NARROWEST: Final = 0.01
# What counts as a background in a gallery too small to have one.
_ASSUMED: Final = (0.2, 0.1)

# Of so many pictures of something else, one at most is as close. Rarer than the last is never told.
WORDS: Final = (
    (3_000, N_("very similar")),
    (300, N_("similar")),
    (30, N_("loosely similar")),
)
_BEYOND: Final = N_("hardly similar")
_RAREST: Final = 1 / RARITIES[-1]
_DECADES: Final = np.log10(RARITIES)
# The bar grows by a quarter with each factor of ten, and is never quite empty.
_FULL: Final = 4.0
_SHORTEST: Final = 0.03

# Float32 dot products of equal vectors differ from 1 by less than this.
_SAME: Final = 0.9999


class Likeness(NamedTuple):
    """word: what a person reads, in English. strength: the length of its bar, 0 to 1.

    chance: that a picture of something else would be this close, above 0, at most 1.
    """

    word: str
    strength: float
    chance: float

    @property
    def weak(self) -> bool:
        """Whether it is no more than chance brings."""
        return self.word == _BEYOND

    def unlike(self) -> "Likeness":
        """Return it for a match of a picture that nothing in the gallery looks like.

        The chance stays: in a gallery of thousands, something is always one in a thousand.
        """
        return self._replace(word=_BEYOND, strength=_SHORTEST)


class Background(NamedTuple):
    """The middle and the spread of one query's similarities to the whole gallery.

    distinct: how far above the middle pictures of something else lie, as a calibration tells it.
    """

    middle: float
    spread: float
    distinct: tuple[float, ...] = USUAL

    def likeness(self, similarity: float) -> Likeness:
        """Say how much a cosine similarity, -1 to 1, stands out."""
        if similarity >= _SAME:
            return Likeness(WORDS[0][1], 1.0, _RAREST)
        decades = self._decades((similarity - self.middle) / self.spread)
        word = next((word for rarity, word in WORDS if 10**decades >= rarity), _BEYOND)
        return Likeness(word, float(np.clip(decades / _FULL, _SHORTEST, 1.0)), 10**-decades)

    def _decades(self, distinct: float) -> float:
        """Return the logarithm of how many pictures of something else there are to one of these."""
        return float(np.interp(distinct, self.distinct, _DECADES))


def background(scores: NDArray[np.float32], calibration: Calibration | None = None) -> Background:
    """Measure the background of a query from its similarities to many pictures, float32 (N,).

    A few thousand give a median that is right to a fiftieth of the spread. Without a calibration
    the curve of the bundle that ships is taken.
    """
    distinct = USUAL if calibration is None else calibration.distinct
    if len(scores) < _FEWEST:
        return Background(*_ASSUMED, distinct)
    middle = float(np.median(scores))
    spread = _NORMAL * float(np.median(np.abs(scores - middle)))
    return Background(middle, max(spread, _NARROWEST), distinct)
