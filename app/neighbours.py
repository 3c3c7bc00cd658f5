"""The three sets around a picture, by which one wanders through the gallery."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.live import Snapshot
from app.texts import gettext
from app.words import number
from model.gallery import Record
from model.search import Match, Stages, nearest, present, stored
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
    ranked = snapshot.ranking.whole(query.embedding, without=query.row)
    usual = background(snapshot.ranking.sample(query.embedding), snapshot.bundle.calibration)
    closest, further, far = places(snapshot.count - 1)
    told = gettext(
        "Around rank %(first)s: related, no longer close.", first=number(further.start + 1)
    )
    least = gettext("What looks least like it, of all %(count)s.", count=number(snapshot.count))
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
                nearest(snapshot, query, ranked, place, Stages()),
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
