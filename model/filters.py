"""Filters: which pictures of the gallery may be found.

The words of one facet are alternatives, and so are tags; different facets narrow one another.
Filters choose before anything is ranked, so none costs a match that exists.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

from model.command import CommandError
from model.facets import Facets, Rows, day, named, tagged
from model.selection import Selection, Terms
from model.sentences import SpokenError

# What `from` and `to` take: a day, a month or a year; empty: no bound.
DATE: Final = r"^([0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?)?$"

Kind = Literal["where", "tag", "date", "per_group"]
Mask = NDArray[np.bool_]


class FilterError(SpokenError, CommandError):
    """A filter that the gallery does not have; its text says which it has."""


@dataclass(frozen=True)
class Filters:
    """What was chosen. where: texts "name:word". start, end: ISO dates or parts of them, or ""."""

    where: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    per_group: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was chosen: every picture may be found."""
        return self == self.none

    @property
    def none(self) -> Self:
        """No filters at all."""
        return type(self)()


def selection(held: Facets, filters: Filters) -> Selection | None:
    """Return the pictures that filters leave; None: all.

    Raises FilterError with what there is, where they name what is not. A tag that no picture
    carries leaves none.
    """
    if filters.is_empty:
        return None
    groups = held.groups if filters.per_group else None
    return Selection(together(held, parts(held, filters)), groups, _terms(filters))


def parts(held: Facets, filters: Filters) -> dict[tuple[Kind, str], Mask]:
    """Return which pictures every facet leaves by itself, of those facets where one chose."""
    found: dict[tuple[Kind, str], Mask] = {
        ("where", name): held.any_of(rows) for name, rows in _named(held, filters.where).items()
    }
    if filters.tags:
        tags = (held.tags[tag] for tag in filters.tags if tag in held.tags)
        found["tag", ""] = held.any_of(tags)
    if filters.start or filters.end:
        found["date", ""] = held.between(*_bounds(filters))
    return found


def together(held: Facets, chosen: Mapping[tuple[Kind, str], Mask]) -> Mask:
    """Return what all of some parts leave, bool (N,)."""
    allowed = np.ones(held.count, np.bool_)
    for part in chosen.values():
        allowed &= part
    return allowed


def _terms(filters: Filters) -> Terms:
    """Return what was chosen in the words of an index; that they exist was seen before."""
    kinds: dict[str, list[str]] = {}
    for each in filters.where:
        name, _, word = each.partition(":")
        kinds.setdefault(name, []).append(named(name, word))
    words = [tuple(alternatives) for alternatives in kinds.values()]
    if filters.tags:
        words.append(tuple(map(tagged, filters.tags)))
    return Terms(tuple(words), _bounds(filters) if filters.start or filters.end else None)


def _named(held: Facets, where: Iterable[str]) -> dict[str, list[Rows]]:
    """Look up words by the names of their facets. Raises FilterError."""
    found: dict[str, list[Rows]] = {}
    for each in where:
        name, _, word = each.partition(":")
        if name not in held.words:
            raise _no_facet(name, list(held.words))
        if word not in held.words[name]:
            raise _no_word(name, word, list(held.words[name]))
        found.setdefault(name, []).append(held.words[name][word])
    return found


def _no_facet(name: str, known: list[str]) -> FilterError:
    if not known:
        return FilterError(
            "There is no filter “%(name)s”: the pictures of this gallery tell nothing to choose.",
            name=name,
        )
    return FilterError(
        "There is no filter “%(name)s”. These exist, each written name:word: %(known)s.",
        name=name,
        known=", ".join(known),
    )


def _no_word(name: str, word: str, known: list[str]) -> FilterError:
    return FilterError(
        "The filter “%(name)s” has no “%(word)s”. It has: %(known)s.",
        name=name,
        word=word,
        known=", ".join(known),
    )


def _bounds(filters: Filters) -> tuple[int, int]:
    for name, date in (("from", filters.start), ("to", filters.end)):
        if not re.search(DATE, date):
            raise FilterError(
                "“%(name)s” takes a day, a month or a year, such as 2024-03-14, 2024-03 or 2024.",
                name=name,
            )
    return day(filters.start), day(filters.end or "9999", last=True)
