"""More like this, less like that: the matches that a query is moved towards, or away from."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Self

from model.command import CommandError
from model.gallery import Gallery, Record
from model.query import MOST_CHOSEN, Query, moved
from model.ranking import Index
from model.sentences import SpokenError


class NotInGallery(SpokenError, CommandError):
    """A picture was chosen that is not there."""


class TooManyChosen(SpokenError, CommandError):
    """More pictures were chosen than a query is moved by."""


class Feedback(NamedTuple):
    """The chosen pictures of the gallery, in the order of choosing."""

    more: tuple[Record, ...] = ()
    less: tuple[Record, ...] = ()

    @classmethod
    def of(cls, gallery: Gallery, more: Sequence[str], less: Sequence[str]) -> Self:
        """Look the chosen ids up. Raises NotInGallery and TooManyChosen."""
        return cls(_found(gallery, more), _found(gallery, less))

    def move(self, ranking: Index, query: Query) -> Query:
        """Return the moved query. A second look would not see what was chosen: it is left out."""
        if not self.more and not self.less:
            return query
        more, less = (
            ranking.vectors([record.row for record in chosen]) for chosen in (self.more, self.less)
        )
        return query._replace(embedding=moved(query.embedding, more, less), cells=None)

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
        raise TooManyChosen(
            "More than %(most)s pictures were chosen. Take some of them back.", most=MOST_CHOSEN
        )
    return tuple(_record(gallery, identifier) for identifier in chosen)


def _record(gallery: Gallery, identifier: str) -> Record:
    record = gallery.find(identifier)
    if record is None:
        raise NotInGallery(
            "The picture %(id)s, which was chosen for more or less like it, is not in the gallery. "
            "It may have been taken out.",
            id=identifier,
        )
    return record
