"""A search, from the bytes of a picture (or a picture of the gallery) to its matches."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.live import Snapshot
from app.settings import Settings
from app.similarity import Background, Likeness, background
from model.gallery import Record
from model.images import Picture, load
from model.ranking import Matches
from model.second_look import LOOKED, Cells, packed


@dataclass
class Stages:
    """How long each stage took, in milliseconds. A stage that was not needed takes 0."""

    decode: float = 0.0
    encode: float = 0.0
    rank: float = 0.0
    second_look: float = 0.0
    total: float = 0.0

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Measure the block as a part of one stage."""
        start = time.perf_counter()
        yield
        taken = (time.perf_counter() - start) * 1000
        setattr(self, stage, getattr(self, stage) + taken)


class Query(NamedTuple):
    """What is searched with. cells: for the second look, int8 (16, d), or None.

    row: the picture's own, which is not wanted among its matches; None of a picture from outside.
    """

    embedding: NDArray[np.float32]
    cells: Cells | None
    row: int | None = None


@dataclass(frozen=True)
class Match:
    """One found picture. rank: from 1. distance: cosine, 0 to 2. similarity: 1 - distance.

    score: what the ranks follow: the similarity, and what a second look added to it.
    """

    rank: int
    record: Record
    distance: float
    score: float
    likeness: Likeness

    @property
    def similarity(self) -> float:
        """The cosine similarity, -1 to 1."""
        return 1.0 - self.distance


@dataclass(frozen=True)
class Answer:
    """What a search found. total: how many matches there are, of which these are a part."""

    matches: list[Match]
    searched: int
    total: int
    stages: Stages


def by_picture(
    snapshot: Snapshot, content: bytes, settings: Settings, *, limit: int, offset: int = 0
) -> tuple[Picture, Answer]:
    """Search with the bytes of any picture.

    Raises ImageError with a sentence for the sender, and Busy when too many others are searching.
    """
    stages = Stages()
    with stages.measure("total"):
        # Decoding takes a slot, too: it needs more time and memory than encoding.
        with snapshot.encoders.borrow(settings.wait) as encoder:
            with stages.measure("decode"):
                picture = load(content, max_pixels=settings.pixels)
            with stages.measure("encode"):
                encoded = encoder.encode(picture.pixels[np.newaxis])
        cells = None if encoded.cells is None else packed(encoded.cells[0])
        query = Query(encoded.embedding[0], cells)
        matches = _matches(snapshot, query, stages, limit=limit, offset=offset)
    return picture, Answer(matches, snapshot.count, snapshot.count, stages)


def by_record(snapshot: Snapshot, record: Record, *, limit: int, offset: int = 0) -> Answer:
    """Search with a picture of the gallery, which is not among its own matches."""
    stages = Stages()
    with stages.measure("total"):
        query = stored(snapshot, record)
        matches = _matches(snapshot, query, stages, limit=limit, offset=offset)
    return Answer(matches, snapshot.count - 1, snapshot.count - 1, stages)


def stored(snapshot: Snapshot, record: Record) -> Query:
    """Return a picture of the gallery as a query."""
    look = snapshot.second_look
    cells = None if look is None else look.cells(record.row)
    return Query(snapshot.ranking.embedding(record.row), cells, record.row)


def nearest(
    snapshot: Snapshot,
    query: Query,
    ranked: Callable[..., Matches],
    place: range,
    stages: Stages,
) -> Matches:
    """Return the matches of these ranks, from 0, after a second look where there is one.

    ranked: what answers a limit and an offset by the embedding alone.
    """
    look = snapshot.second_look
    if look is None or query.cells is None or place.start >= LOOKED:
        with stages.measure("rank"):
            return ranked(limit=len(place), offset=place.start)
    with stages.measure("rank"):
        found = ranked(limit=max(place.stop, LOOKED), offset=0)
    with stages.measure("second_look"):
        return look.again(found, query.cells).part(place)


def _matches(
    snapshot: Snapshot, query: Query, stages: Stages, *, limit: int, offset: int
) -> list[Match]:
    ranked = partial(snapshot.ranking.search, query.embedding, without=query.row)
    found = nearest(snapshot, query, ranked, range(offset, offset + limit), stages)
    with stages.measure("rank"):
        usual = background(snapshot.ranking.sample(query.embedding))
    return present(snapshot, found, usual, offset + 1)


def present(snapshot: Snapshot, found: Matches, usual: Background, first: int) -> list[Match]:
    """Look the found rows up; their ranks count from `first`."""
    records: Sequence[Record] = snapshot.gallery.records(found.rows.tolist())
    rows = zip(records, found.distances.tolist(), found.scores.tolist(), strict=True)
    return [
        Match(rank, record, distance, score, usual.likeness(1.0 - distance))
        for rank, (record, distance, score) in enumerate(rows, first)
    ]
