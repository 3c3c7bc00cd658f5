"""A search, from the bytes of a picture (or a picture of the gallery) to its matches."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.live import Snapshot
from app.settings import Settings
from app.similarity import Likeness, background
from model.gallery import Record
from model.images import Picture, load
from model.ranking import Matches, best


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
            scores = snapshot.ranking.scores(embedding)
            found = best(scores, limit=limit, offset=offset)
        matches = present(snapshot, scores, found, offset + 1)
    return picture, Answer(matches, len(scores), len(scores), stages)


def by_record(snapshot: Snapshot, record: Record, *, limit: int, offset: int = 0) -> Answer:
    """Search with a picture of the gallery, which is not among its own matches."""
    stages = Stages()
    with stages.measure("total"):
        with stages.measure("rank"):
            scores = snapshot.ranking.scores(snapshot.ranking.embedding(record.row))
            others = len(scores) - 1
            found = best(
                without(scores, record.row), limit=min(limit, others - offset), offset=offset
            )
        matches = present(snapshot, scores, found, offset + 1)
    return Answer(matches, others, others, stages)


def without(scores: NDArray[np.float32], row: int) -> NDArray[np.float32]:
    """Return the scores, float32 (N,), with one row so low that it comes last."""
    left = scores.copy()
    left[row] = -np.inf
    return left


def present(
    snapshot: Snapshot, scores: NDArray[np.float32], found: Matches, first: int
) -> list[Match]:
    """Look the found rows up; their ranks count from `first`."""
    around = background(scores)
    records: Sequence[Record] = snapshot.gallery.records(found.rows.tolist())
    return [
        Match(rank, record, float(distance), around.likeness(1.0 - float(distance)))
        for rank, (record, distance) in enumerate(zip(records, found.distances, strict=True), first)
    ]
