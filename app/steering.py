"""The addresses that lead on from a page of matches.

All that was asked is in each of them, so the pages can be shared and gone back to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from app.filters import Address, Filters
from model.feedback import Feedback
from model.gallery import Record


class Chosen(NamedTuple):
    """A match that was chosen. name: "more" or "less". undo: the address without it."""

    name: str
    record: Record
    undo: str


class Steering:
    """Where one goes from a page of matches."""

    def __init__(self, address: Address, moved: Feedback, filters: Filters) -> None:
        """address: of the page without what is chosen."""
        self._plain = address
        self._moved = moved
        self.filters = filters

    def page(self, number: int = 1) -> str:
        """Return the address of one of the pages of these matches."""
        return self.narrowing(self.filters, number)

    def toggle(self, name: str, record: Record) -> str:
        """Return the address for more or less like a picture, or for no longer that."""
        return self._with(self._moved.toggled(name, record.id))(self.filters)

    def has(self, name: str, record: Record) -> bool:
        """Whether a picture was chosen so."""
        return record.id in self._moved.addressed.get(name, ())

    def chosen(self) -> Iterator[Chosen]:
        """Yield what was chosen, in the order of choosing."""
        for name, records in self._moved._asdict().items():
            for record in records:
                yield Chosen(name, record, self.toggle(name, record))

    def fields(self) -> list[tuple[str, str]]:
        """Return what a form must send along so that the choice and the filters stay."""
        return [*_pairs(self._moved.addressed), *self.filters.as_args()]

    @property
    def narrowing(self) -> Address:
        """The address of the same query, moved as it is, for any filters."""
        return self._with(self._moved.addressed)

    def _with(self, chosen: Mapping[str, list[str]]) -> Address:
        return replace(self._plain, kept=(*self._plain.kept, *_pairs(chosen)))


def _pairs(chosen: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    return ((name, each) for name, identifiers in chosen.items() for each in identifiers)
