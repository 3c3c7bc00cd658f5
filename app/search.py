"""A search, from the bytes of a picture (or a picture of the gallery) to its matches."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from app import feedback
from app.copies import Copy, Whole, copy_of, sent_whole, stored_whole
from app.feedback import Feedback
from app.live import Snapshot
from app.nothing import is_nothing
from app.query import Query
from app.settings import Settings
from app.similarity import Background, Likeness, background
from model.calibration import SMALL
from model.gallery import Record
from model.images import Picture, lightened, load
from model.query import describe, mean
from model.ranking import Matches
from model.second_look import LOOKED, packed
from model.selection import Selection
from model.view import WHOLE, View


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


class Wanted(NamedTuple):
    """Which of the matches are wanted, what was chosen that moves the query, and among which."""

    limit: int
    offset: int = 0
    moved: Feedback = feedback.NONE
    among: Selection | None = None


class Sent(NamedTuple):
    """A picture from outside: its file, and how it is looked at."""

    content: bytes
    view: View = WHOLE


@dataclass(frozen=True)
class Match:
    """One found picture. rank: from 1. distance: cosine, 0 to 2. similarity: 1 - distance.

    score: what the ranks follow: the similarity, and what a second look added to it. copy: whether
    it is the picture that was searched with.
    """

    rank: int
    record: Record
    distance: float
    score: float
    likeness: Likeness
    copy: Copy = ""

    @property
    def similarity(self) -> float:
        """The cosine similarity, -1 to 1."""
        return 1.0 - self.distance


@dataclass(frozen=True)
class Answer:
    """What a search found.

    searched: how many pictures competed. total: how many matches there are, of which these are a
    part: fewer than competed where only the best of each group is one. query: what was searched
    with, before it was moved. nothing: whether none of them looks like the picture, which came
    from outside.
    """

    matches: list[Match]
    searched: int
    total: int
    stages: Stages
    query: Query
    nothing: bool = False


def by_picture(
    snapshot: Snapshot,
    sent: Sequence[Sent],
    settings: Settings,
    wanted: Wanted,
    *,
    settle: Callable[[Query], Query] = lambda query: query,
) -> tuple[list[Picture], Answer]:
    """Search with any picture, or with the mean of several.

    settle: what becomes of the query before it is used. Raises ImageError with a sentence for the
    sender, and Busy when too many others are searching.
    """
    stages = Stages()
    with stages.measure("total"):
        pictures, query = _described(snapshot, sent, settings, stages)
        answer = by_query(snapshot, settle(query), wanted, stages)
    return pictures, answer


def by_record(snapshot: Snapshot, record: Record, wanted: Wanted) -> Answer:
    """Search with a picture of the gallery, which is not among its own matches."""
    stages = Stages()
    with stages.measure("total"):
        return by_query(snapshot, stored(snapshot, record), wanted, stages)


def by_query(snapshot: Snapshot, query: Query, wanted: Wanted, stages: Stages) -> Answer:
    """Search with what is known of a picture, moved by what was chosen."""
    limit, offset, moved, among = wanted
    asked = moved.move(snapshot, query)
    matches = _matches(snapshot, asked, stages, range(offset, offset + limit), among)
    with stages.measure("rank"):
        nothing = is_nothing(snapshot, asked)
    if nothing:
        matches = [replace(match, likeness=match.likeness.unlike()) for match in matches]
    return Answer(matches, *_counts(snapshot, query, among), stages, query, nothing)


def stored(snapshot: Snapshot, record: Record) -> Query:
    """Return a picture of the gallery as a query."""
    look = snapshot.second_look
    cells = None if look is None else look.cells(record.row)
    whole = stored_whole(snapshot, record)
    return Query(snapshot.ranking.embedding(record.row), cells, record.row, whole=whole)


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


def _described(
    snapshot: Snapshot, sent: Sequence[Sent], settings: Settings, stages: Stages
) -> tuple[list[Picture], Query]:
    """Decode and encode pictures.

    Only one picture is looked at twice: the cells of several lie in no common places.
    """
    # Decoding takes a slot, too: it needs more time and memory than encoding.
    with snapshot.encoders.borrow(settings.wait) as encoder:
        with stages.measure("decode"):
            pictures = [
                lightened(load(each.content, max_pixels=settings.pixels, view=each.view))
                for each in sent
            ]
        with stages.measure("encode"):
            encoded = describe(encoder, pictures)
    twice = snapshot.second_look is not None and len(pictures) == 1
    cells = packed(encoded.cells[0]) if twice and encoded.cells is not None else None
    small = all(max(picture.seen) < SMALL for picture in pictures)
    return pictures, Query(
        mean(encoded.embedding), cells, small=small, whole=_whole(sent, pictures)
    )


def _whole(sent: Sequence[Sent], pictures: Sequence[Picture]) -> Whole | None:
    """Return what tells the copies of one whole picture; a part or several have none."""
    if len(sent) > 1 or pictures[0].view != WHOLE:
        return None
    return sent_whole(sent[0].content, pictures[0])


def _counts(snapshot: Snapshot, query: Query, among: Selection | None) -> tuple[int, int]:
    """Return how many pictures compete, and how many of them are matches."""
    if among is None:
        others = snapshot.count - (query.row is not None)
        return others, others
    left = among.without(query.row)
    return len(left.rows), left.count


def _matches(
    snapshot: Snapshot,
    query: Query,
    stages: Stages,
    place: range,
    among: Selection | None,
) -> list[Match]:
    ranked = partial(snapshot.ranking.search, query.embedding, without=query.row, among=among)
    found = nearest(snapshot, query, ranked, place, stages)
    with stages.measure("rank"):
        usual = background(snapshot.ranking.sample(query.embedding), snapshot.bundle.calibration)
    return present(snapshot, found, usual, place.start + 1, query.whole)


def present(
    snapshot: Snapshot, found: Matches, usual: Background, first: int, whole: Whole | None
) -> list[Match]:
    """Look the found rows up; their ranks count from `first`. whole: see `Query`."""
    records: Sequence[Record] = snapshot.gallery.records(found.rows.tolist())
    rows = zip(records, found.distances.tolist(), found.scores.tolist(), strict=True)
    told = copy_of(snapshot, whole)
    return [
        Match(rank, record, distance, score, usual.likeness(1.0 - distance), told(record))
        for rank, (record, distance, score) in enumerate(rows, first)
    ]
