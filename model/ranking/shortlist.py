"""Which rows are read in full where a sketch tells most of every score: the shortlist.

It begins with the best estimates. How far estimates and scores of these differ tells down to which
estimate others may belong among the matches, and so far it is read.
"""

from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from model.ranking.interface import scored
from model.sketch import Sketch

# So many rows at least are read in full at first, and this share of a large gallery.
_SHORTEST: Final = 1024
_SHARE: Final = 1 / 256
# A page deep in the list needs this many times as long a shortlist as it has ranks.
_DEPTH: Final = 32
# It is long enough when fewer rows than this can be expected to belong among the matches and not be
# on it. The expectation is cautious: of rows expected to be missed, one in eight was, so that of 24
# matches fewer than one in a thousand is.
_MISSED: Final = 0.1
# Where it would be so large a part of the gallery, reading everything is quicker.
MOST: Final = 1 / 8
# Estimates are no nearer than float32 tells similarities.
_EXACT: Final = 1e-6
# Of a billion rows that lie so many standard deviations away, one in a hundred times one is better.
_FARTHEST: Final = 7
_STAND_FOR_ALL: Final = 16_384
# Rows that are copied at a time to be read: what fits beside a processor.
_BLOCK: Final = 1024


class Shortlist(NamedTuple):
    """rows: int64 (n,), ascending. scores: float32 (n,), of these."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]

    @classmethod
    def empty(cls) -> Self:
        """Return the one that nothing is on yet."""
        return cls(np.empty(0, np.int64), np.empty(0, np.float32))

    def nth(self, wanted: int) -> np.float32:
        """Return the score that so many reach."""
        place = len(self.scores) - wanted
        return np.float32(np.partition(self.scores, place)[place])

    def and_also(self, rows: NDArray[np.int64], scores: NDArray[np.float32]) -> "Shortlist":
        """Return a list with these, too."""
        together = np.concatenate([self.rows, rows])
        order = np.argsort(together, kind="stable")
        return Shortlist(together[order], np.concatenate([self.scores, scores])[order])


def shortlist(
    embeddings: NDArray[np.float32],
    sketch: Sketch,
    query: NDArray[np.float32],
    wanted: int,
    among: NDArray[np.int64] | None = None,
) -> Shortlist | None:
    """Return rows that hold the best `wanted`; None where all must be read.

    embeddings: float32 (N, D). query: float32 (D,). wanted: 1 or more. among: the rows that
    compete, int64, ascending; None: all.
    """
    count = len(embeddings) if among is None else len(among)
    length, most = max(_SHORTEST, int(count * _SHARE), wanted * _DEPTH), count * MOST
    if length > most:
        return None
    estimates = sketch.estimates(query)
    if among is not None:
        estimates = estimates[among]
    # Until the end, rows are told by their places among the estimates.
    sample = np.sort(estimates[:: max(1, count // _STAND_FOR_ALL)])
    least = sample[-max(1, round(len(sample) * length / count))]
    listed, places = Shortlist.empty(), np.flatnonzero(estimates >= least)
    while wanted <= len(listed.rows) + len(places) <= most:
        rows = places if among is None else among[places]
        listed = listed.and_also(places, read(embeddings, rows, query))
        errors = listed.scores - estimates[listed.rows]
        deeper = sample[_needed(sample, count, errors, listed.nth(wanted))]
        if deeper >= least:
            return listed if among is None else listed._replace(rows=among[listed.rows])
        places = np.flatnonzero((estimates >= deeper) & (estimates < least))
        least = deeper
    return None


def read(
    embeddings: NDArray[np.float32], rows: NDArray[np.int64], query: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the scores of some rows, float32 (n,)."""
    scores = np.empty(len(rows), np.float32)
    copy = np.empty((min(_BLOCK, len(rows)), embeddings.shape[1]), np.float32)
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK]
        # Other modes than "raise" need no copy of the copy; no row is beyond the last.
        np.take(embeddings, part, axis=0, out=copy[: len(part)], mode="clip")
        scores[start : start + _BLOCK] = scored(copy[: len(part)], query)
    return scores


def _needed(
    sample: NDArray[np.float32], count: int, errors: NDArray[np.float32], last: np.float32
) -> int:
    """Return the place below which fewer than `_MISSED` rows can be expected to be matches.

    sample: estimates that stand for `count`, ascending. errors: of estimates that were looked at,
    taken as normally distributed. last: the lowest score of a match. The share of a normal
    distribution beyond x is at most exp(-x^2 / 2) / (x sqrt(2 pi)).
    """
    usual, spread = last - errors.mean(), max(float(errors.std()), _EXACT)
    first = int(np.searchsorted(sample, usual - _FARTHEST * spread))
    x = np.maximum((usual - sample[first:]) / spread, 1)
    missed = np.cumsum(np.exp(-x * x / 2) / (x * np.sqrt(2 * np.pi))) * count / len(sample)
    return min(first + int(np.searchsorted(missed, _MISSED)), len(sample) - 1)
