"""Filters as addresses carry them, and what else could be chosen, with what it would leave."""

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import numpy as np
from flask import request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

import model.filters
from app.live import Snapshot
from app.texts import gettext
from model.facets import Facets, Rows, Words
from model.filters import Kind, Mask, parts, selection, together
from model.selection import Selection

_YES: Final = frozenset({"1", "true"})


@dataclass(frozen=True)
class Filters(model.filters.Filters):
    """Filters as an address carries them."""

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


def asked(snapshot: Snapshot) -> tuple[Filters, Selection | None]:
    """Return what the present page's address, or its form, chooses.

    Answers 404 to a tag that is none.
    """
    filters = Filters.from_args(request.form if request.method == "POST" else request.args)
    for tag in filters.tags:
        if tag not in snapshot.ranking.filters.tags:
            raise NotFound(gettext("No picture of the gallery carries the tag “%(tag)s”.", tag=tag))
    return filters, selection(snapshot.ranking.filters, filters)


def facets(snapshot: Snapshot, filters: Filters, *, without: int | None = None) -> list[Facet]:
    """Return what can be chosen, with what it would leave beside the other filters.

    without: a row that is not wanted, such as the query's own. A choice that would leave nothing
    is left out, unless it is chosen.
    """
    counted = _Counted(snapshot.ranking.filters, filters, without)
    return [facet for facet in counted.facets() if facet.choices]


class _Counted:
    """Counts what every choice would leave."""

    def __init__(self, held: Facets, filters: Filters, without: int | None) -> None:
        self._held = held
        self._filters = filters
        self._without = without
        self._parts = parts(held, filters)
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
        allowed = together(self._held, others)
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


def _turned(chosen: tuple[str, ...], text: str) -> tuple[str, ...]:
    left = [each for each in chosen if each != text]
    return tuple(left) if text in chosen else _sorted([*left, text])


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))
