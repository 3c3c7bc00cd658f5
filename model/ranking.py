"""Exact ranking of embeddings by cosine distance, in NumPy.

Up to a million pictures no approximate index earns its keep: one matrix-vector product reads the
embeddings once, at the speed of memory. `norm(X - q)` would write and read them again: 16 times
slower.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Matches(NamedTuple):
    """The nearest rows first. rows: int64 (n,). distances: float32 (n,), 0 (same) to 2."""

    rows: NDArray[np.int64]
    distances: NDArray[np.float32]


class Ranking:
    """An index of embeddings, float32 (N, D) of unit length, ready to rank."""

    def __init__(self, embeddings: NDArray[np.float32]) -> None:
        self._embeddings = embeddings

    @property
    def count(self) -> int:
        """How many pictures are ranked."""
        return len(self._embeddings)

    def embedding(self, row: int) -> NDArray[np.float32]:
        """Return the stored embedding of a row, float32 (D,)."""
        embedding: NDArray[np.float32] = self._embeddings[row]
        return embedding

    def scores(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine similarity of `query`, float32 (D,), with every row: float32 (N,)."""
        scores: NDArray[np.float32] = self._embeddings @ query
        return scores

    def search(self, query: NDArray[np.float32], *, limit: int, offset: int = 0) -> Matches:
        """Return the matches `offset` to `offset + limit` of the query, float32 (D,)."""
        return best(self.scores(query), limit=limit, offset=offset)


def best(scores: NDArray[np.float32], *, limit: int, offset: int = 0) -> Matches:
    """Order scores, float32 (N,), from the highest; equal scores keep the order of their rows.

    Only the part asked for is sorted: the rest is set aside in linear time.
    """
    wanted = min(offset + limit, len(scores))
    if wanted <= 0:
        return Matches(np.empty(0, np.int64), np.empty(0, np.float32))
    if wanted < len(scores):
        # All rows as good as the last one wanted: ties at the border must not depend on luck.
        threshold = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        candidates = np.flatnonzero(scores >= threshold)
    else:
        candidates = np.arange(len(scores))
    order = np.argsort(-scores[candidates], kind="stable")
    rows = candidates[order][offset:wanted].astype(np.int64)
    distances = np.clip(1 - scores[rows], 0, 2).astype(np.float32)
    return Matches(rows, distances)
