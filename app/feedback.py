"""More like this, less like that: the matches that a query is moved towards, or away from."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Self

import numpy as np
from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound, UnprocessableEntity

from app.live import Snapshot
from app.query import Query
from model.gallery import Gallery, Record
from model.query import MOST_CHOSEN, moved


class Feedback(NamedTuple):
    """The chosen pictures of the gallery, in the order of choosing."""

    more: tuple[Record, ...] = ()
    less: tuple[Record, ...] = ()

    @classmethod
    def of(cls, gallery: Gallery, more: Sequence[str], less: Sequence[str]) -> Self:
        """Look the chosen ids up. Raises NotFound, and UnprocessableEntity for too many."""
        return cls(_found(gallery, more), _found(gallery, less))

    @classmethod
    def asked(cls, gallery: Gallery) -> Self:
        """Return what the request's address, or its form, names as `more` and `less`."""
        given: MultiDict[str, str] = request.form if request.method == "POST" else request.args
        return cls.of(gallery, given.getlist("more"), given.getlist("less"))

    def move(self, snapshot: Snapshot, query: Query) -> Query:
        """Return the moved query. A second look would not see what was chosen: it is left out."""
        if not self.more and not self.less:
            return query
        more, less = (
            snapshot.bundle.embeddings[[record.row for record in chosen]]
            for chosen in (self.more, self.less)
        )
        return query._replace(
            embedding=moved(query.embedding, np.asarray(more), np.asarray(less)), cells=None
        )

    @property
    def addressed(self) -> dict[str, list[str]]:
        """What the address of a page carries of it."""
        return {
            name: [record.id for record in chosen]
            for name, chosen in self._asdict().items()
            if chosen
        }

    def toggled(self, name: str, identifier: str) -> dict[str, list[str]]:
        """Return `addressed` after a picture was chosen as `more` or `less`, or no longer is.

        Who wants more of a picture no longer wants less of it, and the other way round.
        """
        was = identifier in self.addressed.get(name, ())
        left = {
            key: [each for each in chosen if each != identifier]
            for key, chosen in self.addressed.items()
        }
        if not was:
            left[name] = [*left.get(name, ()), identifier]
        return left


NONE: Final = Feedback()


def _found(gallery: Gallery, identifiers: Sequence[str]) -> tuple[Record, ...]:
    chosen = list(dict.fromkeys(identifiers))
    if len(chosen) > MOST_CHOSEN:
        raise UnprocessableEntity(
            f"More than {MOST_CHOSEN} pictures were chosen. Take some of them back."
        )
    records = [gallery.find(identifier) for identifier in chosen]
    if None in records:
        raise NotFound(
            "A picture that was chosen for more or less like it is not in the gallery. "
            "It may have been taken out."
        )
    return tuple(record for record in records if record is not None)
