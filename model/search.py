"""A search, from the bytes of a picture (or a picture of the gallery) to its matches."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import NamedTuple

from model import feedback
from model.bundle import Bundle
from model.calibration import FEWEST, NEAREST, SMALL, Border
from model.encoder import Encoder
from model.feedback import Feedback
from model.gallery import Gallery, Record
from model.images import KEPT_SIDE, MAX_PIXELS, Picture, lightened, load
from model.query import Query, describe, mean
from model.ranking import Index, Matches
from model.sameness import Copy, Whole, copy_of, sent_whole, stored_whole
from model.second_look import LOOKED, SecondLook, packed
from model.selection import Selection
from model.similarity import Background, Likeness, background
from model.view import WHOLE, View


@dataclass(frozen=True)
class Searchable:
    """A bundle, open to be searched.

    again: whether the nearest are looked at a second time, where the bundle has their cells.
    ranking: what ranks its pictures, in this process or elsewhere.
    """

    bundle: Bundle
    again: bool
    ranking: Index

    @property
    def gallery(self) -> Gallery:
        """The records and thumbnails."""
        return self.bundle.gallery

    @property
    def count(self) -> int:
        """How many pictures can be found."""
        return self.ranking.count

    @cached_property
    def second_look(self) -> SecondLook | None:
        """What looks at the nearest again; None where nothing does."""
        cells = self.bundle.cells if self.again else None
        return None if cells is None else SecondLook(cells)

    @cached_property
    def border(self) -> Border | None:
        """Where "nothing looks like it" begins; None where that cannot be known."""
        calibration = self.bundle.calibration
        if calibration is None or self.count < FEWEST:
            return None
        return Border(calibration, self.ranking.sampled)


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
    """A picture from outside: its file, and how it is looked at.

    side: of the square in which the copies fit that are kept of it; 0 for whoever shows none.
    """

    content: bytes
    view: View = WHOLE
    side: int = KEPT_SIDE


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


def by_record(index: Searchable, record: Record, wanted: Wanted) -> Answer:
    """Search with a picture of the gallery, which is not among its own matches."""
    stages = Stages()
    with stages.measure("total"):
        return by_query(index, stored(index, record), wanted, stages)


def by_query(index: Searchable, query: Query, wanted: Wanted, stages: Stages) -> Answer:
    """Search with what is known of a picture, moved by what was chosen."""
    limit, offset, moved, among = wanted
    asked = moved.move(index.ranking, query)
    matches = _matches(index, asked, stages, range(offset, offset + limit), among)
    with stages.measure("rank"):
        nothing = _is_nothing(index, asked)
    if nothing:
        matches = [replace(match, likeness=match.likeness.unlike()) for match in matches]
    return Answer(matches, *_counts(index, query, among), stages, query, nothing)


def stored(index: Searchable, record: Record) -> Query:
    """Return a picture of the gallery as a query."""
    look = index.second_look
    cells = None if look is None else look.cells(record.row)
    whole = stored_whole(index.bundle, record)
    return Query(index.ranking.embedding(record.row), cells, record.row, whole=whole)


def nearest(
    index: Searchable,
    query: Query,
    ranked: Callable[..., Matches],
    place: range,
    stages: Stages,
) -> Matches:
    """Return the matches of these ranks, from 0, after a second look where there is one.

    ranked: what answers a limit and an offset by the embedding alone.
    """
    look = index.second_look
    if look is None or query.cells is None or place.start >= LOOKED:
        with stages.measure("rank"):
            return ranked(limit=len(place), offset=place.start)
    with stages.measure("rank"):
        found = ranked(limit=max(place.stop, LOOKED), offset=0)
    with stages.measure("second_look"):
        return look.again(found, query.cells).part(place)


def decoded(sent: Sent, max_pixels: int = MAX_PIXELS) -> Picture:
    """Decode a picture that is searched with. Raises ImageError with a sentence for the sender."""
    return lightened(load(sent.content, max_pixels=max_pixels, view=sent.view), sent.side)


def query_of(
    index: Searchable, encoder: Encoder, sent: Sequence[Sent], pictures: Sequence[Picture]
) -> Query:
    """Encode pictures, which were sent and decoded: their mean is searched with.

    Only one picture is looked at twice: the cells of several lie in no common places.
    """
    encoded = describe(encoder, pictures)
    twice = index.second_look is not None and len(pictures) == 1
    cells = packed(encoded.cells[0]) if twice and encoded.cells is not None else None
    small = all(max(picture.seen) < SMALL for picture in pictures)
    return Query(mean(encoded.embedding), cells, small=small, whole=_whole(sent, pictures))


def _whole(sent: Sequence[Sent], pictures: Sequence[Picture]) -> Whole | None:
    """Return what tells the copies of one whole picture; a part or several have none."""
    if len(sent) > 1 or pictures[0].view != WHOLE:
        return None
    return sent_whole(sent[0].content, pictures[0])


def _is_nothing(index: Searchable, query: Query) -> bool:
    """Decide whether nothing in the gallery looks like a picture, or a part of one.

    A whole picture of the gallery looks like the gallery. Never without a calibration, nor in a
    gallery of fewer than `FEWEST` pictures.
    """
    border, of_gallery = index.border, query.row is not None and query.whole is not None
    if border is None or of_gallery:
        return False
    nearest = index.ranking.search(query.embedding, limit=NEAREST).scores
    return border.beyond(query.embedding, nearest, small=query.small)


def _counts(index: Searchable, query: Query, among: Selection | None) -> tuple[int, int]:
    """Return how many pictures compete, and how many of them are matches."""
    if among is None:
        others = index.count - (query.row is not None)
        return others, others
    left = among.without(query.row)
    return len(left.rows), left.count


def _matches(
    index: Searchable,
    query: Query,
    stages: Stages,
    place: range,
    among: Selection | None,
) -> list[Match]:
    ranked = partial(index.ranking.search, query.embedding, without=query.row, among=among)
    found = nearest(index, query, ranked, place, stages)
    with stages.measure("rank"):
        usual = background(index.ranking.sample(query.embedding), index.bundle.calibration)
    return present(index, found, usual, place.start + 1, query.whole)


def present(
    index: Searchable, found: Matches, usual: Background, first: int, whole: Whole | None
) -> list[Match]:
    """Look the found rows up; their ranks count from `first`. whole: see `Query`."""
    records: Sequence[Record] = index.gallery.records(found.rows.tolist())
    rows = zip(records, found.distances.tolist(), found.scores.tolist(), strict=True)
    told = copy_of(index.bundle, whole)
    return [
        Match(rank, record, distance, score, usual.likeness(1.0 - distance), told(record))
        for rank, (record, distance, score) in enumerate(rows, first)
    ]
