"""What similarities are worth: how rare a closeness is, and where "nothing looks like it" begins.

A cosine means nothing to a person, and one fixed limit fails: the same value is a find for one
query and chance for another. So similarities are held against two backgrounds.

- The query's own: the middle and the spread of its similarities to the gallery. How far pictures of
  something else stand out from it was measured; `distinct` keeps that as one curve.
- Pictures in general: the directions in which embeddings of any photographs lie together. A picture
  belongs to a gallery when it is closer to it than to them. Closeness to the gallery alone tells
  hardly more than how sharp a picture is: docs/figures/calibration.md has the figures of both.

`python -m benchmarks.calibration` makes a calibration. It belongs to an encoder, not to a gallery:
what depends on the gallery is found when it is opened.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

# Of so many pictures of something else, one is as distinct as `Calibration.distinct` says.
RARITIES: Final = (1, 2, 4, 10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000)
# The curve of the bundle that ships, for bundles that have none of their own.
USUAL: Final = (-4.4, 0.0, 0.72, 1.48, 2.33, 3.28, 4.17, 5.16, 6.08, 7.12, 9.16, 11.3)

# A picture whose longer side has fewer pixels is blurred when it is enlarged to be encoded.
SMALL: Final = 192
# With fewer pictures, a gallery tells too little of itself for "nothing" to be said.
FEWEST: Final = 20

# How many matches, and how many general directions, the mean similarity is of. More matches tell
# no better, and a small gallery has no more of one thing.
NEAREST: Final = 5
_DIRECTIONS: Final = 4
# What is as similar as this is a part or a copy of the very picture, and surely something.
_PART: Final = 0.85
# Of the gallery's own pictures, seen as queries, no more than this share may be nothing.
_STRANGERS: Final = 0.05
_ROWS: Final = 4_096
_QUERIES: Final = 128


@dataclass(frozen=True)
class Calibration:
    """centres: float32 (K, D), unit length: where embeddings of pictures in general lie together.

    distinct: for each of `RARITIES`, how many spreads above the middle one picture of something
    else lies. least: how much closer to a gallery than to the centres a picture of its subject is,
    at the least; and the same of a small picture.
    """

    centres: NDArray[np.float32]
    distinct: tuple[float, ...]
    least: tuple[float, float]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote. Raises ValueError for anything else, and OSError."""
        with np.load(path) as kept:
            if not {"centres", "distinct", "least"} <= set(kept.files):
                raise ValueError("a part of it is missing")
            usual, small = kept["least"].tolist()
            return cls(kept["centres"], tuple(kept["distinct"].tolist()), (usual, small))

    def save(self, path: Path) -> None:
        """Write it; the same calibration gives the same bytes."""
        with path.open("wb") as file:
            np.savez(
                file,
                centres=self.centres,
                distinct=np.array(self.distinct),
                least=np.array(self.least),
            )

    def closer(
        self, embeddings: NDArray[np.float32], similarities: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return how much closer pictures are to a gallery than to pictures in general: (B,).

        embeddings: float32 (B, D). similarities: to the gallery, float32 (B, N).
        """
        general = _mean_of_highest(embeddings @ self.centres.T, _DIRECTIONS)
        return _mean_of_highest(similarities, NEAREST) - general


class Border:
    """Where "nothing looks like it" begins in one gallery.

    A picture from outside is nothing when it is less close than pictures of the gallery's subject
    were found to be, and also less close than nearly all pictures of this gallery are to the others
    in it: a gallery of many subjects is hard to be a stranger to.
    """

    def __init__(self, calibration: Calibration, embeddings: NDArray[np.float32]) -> None:
        """embeddings: float32 (N, D), at least `FEWEST`."""
        self._calibration = calibration
        self._own = _own(calibration, embeddings)

    def beyond(
        self, embedding: NDArray[np.float32], nearest: NDArray[np.float32], *, small: bool
    ) -> bool:
        """Whether nothing looks like a picture, float32 (D,).

        nearest: its similarities to the nearest of the gallery, from the highest, at least five.
        """
        if nearest[0] >= _PART:
            return False
        closer = self._calibration.closer(embedding[np.newaxis], nearest[np.newaxis])[0]
        return bool(closer < min(self._calibration.least[small], self._own))


def _own(calibration: Calibration, embeddings: NDArray[np.float32]) -> float:
    """Return how close nearly all pictures of a gallery are to the others: of a part, if large.

    The nearest of a part are farther away than those of all: a large gallery seems wider than it
    is, and "nothing" is said of it less often.
    """
    part = np.asarray(embeddings[:: -(-len(embeddings) // _ROWS)])
    rows = np.arange(0, len(part), -(-len(part) // _QUERIES))
    similarities = part[rows] @ part.T
    similarities[np.arange(len(rows)), rows] = -1.0
    return float(np.quantile(calibration.closer(part[rows], similarities), _STRANGERS))


def _mean_of_highest(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    count = min(count, values.shape[1])
    highest = np.partition(values, values.shape[1] - count, axis=1)[:, -count:]
    return np.asarray(highest.mean(axis=1), np.float32)
