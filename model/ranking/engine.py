"""The index in Milvus, a vector database for collections that outgrow one machine.

It holds embeddings, ids, and what pictures can be chosen by; records, thumbnails and the counts of
filters stay in the bundle. It searches a graph (HNSW: Y. Malkov and D. Yashunin, "Efficient and
robust approximate nearest neighbor search", 2018), so a match in a thousand may be missing.
"""

import hashlib
import itertools
import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.facets import Facets
from model.ranking.collection import Collection
from model.ranking.embedded import best
from model.ranking.interface import (
    Catalogue,
    Index,
    IndexUnavailable,
    Item,
    Listing,
    Matches,
    scored,
    spread,
)
from model.selection import Selection, Terms

# So many matches are asked for, however few are wanted: pages that lie in one step are parts of one
# list. Milvus never answers more than the last.
_STEPS: Final = (128, 512, 2048, 16_384)
# How many places of a graph are kept in sight while it is searched: so many for each match, twice
# as many in a large collection, and no more than Milvus allows. Of 100,000 synthetic embeddings in
# one graph, four let 1.3 of 100 matches be missed (`benchmarks/growth`).
_SIGHT: Final = 4
_LARGE: Final = 50_000
_MOST_SIGHT: Final = 32_768
# Equal embeddings have scores that differ by less, when they lie in different parts of an index.
_EQUAL: Final = 5e-7
# Rows that travel at a time.
BATCH: Final = 1000
# A longer word, or one with signs that no expression can hold, is kept as its hash.
LONGEST: Final = 512


class Engine(Index):
    """A collection as an index of pictures whose rows and ids the catalogue knows."""

    def __init__(
        self, collection: Collection, catalogue: Catalogue, shape: tuple[int, int]
    ) -> None:
        """shape: N and D."""
        self._collection = collection
        self._catalogue = catalogue
        self._count, self._dimensions = shape
        self._lock = threading.Lock()
        self._sampled: tuple[NDArray[np.int64], NDArray[np.float32]] | None = None

    @property
    def count(self) -> int:
        """How many pictures the bundle has."""
        return self._count

    @property
    def filters(self) -> Facets:
        """What the bundle tells; the collection holds the same words, for searching."""
        return self._catalogue.facets

    @property
    def sampled(self) -> NDArray[np.float32]:
        """Some thousand embeddings, fetched once."""
        return self._sample()[1]

    def trouble(self) -> str:
        """Look at the collection."""
        return self._collection.trouble()

    def note(self) -> str:
        """Say where the bundle has changed since the collection was filled."""
        return self._collection.note()

    def vectors(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Fetch some embeddings. Raises IndexUnavailable where the collection lacks one."""
        ids = self._catalogue.ids(rows)
        known = {item.id: item.embedding for item in self.items(ids)}
        if not known.keys() >= set(ids):
            raise IndexUnavailable(f"{self._collection.address} lacks a picture. {self.note()}")
        return self._stacked([known[each] for each in ids])

    def search(
        self,
        query: NDArray[np.float32],
        *,
        limit: int,
        offset: int = 0,
        without: int | None = None,
        among: Selection | None = None,
    ) -> Matches:
        """Ask the collection; the words that were chosen narrow what it looks at."""
        others = self._count - (without is not None)
        wanted = min(offset + limit, others if among is None else among.without(without).count)
        own = [] if without is None else self._catalogue.ids([without])
        found = self._nearest(query, wanted, among, own) if wanted > offset else _NOTHING
        return found.part(range(offset, wanted))

    def whole(self, query: NDArray[np.float32], *, without: int | None = None) -> Listing:
        """Find the nearest as `search` does, the farthest as what is nearest to the opposite.

        What lies farther than a search reaches stands for others of its share of the gallery.
        """
        return partial(self._part, query, without=without)

    def add(self, items: Iterable[Item]) -> "Engine":
        """Write these pictures, and wait until they are seen."""
        self.write(items)
        self.settle()
        return self

    def remove(self, identifiers: Iterable[str]) -> "Engine":
        """Delete these pictures, and wait until they are not seen any more."""
        self.delete(identifiers)
        self.settle()
        return self

    def write(self, items: Iterable[Item]) -> None:
        """Write pictures, which will be seen within a second or so."""
        for batch in batches(items, BATCH):
            self._collection.ask("upsert", data=[_row(item) for item in batch])

    def delete(self, identifiers: Iterable[str]) -> None:
        """Delete pictures, which will be seen a second longer or so."""
        for batch in batches(identifiers, BATCH):
            self._collection.ask("delete", ids=batch)

    def settle(self) -> int:
        """Wait until all that anybody has written is seen, and return how many pictures there are.

        A `Session` would see what it wrote, but not what it deleted.
        """
        counted = self._collection.ask(
            "query", output_fields=["count(*)"], consistency_level="Strong"
        )
        return int(counted[0]["count(*)"])

    def items(self, identifiers: Iterable[str]) -> Iterator[Item]:
        """Yield those of these pictures that the collection has, in any order."""
        return map(item_of, self.stored(identifiers, "*"))

    def stored(self, identifiers: Iterable[str], *fields: str) -> Iterator[dict[str, Any]]:
        """Yield fields of those of these pictures that the collection has, in any order."""
        for batch in batches(identifiers, BATCH):
            yield from self._collection.ask("query", ids=batch, output_fields=list(fields))

    def listed(self, *fields: str) -> Iterator[dict[str, Any]]:
        """Yield id and other fields of everything in the collection, in the order of the ids.

        What was written since it last settled may be missing.
        """
        last = ""
        while True:
            page: list[dict[str, Any]] = self._collection.ask(
                "query",
                filter=f'id > "{last}"',
                output_fields=["id", *fields],
                limit=BATCH,
                consistency_level="Eventually",
            )
            if not page:
                return
            yield from sorted(page, key=lambda row: str(row["id"]))
            last = max(row["id"] for row in page)

    def _stacked(self, vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.asarray(vectors, np.float32).reshape(len(vectors), self._dimensions)

    def _part(
        self, query: NDArray[np.float32], *, limit: int, offset: int = 0, without: int | None
    ) -> Matches:
        others = self._count - (without is not None)
        if offset + limit <= _STEPS[-1] or others <= _STEPS[-1]:
            return self.search(query, limit=limit, offset=offset, without=without)
        if offset + limit >= others:
            last = self.search(-query, limit=others - offset, without=without)
            return Matches.of(last.rows[::-1], -last.scores[::-1])
        rows, vectors = self._sample()
        place = round(offset / others * len(rows))
        found = best(scored(vectors, query), limit=limit, offset=place)
        return Matches(rows[found.rows], found.distances, found.scores)

    def _sample(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        with self._lock:
            if self._sampled is None:
                rows = self._catalogue.rows(self._catalogue.ids(spread(self._count)))
                items = {rows[item.id]: item.embedding for item in self.items(rows)}
                known = sorted(items)
                vectors = self._stacked([items[row] for row in known])
                self._sampled = np.asarray(known, np.int64), vectors
            return self._sampled

    def _nearest(
        self,
        query: NDArray[np.float32],
        wanted: int,
        among: Selection | None,
        without: Sequence[str],
    ) -> Matches:
        """Return the best `wanted` or more; fewer where the collection has no more.

        Step by step more are asked for. Where that does not go on, those that were found, and their
        groups, are left out of the next question.
        """
        found = _NOTHING
        for step in [step for step in _STEPS if step >= wanted] or _STEPS[-1:]:
            found, everything = self._asked(query, step, among, without)
            if everything or (len(found.rows) > wanted and not _tied(found, wanted)):
                break
        while len(found.rows) < wanted:
            passed = [*without, *self._catalogue.ids(found.rows.tolist())]
            groups = self._groups(found, among)
            more, _ = self._asked(query, _STEPS[-1], among, passed, groups)
            if not len(more.rows):
                break
            found = found.then(more)
        return found

    def _asked(
        self,
        query: NDArray[np.float32],
        step: int,
        among: Selection | None,
        without: Sequence[str],
        groups: Sequence[str] = (),
    ) -> tuple[Matches, bool]:
        """Ask once; order what was found, equal scores by their rows; and say whether it is all."""
        hits = self._collection.ask(
            "search",
            data=[query],
            limit=step,
            filter=expression(among.terms if among else Terms(), without, groups),
            search_params={"params": {"ef": self._sight(step)}},
        )[0]
        scores = {str(hit["id"]): float(hit["distance"]) for hit in hits}
        known = self._catalogue.rows(list(scores))
        rows = np.fromiter(known.values(), np.int64, len(known))
        found = _ordered(rows, np.array([scores[each] for each in known], np.float32))
        return found if among is None else _allowed(found, among), len(hits) < step

    def _sight(self, step: int) -> int:
        return min(_MOST_SIGHT, step * _SIGHT * (2 if self._count >= _LARGE else 1))

    def _groups(self, found: Matches, among: Selection | None) -> list[str]:
        """Return the groups that were found, as the collection names them, if they matter."""
        if among is None or among.groups is None:
            return []
        ids = self._catalogue.ids(found.rows.tolist())
        return sorted({row["group_name"] for row in self.stored(ids, "group_name")} - {""})


def digest(item: Item) -> str:
    """Return what changes with anything that is kept of a picture: 32 hex digits."""
    told = json.dumps([sorted(set(map(word, item.words))), word(item.group), item.day])
    content = np.asarray(item.embedding, "<f4").tobytes() + told.encode()
    return hashlib.sha256(content).hexdigest()[:32]


def word(text: str) -> str:
    """Return a word as the collection keeps it."""
    fits = text.isprintable() and len(text.encode(errors="replace")) <= LONGEST
    return text if fits else hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def expression(terms: Terms, without: Sequence[str], groups: Sequence[str]) -> str:
    """Return what Milvus shall choose by; without: ids, and `groups`, that are not wanted."""
    parts = [
        f"array_contains_any(words, {_listed(map(word, alternatives))})"
        for alternatives in terms.words
    ]
    if terms.days is not None:
        first, last = terms.days
        parts += [f"day >= {max(first, 1)}", f"day <= {last}"]
    if without:
        parts.append(f"id not in {_listed(without)}")
    if groups:
        parts.append(f"group_name not in {_listed(groups)}")
    return " and ".join(parts)


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield so many at a time."""
    each = iter(items)
    while batch := list(itertools.islice(each, size)):
        yield batch


def _listed(texts: Iterable[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)


def _row(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "words": list(dict.fromkeys(map(word, item.words))),
        "group_name": word(item.group),
        "day": item.day,
        "digest": digest(item),
        "embedding": item.embedding,
    }


def item_of(row: dict[str, Any]) -> Item:
    """Return what a row of the collection keeps of a picture."""
    vector = np.asarray(row["embedding"], np.float32)
    return Item(row["id"], vector, tuple(row["words"]), row["group_name"], row["day"])


_NOTHING: Final = Matches.of(np.empty(0, np.int64), np.empty(0, np.float32))


def _ordered(rows: NDArray[np.int64], scores: NDArray[np.float32]) -> Matches:
    order = np.argsort(-scores, kind="stable")
    rows, scores = rows[order], scores[order]
    level = np.concatenate([[0], np.cumsum(-np.diff(scores) > _EQUAL)])[: len(rows)]
    order = np.lexsort((rows, level))
    return Matches.of(rows[order], scores[order])


def _allowed(found: Matches, among: Selection) -> Matches:
    """Keep what is allowed, and of each group the first."""
    kept = np.flatnonzero(among.allowed[found.rows])
    kept = kept[among.first_places(found.rows[kept])]
    return Matches(found.rows[kept], found.distances[kept], found.scores[kept])


def _tied(found: Matches, wanted: int) -> bool:
    """Whether what follows the last that was found may be as good as the last that is wanted."""
    return bool(found.scores[wanted - 1] - found.scores[-1] <= _EQUAL)
