"""Filters: which pictures of the gallery may be found, and what else could be chosen.

An address carries all of it. The words of one facet are alternatives, and so are tags; different
facets narrow one another. Filters choose before anything is ranked, so none costs a match that
exists.
"""

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Self

import numpy as np
from flask import request, url_for
from numpy.typing import NDArray
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound, UnprocessableEntity

from app.live import Snapshot
from model.facets import Facets, Rows, Words, day
from model.selection import Selection

# What `from` and `to` take: a day, a month or a year; empty: no bound.
DATE: Final = r"^([0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?)?$"
_YES: Final = frozenset({"1", "true"})

Kind = Literal["where", "tag", "date", "per_group"]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Filters:
    """What was chosen. where: texts "name:word". start, end: ISO dates or parts of them, or ""."""

    where: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    per_group: bool = False

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> Self:
        """Read the arguments of an address. What they name need not exist: `selection` looks."""
        return cls(
            _sorted(args.getlist("where")),
            _sorted(filter(None, args.getlist("tag"))),
            args.get("from", ""),
            args.get("to", ""),
            args.get("per_group", "").lower() in _YES,
        )

    def as_args(self) -> list[tuple[str, str]]:
        """Return the arguments that say the same, always in one order."""
        return [
            *(("where", each) for each in self.where),
            *(("tag", each) for each in self.tags),
            *([("from", self.start)] if self.start else []),
            *([("to", self.end)] if self.end else []),
            *([("per_group", "1")] if self.per_group else []),
        ]

    @property
    def query(self) -> dict[str, Any]:
        """The arguments as `url_for` takes them."""
        return dict(MultiDict(self.as_args()).lists())

    @property
    def is_empty(self) -> bool:
        """Whether nothing was chosen: every picture may be found."""
        return self == self.none

    @property
    def none(self) -> Self:
        """No filters at all."""
        return type(self)()

    @property
    def undated(self) -> Self:
        """The same without bounds of time."""
        return replace(self, start="", end="")

    @property
    def first_day(self) -> str:
        """`start` as a date field takes it; "" without one."""
        return self.start and (self.start + "-01-01")[:10]

    @property
    def last_day(self) -> str:
        """`end` as a date field takes it; "" without one."""
        if len(self.end) == len("2024-03"):
            year, month = map(int, self.end.split("-"))
            return f"{self.end}-{calendar.monthrange(year, month)[1]}"
        return self.end and (self.end + "-12-31")[:10]


@dataclass(frozen=True)
class Address:
    """Where filtered pictures are shown. path: what is a part of the address's path.

    kept: other arguments that every link must carry on.
    """

    endpoint: str
    path: Mapping[str, Any] = field(default_factory=dict)
    kept: tuple[tuple[str, str], ...] = ()

    def __call__(self, filters: Filters, page: int = 1) -> str:
        """Return the address of a page of the same with these filters."""
        number = [("page", str(page))] if page > 1 else []
        query: dict[str, Any] = dict(MultiDict([*self.kept, *filters.as_args(), *number]).lists())
        return url_for(self.endpoint, **self.path, **query)

    @property
    def action(self) -> str:
        """The address without arguments, for a form that sends them."""
        return url_for(self.endpoint, **self.path)

    def fields(self, filters: Filters) -> list[tuple[str, str]]:
        """Return what such a form sends along, unseen."""
        return [*self.kept, *filters.as_args()]


@dataclass(frozen=True)
class Choice:
    """One word, tag or year. count: how many pictures would be found, were only this chosen here.

    filters: what is chosen after this was added, or taken away where it was chosen.
    """

    word: str
    count: int
    chosen: bool
    filters: Filters


@dataclass(frozen=True)
class Facet:
    """What can be chosen of one kind. name: as the records have it; of other kinds ""."""

    kind: Kind
    name: str
    choices: list[Choice]


def selection(snapshot: Snapshot, filters: Filters) -> Selection | None:
    """Return the pictures that filters leave; None: all.

    Raises UnprocessableEntity with what there is, where they name what is not. A tag that no
    picture carries leaves none.
    """
    if filters.is_empty:
        return None
    held = snapshot.gallery.facets
    groups = held.groups if filters.per_group else None
    return Selection(_together(held, _parts(held, filters)), groups)


def asked(snapshot: Snapshot) -> tuple[Filters, Selection | None]:
    """Return what the present page's address, or its form, chooses.

    Answers 404 to a tag that is none.
    """
    filters = Filters.from_args(request.form if request.method == "POST" else request.args)
    for tag in filters.tags:
        if tag not in snapshot.gallery.facets.tags:
            raise NotFound(f"No picture of the gallery carries the tag “{tag}”.")
    return filters, selection(snapshot, filters)


def facets(snapshot: Snapshot, filters: Filters, *, without: int | None = None) -> list[Facet]:
    """Return what can be chosen, with what it would leave beside the other filters.

    without: a row that is not wanted, such as the query's own. A choice that would leave nothing
    is left out, unless it is chosen.
    """
    counted = _Counted(snapshot.gallery.facets, filters, without)
    return [facet for facet in counted.facets() if facet.choices]


class _Counted:
    """Counts what every choice would leave."""

    def __init__(self, held: Facets, filters: Filters, without: int | None) -> None:
        self._held = held
        self._filters = filters
        self._without = without
        self._parts = _parts(held, filters)
        self._all = self._beside(None)

    def facets(self) -> Iterator[Facet]:
        """Yield every facet; of tags, the most frequent among what is left come first."""
        for name, words in self._held.words.items():
            yield Facet("where", name, list(self._choices(("where", name), words)))
        years = self._choices(("date", ""), self._held.years)
        yield Facet("date", "", sorted(years, key=lambda year: year.word, reverse=True))
        tags = self._choices(("tag", ""), self._held.tags)
        yield Facet("tag", "", sorted(tags, key=lambda tag: (-tag.count, tag.word)))
        yield Facet("per_group", "", list(self._per_group()))

    def _choices(self, key: tuple[Kind, str], words: Words) -> Iterator[Choice]:
        allowed = self._beside(key) if key in self._parts else self._all
        for word, rows in words.items():
            filters, chosen = _toggled(self._filters, key, word)
            if (count := self._left(rows, allowed)) or chosen:
                yield Choice(word, count, chosen, filters)

    def _left(self, rows: Rows, allowed: Mask) -> int:
        if not self._parts and not self._filters.per_group:
            # By far the most usual, and a hundredth of the work where the gallery is large.
            gone = 0 if self._without is None else int(np.count_nonzero(rows == self._without))
            return len(rows) - gone
        return self._held.left(rows, allowed, per_group=self._filters.per_group)

    def _per_group(self) -> Iterator[Choice]:
        if self._held.groups is not None:
            chosen = self._filters.per_group
            filters = replace(self._filters, per_group=not chosen)
            yield Choice("", Selection(self._all, self._held.groups).count, chosen, filters)

    def _beside(self, key: tuple[Kind, str] | None) -> Mask:
        others = {each: part for each, part in self._parts.items() if each != key}
        allowed = _together(self._held, others)
        if self._without is not None:
            allowed[self._without] = False
        return allowed


def _toggled(filters: Filters, key: tuple[Kind, str], word: str) -> tuple[Filters, bool]:
    """Return the filters with a word added or taken away, and whether it was chosen."""
    kind, name = key
    if kind == "date":
        chosen = filters.start == filters.end == word
        bound = "" if chosen else word
        return replace(filters, start=bound, end=bound), chosen
    if kind == "tag":
        return replace(filters, tags=_turned(filters.tags, word)), word in filters.tags
    text = f"{name}:{word}"
    return replace(filters, where=_turned(filters.where, text)), text in filters.where


def _parts(held: Facets, filters: Filters) -> dict[tuple[Kind, str], Mask]:
    """Return which pictures every facet leaves by itself, of those facets where one chose."""
    parts: dict[tuple[Kind, str], Mask] = {
        ("where", name): held.any_of(rows) for name, rows in _named(held, filters.where).items()
    }
    if filters.tags:
        tags = (held.tags[tag] for tag in filters.tags if tag in held.tags)
        parts["tag", ""] = held.any_of(tags)
    if filters.start or filters.end:
        parts["date", ""] = held.between(*_bounds(filters))
    return parts


def _named(held: Facets, where: Iterable[str]) -> dict[str, list[Rows]]:
    """Look up words by the names of their facets. Raises UnprocessableEntity."""
    found: dict[str, list[Rows]] = {}
    for each in where:
        name, _, word = each.partition(":")
        if name not in held.words:
            raise UnprocessableEntity(_no_facet(name, list(held.words)))
        if word not in held.words[name]:
            raise UnprocessableEntity(_no_word(name, word, list(held.words[name])))
        found.setdefault(name, []).append(held.words[name][word])
    return found


def _no_facet(name: str, known: list[str]) -> str:
    if not known:
        return f"There is no filter “{name}”: the pictures of this gallery tell nothing to choose."
    return f"There is no filter “{name}”. These exist, each written name:word: {', '.join(known)}."


def _no_word(name: str, word: str, known: list[str]) -> str:
    return f"The filter “{name}” has no “{word}”. It has: {', '.join(known)}."


def _bounds(filters: Filters) -> tuple[int, int]:
    for name, date in (("from", filters.start), ("to", filters.end)):
        if not re.search(DATE, date):
            raise UnprocessableEntity(
                f"“{name}” takes a day, a month or a year, such as 2024-03-14, 2024-03 or 2024."
            )
    return day(filters.start), day(filters.end or "9999", last=True)


def _together(held: Facets, parts: Mapping[tuple[Kind, str], Mask]) -> Mask:
    allowed = np.ones(held.count, np.bool_)
    for part in parts.values():
        allowed &= part
    return allowed


def _turned(chosen: tuple[str, ...], text: str) -> tuple[str, ...]:
    left = [each for each in chosen if each != text]
    return tuple(left) if text in chosen else _sorted([*left, text])


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))
