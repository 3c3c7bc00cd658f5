"""The three sets around a picture, by which one wanders through the gallery."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.live import Snapshot
from app.texts import gettext
from app.words import number
from model.gallery import Record
from model.query import Query
from model.ranking import Matches, best
from model.search import Match, Stages, nearest, present, stored
from model.second_look import LOOKED
from model.similarity import background

_CLOSEST: Final = 12
_OTHERS: Final = 8
# "Further away" lies around this share of the gallery: still related, no longer obvious.
_FURTHER: Final = 0.1


@dataclass(frozen=True)
class Neighbours:
    """One set, with a line that says what it is."""

    name: str
    explanation: str
    matches: list[Match]


def around(snapshot: Snapshot, record: Record) -> list[Neighbours]:
    """Return the sets of a picture of the gallery; in a small gallery the far ones are left out."""
    query = stored(snapshot, record)
    scores = snapshot.ranking.scores(query.embedding)
    usual = background(snapshot.ranking.sample(query.embedding), snapshot.bundle.calibration)
    closest, further, far = places(len(scores) - 1)
    told = gettext(
        "Ranks %(first)s to %(last)s: related, no longer close.",
        first=number(further.start + 1),
        last=number(further.stop),
    )
    least = gettext("What looks least like it, of all %(count)s.", count=number(len(scores)))
    sets = (
        (gettext("Closest"), gettext("What looks most like this picture."), closest),
        (gettext("Further away"), told, further),
        (gettext("Far"), least, far),
    )
    return [
        Neighbours(
            name,
            explanation,
            present(
                snapshot,
                _at(snapshot, query, scores, place),
                usual,
                place.start + 1,
                query.whole,
            ),
        )
        for name, explanation, place in sets
        if place
    ]


def places(others: int) -> tuple[range, range, range]:
    """Return which ranks, from 0, each set takes of so many other pictures; none is in two sets."""
    closest = range(min(_CLOSEST, others))
    start = max(closest.stop, int(np.ceil(others * _FURTHER)) - _OTHERS // 2)
    further = range(start, min(start + _OTHERS, others))
    far = range(max(further.stop, others - _OTHERS), others)
    return closest, further, far


def _at(snapshot: Snapshot, query: Query, scores: NDArray[np.float32], place: range) -> Matches:
    """Find the ranks of a place, which count from 0."""
    if place.start >= LOOKED and place.stop == len(scores) - 1:
        return _farthest(scores, place)
    ranked = partial(best, scores, without=query.row)
    return nearest(snapshot, query, ranked, place, Stages())


def _farthest(scores: NDArray[np.float32], place: range) -> Matches:
    """Find the last ranks from their end: sorting everything before them would take far longer."""
    rows = best(-scores, limit=len(place)).rows[::-1]
    return Matches(rows, np.clip(1 - scores[rows], 0, 2), scores[rows])
