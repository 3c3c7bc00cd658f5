"""The embedded index: embeddings ranked by cosine distance, in NumPy, at the speed of memory.

Up to a million pictures no approximate index earns its keep. `np.vecdot` reads the embeddings once
and writes one number for each; `norm(X - q)` would write and read them again, and `X @ q` computes
the same at a third of the speed. A large gallery has a `Sketch` (model/sketch.py), which chooses
the rows that are read in full (model/ranking/shortlist.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.facets import Facets
from model.ranking.interface import Catalogue, Index, Item, Listing, Matches, scored, spread
from model.ranking.shortlist import MOST, Shortlist, read, shortlist
from model.selection import Selection
from model.sketch import Sketch

# To find the best of so many groups, so many times as many rows are looked at first.
_EACH: Final = 4


class Ranking(Index):
    """An index of embeddings, float32 (N, D) of unit length, in this process or mapped into it.

    It never changes: `add` and `remove` return another, whose arrays a new generation of a bundle
    can take in. catalogue: what is known of the pictures; without it, none can be removed.
    """

    def __init__(
        self,
        embeddings: NDArray[np.float32],
        sketch: Sketch | None = None,
        catalogue: Catalogue | None = None,
    ) -> None:
        self._embeddings = embeddings
        self.sketch = sketch
        self._catalogue = catalogue or Listed(())

    @property
    def count(self) -> int:
        """How many pictures are ranked."""
        return len(self._embeddings)

    @property
    def filters(self) -> Facets:
        """What the catalogue tells."""
        return self._catalogue.facets

    @property
    def embeddings(self) -> NDArray[np.float32]:
        """What is ranked, float32 (N, D)."""
        return self._embeddings

    @property
    def identifiers(self) -> list[str]:
        """The ids of the rows, in their order."""
        return self._catalogue.identifiers()

    @property
    def sampled(self) -> NDArray[np.float32]:
        """Some thousand rows."""
        part: NDArray[np.float32] = self._embeddings[:: spread(self.count).step]
        return part

    def vectors(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Read some rows."""
        vectors: NDArray[np.float32] = self._embeddings[list(rows)]
        return vectors

    def scores(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine similarity of `query`, float32 (D,), with every row: float32 (N,)."""
        return scored(self._embeddings, query)

    def whole(self, query: NDArray[np.float32], *, without: int | None = None) -> Listing:
        """Score every row once, for all parts."""
        return partial(_part, self.scores(query), without=without)

    def add(self, items: Iterable[Item]) -> "Ranking":
        """Return an index whose last rows are these pictures; what it keeps is not sketched anew.

        Titles, words and groups belong to the records, which a bundle keeps beside it.
        """
        new = {item.id: item.embedding for item in items}
        kept = self.remove(new)
        added = np.stack(list(new.values())) if new else kept.embeddings[:0]
        embeddings = np.concatenate([kept.embeddings, added])
        sketch = kept.sketch.extended(added) if kept.sketch else Sketch.of(embeddings)
        return Ranking(embeddings, sketch, Listed((*kept.identifiers, *new)))

    def remove(self, identifiers: Iterable[str]) -> "Ranking":
        """Return an index without these pictures; the others keep their order."""
        gone = self._catalogue.rows(list(identifiers)).values()
        kept = np.delete(np.arange(self.count), list(gone))
        sketch = self.sketch and self.sketch.part(kept)
        left = np.asarray(self.identifiers, object)[kept] if len(self.identifiers) else ()
        return Ranking(self._embeddings[kept], sketch, Listed(tuple(left)))

    def search(
        self,
        query: NDArray[np.float32],
        *,
        limit: int,
        offset: int = 0,
        without: int | None = None,
        among: Selection | None = None,
    ) -> Matches:
        """Read all rows, or those that the sketch chooses."""
        if among is not None:
            return self._search_among(query, among.without(without), offset, limit)
        listed = self._shortlist(query, offset + limit + 1) if limit > 0 else None
        if listed is None:
            return best(self.scores(query), limit=limit, offset=offset, without=without)
        rows, scores = listed
        if without is not None:
            rows, scores = rows[rows != without], scores[rows != without]
        return _looked_up(rows, best(scores, limit=limit, offset=offset))

    def _search_among(
        self, query: NDArray[np.float32], among: Selection, offset: int, limit: int
    ) -> Matches:
        wanted = min(offset + limit, among.count)
        deep = wanted if among.groups is None else _EACH * wanted
        listed = self._shortlist(query, deep, among.rows) if wanted else None
        found = None if listed is None else _best_of_each(*listed, among, deep)
        if found is None or len(found.rows) < wanted:
            scores = self._scores_of(among.rows, query)
            found = _best_of_each(among.rows, scores, among, deep)
            while len(found.rows) < wanted:
                found = _best_of_each(among.rows, scores, among, deep := _EACH * deep)
        return found.part(range(offset, wanted))

    def _scores_of(
        self, rows: NDArray[np.int64], query: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        if len(rows) > self.count * MOST:
            return self.scores(query)[rows]
        return read(self._embeddings, rows, query)

    def _shortlist(
        self, query: NDArray[np.float32], wanted: int, among: NDArray[np.int64] | None = None
    ) -> Shortlist | None:
        """Return rows, ascending, and their scores, that hold the best; None: all must be read."""
        if self.sketch is None:
            return None
        return shortlist(self._embeddings, self.sketch, query, wanted, among)


@dataclass(frozen=True)
class Listed:
    """A catalogue that knows ids alone, one for each row."""

    names: tuple[str, ...]

    @property
    def facets(self) -> Facets:
        """Nothing to choose by."""
        return Facets(len(self.names))

    def identifiers(self) -> list[str]:
        """Return all ids."""
        return list(self.names)

    def ids(self, rows: Sequence[int]) -> list[str]:
        """Look ids up."""
        return [self.names[row] for row in rows]

    def rows(self, identifiers: Sequence[str]) -> dict[str, int]:
        """Find rows."""
        wanted = set(identifiers)
        return {name: row for row, name in enumerate(self.names) if name in wanted}


def best(
    scores: NDArray[np.float32], *, limit: int, offset: int = 0, without: int | None = None
) -> Matches:
    """Order scores, float32 (N,), from the highest; equal scores keep the order of their rows.

    Only the part asked for is sorted: the rest is set aside in linear time.
    """
    if without is not None:
        scores = scores.copy()
        scores[without] = -np.inf
    wanted = min(offset + limit, len(scores) - (without is not None))
    if wanted <= 0:
        none = np.empty(0, np.float32)
        return Matches(np.empty(0, np.int64), none, none)
    if wanted < len(scores):
        # All rows as good as the last one wanted: ties at the border must not depend on luck.
        threshold = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        candidates = np.flatnonzero(scores >= threshold)
    else:
        candidates = np.arange(len(scores))
    order = np.argsort(-scores[candidates], kind="stable")
    rows = candidates[order][offset:wanted].astype(np.int64)
    return Matches.of(rows, scores[rows])


def _part(
    scores: NDArray[np.float32], *, limit: int, offset: int = 0, without: int | None = None
) -> Matches:
    """Like `best`; the last ranks are found from their end, for all others lie before them."""
    others = len(scores) - (without is not None)
    if offset + limit < others or 2 * offset < others:
        return best(scores, limit=limit, offset=offset, without=without)
    last = None if without is None else len(scores) - 1 - without
    backwards = best(-scores[::-1], limit=others - offset, without=last)
    rows = len(scores) - 1 - backwards.rows[::-1]
    return Matches.of(rows, scores[rows])


def _best_of_each(
    rows: NDArray[np.int64], scores: NDArray[np.float32], among: Selection, deep: int
) -> Matches:
    """Order the best `deep` of some rows, and keep of each group the first."""
    found = _looked_up(rows, best(scores, limit=deep))
    places = among.first_places(found.rows)
    return Matches(found.rows[places], found.distances[places], found.scores[places])


def _looked_up(rows: NDArray[np.int64], found: Matches) -> Matches:
    """Turn places in a list of rows into those rows."""
    return Matches(rows[found.rows], found.distances, found.scores)
