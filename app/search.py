"""A search, from the bytes of a picture (or a picture of the gallery) to its matches."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from app.live import Snapshot
from app.settings import Settings
from app.similarity import Background, Likeness, background
from model.gallery import Record
from model.images import Picture, load
from model.ranking import Matches


@dataclass
class Stages:
    """How long each stage took, in milliseconds. A stage that was not needed takes 0."""

    decode: float = 0.0
    encode: float = 0.0
    rank: float = 0.0
    total: float = 0.0

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Measure the block as one stage."""
        start = time.perf_counter()
        yield
        setattr(self, stage, (time.perf_counter() - start) * 1000)


@dataclass(frozen=True)
class Match:
    """One found picture. rank: from 1. distance: cosine, 0 to 2. similarity: 1 - distance."""

    rank: int
    record: Record
    distance: float
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
                embedding = encoder.encode(picture.pixels[np.newaxis]).embedding[0]
        with stages.measure("rank"):
            found = snapshot.ranking.search(embedding, limit=limit, offset=offset)
            usual = background(snapshot.ranking.sample(embedding))
        matches = present(snapshot, found, usual, offset + 1)
    return picture, Answer(matches, snapshot.count, snapshot.count, stages)


def by_record(snapshot: Snapshot, record: Record, *, limit: int, offset: int = 0) -> Answer:
    """Search with a picture of the gallery, which is not among its own matches."""
    stages = Stages()
    with stages.measure("total"):
        with stages.measure("rank"):
            embedding = snapshot.ranking.embedding(record.row)
            found = snapshot.ranking.search(
                embedding, limit=limit, offset=offset, without=record.row
            )
            usual = background(snapshot.ranking.sample(embedding))
        matches = present(snapshot, found, usual, offset + 1)
    return Answer(matches, snapshot.count - 1, snapshot.count - 1, stages)


def present(snapshot: Snapshot, found: Matches, usual: Background, first: int) -> list[Match]:
    """Look the found rows up; their ranks count from `first`."""
    records: Sequence[Record] = snapshot.gallery.records(found.rows.tolist())
    return [
        Match(rank, record, float(distance), usual.likeness(1.0 - float(distance)))
        for rank, (record, distance) in enumerate(zip(records, found.distances, strict=True), first)
    ]
