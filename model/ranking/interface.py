"""What an index of embeddings does, wherever they lie."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from model.command import CommandError
from model.facets import Facets
from model.selection import Selection

Vector = NDArray[np.float32]


class IndexUnavailable(CommandError):
    """An index that cannot be asked now; its text tells an operator what, why and what to do."""


class Matches(NamedTuple):
    """The nearest rows first. rows: int64 (n,). distances: float32 (n,), 0 (same) to 2.

    scores: float32 (n,), what they are ordered by, from the highest: here the cosine similarity.
    """

    rows: NDArray[np.int64]
    distances: NDArray[np.float32]
    scores: NDArray[np.float32]

    @classmethod
    def of(cls, rows: NDArray[np.int64], scores: NDArray[np.float32]) -> Self:
        """Return matches with the distances that belong to cosine similarities."""
        return cls(rows, np.clip(1 - scores, 0, 2).astype(np.float32), scores)

    def then(self, others: Self) -> Self:
        """Return these matches and, after them, others."""
        rows = np.concatenate([self.rows, others.rows])
        return type(self).of(rows, np.concatenate([self.scores, others.scores]))

    def part(self, places: range) -> Self:
        """Return the matches of these places, from 0."""
        part = slice(places.start, places.stop)
        return type(self)(self.rows[part], self.distances[part], self.scores[part])


class Item(NamedTuple):
    """What an index keeps of one picture.

    embedding: float32 (D,), unit length. words, group and day: what it can be chosen by
    (`facets.words_of`, `Record.group`, `facets.day`).
    """

    id: str
    embedding: Vector
    words: tuple[str, ...] = ()
    group: str = ""
    day: int = 0


class Catalogue(Protocol):
    """What an index must know of its pictures beside the embeddings; a `Gallery` knows it."""

    @property
    def facets(self) -> Facets:
        """What the pictures can be chosen by."""

    def identifiers(self) -> list[str]:
        """Return the id of every row, in their order."""

    def ids(self, rows: Sequence[int]) -> list[str]:
        """Return the ids of some rows, in the order asked for."""

    def rows(self, identifiers: Sequence[str]) -> dict[str, int]:
        """Return the rows of those ids that are known."""


class Listing(Protocol):
    """A whole ranked list, of which any part can be had."""

    def __call__(self, *, limit: int, offset: int = 0) -> Matches:
        """Return the matches `offset` to `offset + limit`."""


class Index(ABC):
    """The embeddings of a gallery, ready to rank: rows 0 to N - 1, as its records have them.

    Whatever asks for embeddings may raise IndexUnavailable where they do not lie in this process.
    """

    @property
    @abstractmethod
    def count(self) -> int:
        """N, how many pictures are ranked."""

    @property
    @abstractmethod
    def filters(self) -> Facets:
        """What pictures can be chosen by; `search` takes what was chosen as a `Selection`."""

    @abstractmethod
    def search(
        self,
        query: Vector,
        *,
        limit: int,
        offset: int = 0,
        without: int | None = None,
        among: Selection | None = None,
    ) -> Matches:
        """Return the matches `offset` to `offset + limit` of the query, float32 (D,).

        without: a row that is not wanted, such as the query's own. among: which rows compete; of
        each group its best one, where the selection wants groups. Nothing else is left out: there
        are `limit` matches as long as so many exist. Equal scores keep the order of their rows.
        """

    @abstractmethod
    def whole(self, query: Vector, *, without: int | None = None) -> Listing:
        """Return the whole list of a query, for who wants several parts of it, far ones too."""

    @property
    @abstractmethod
    def sampled(self) -> Vector:
        """The embeddings of some thousand rows, evenly spread: float32 (n, D)."""

    def sample(self, query: Vector) -> NDArray[np.float32]:
        """Return the scores of the sampled rows: what is usual for this query."""
        return scored(self.sampled, query)

    @abstractmethod
    def vectors(self, rows: Sequence[int]) -> Vector:
        """Return the stored embeddings of some rows, float32 (n, D)."""

    def embedding(self, row: int) -> Vector:
        """Return the stored embedding of a row, float32 (D,)."""
        embedding: Vector = self.vectors([row])[0]
        return embedding

    @abstractmethod
    def add(self, items: Iterable[Item]) -> "Index":
        """Return the index with these pictures, in the place of those with the same ids."""

    @abstractmethod
    def remove(self, identifiers: Iterable[str]) -> "Index":
        """Return the index without these pictures; ids that it does not have are none."""

    def trouble(self) -> str:
        """Return why the index cannot be asked now, or ""."""
        return ""

    def note(self) -> str:
        """Return what an operator should do about an index that can be asked, or ""."""
        return ""


def scored(embeddings: Vector, query: Vector) -> NDArray[np.float32]:
    """Return the dot product of a query, float32 (D,), with every embedding: float32 (N,)."""
    scores: NDArray[np.float32] = np.vecdot(embeddings, query)
    return scores


def spread(count: int, most: int = 4096) -> range:
    """Return at most so many of `count` rows, evenly spread, that stand for all of them."""
    return range(0, count, -(-count // most) or 1)
