"""What pictures can be chosen by: words that several of them share, their tags, groups and dates.

Which words these are is found in the records, whatever they are called there. The indexer writes
down for each word the rows that carry it, so that a million pictures are read at once and counted
in NumPy; a table with a line for each word of each picture would take seconds to read.
"""

import re
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model.gallery import Record

Rows = NDArray[np.uint32]
Words = dict[str, Rows]

# A facet has few and short words: with more of them it is a text, a name or a measure.
_MOST_WORDS: Final = 40
_LONGEST_WORD: Final = 40
# Names of ours. No detail of a record can have them: they are fields of every record.
_TAGS: Final = "tags"
_YEARS: Final = "date"
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?!\d)", re.ASCII)

SCHEMA: Final = """
CREATE TABLE facets (name TEXT NOT NULL, word TEXT NOT NULL, rows BLOB NOT NULL);
CREATE TABLE columns (name TEXT PRIMARY KEY, numbers BLOB NOT NULL);
"""


@dataclass(frozen=True)
class Facets:
    """What the N pictures of an index can be chosen by.

    words: of each facet by its name, in the records' order; its words, the most frequent first;
    and the rows of each, uint32, pictures of one group side by side. tags and years: likewise.
    groups: int32 (N,), equal for pictures of one group; None where no two pictures share one.
    dates: int32 (N,), as `day` writes them; None where no picture has a date.
    """

    count: int
    words: dict[str, Words] = field(default_factory=dict)
    tags: Words = field(default_factory=dict)
    years: Words = field(default_factory=dict)
    groups: NDArray[np.int32] | None = None
    dates: NDArray[np.int32] | None = None

    @classmethod
    def read(cls, database: sqlite3.Connection, count: int) -> Self:
        """Read what the indexer wrote. An index older than facets tells its tags alone."""
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'facets'").fetchone():
            return cls(count, tags=_old_tags(database))
        words: dict[str, Words] = {_TAGS: {}, _YEARS: {}}
        for name, word, rows in database.execute("SELECT * FROM facets ORDER BY rowid"):
            words.setdefault(name, {})[word] = np.frombuffer(rows, "<u4")
        columns = dict(database.execute("SELECT * FROM columns"))
        numbers = {name: np.frombuffer(content, "<i4") for name, content in columns.items()}
        tags, years = words.pop(_TAGS), words.pop(_YEARS)
        return cls(count, words, tags, years, numbers.get("group"), numbers.get("date"))

    def any_of(self, chosen: Iterable[Rows]) -> NDArray[np.bool_]:
        """Return which pictures carry one of some words at least, bool (N,)."""
        found = np.zeros(self.count, np.bool_)
        for rows in chosen:
            found[rows] = True
        return found

    def between(self, first: int, last: int) -> NDArray[np.bool_]:
        """Return which pictures have a date from `first` to `last`, bool (N,); see `day`."""
        if self.dates is None:
            return np.zeros(self.count, np.bool_)
        found: NDArray[np.bool_] = (self.dates >= max(first, 1)) & (self.dates <= last)
        return found

    def left(self, rows: Rows, allowed: NDArray[np.bool_], *, per_group: bool) -> int:
        """Count the pictures of a word, or their groups, of which `allowed`, bool (N,), is true."""
        kept = allowed[rows]
        if not per_group or self.groups is None:
            return int(np.count_nonzero(kept))
        groups = self.groups[rows[kept]]  # equal ones lie side by side
        return int(len(groups) > 0) + int(np.count_nonzero(groups[1:] != groups[:-1]))


def day(date: str, *, last: bool = False) -> int:
    """Write an ISO date as a number that sorts like it: 20240314; 0 where it is none.

    "2024" and "2024-03" stand for their first day, with `last` for their last.
    """
    found = _DATE.match(date)
    if found is None:
        return 0
    missing = "99" if last else "00"
    return int("".join(part or missing for part in found.groups()))


def words_of(record: "Record") -> tuple[str, ...]:
    """Return all that a picture may be chosen by, as "name:word": its words and its tags."""
    texts = [
        named(name, word)
        for name, text in _texts(record).items()
        for word in _carried(text)
        if len(word) <= _LONGEST_WORD
    ]
    return (*texts, *(tagged(tag) for tag in dict.fromkeys(record.tags)))


def named(name: str, word: str) -> str:
    """Write a word of a facet as `words_of` does."""
    return f"{name}:{word}"


def tagged(tag: str) -> str:
    """Write a tag as `words_of` does."""
    return named(_TAGS, tag)


class FacetWriter:
    """Finds the facets of an index while its records are written."""

    def __init__(self) -> None:
        self._words: dict[str, dict[str, array[int]] | None] = {}
        self._tags: dict[str, array[int]] = {}
        self._years: dict[str, array[int]] = {}
        self._groups: dict[str | int, int] = {}
        self._group_of = array("i")
        self._days = array("i")

    def add(self, record: "Record") -> None:
        """Take in the next record."""
        row = len(self._days)
        for name, text in _texts(record).items():
            self._note(name, text, row)
        for tag in dict.fromkeys(record.tags):
            self._tags.setdefault(tag, array("I")).append(row)
        # A picture without a group is a group of its own.
        known = self._groups.setdefault(record.group or row, len(self._groups))
        self._group_of.append(known)
        self._days.append(day(record.date))
        if self._days[row]:
            self._years.setdefault(record.date[:4], array("I")).append(row)

    def write(self, database: sqlite3.Connection) -> None:
        """Write what was found."""
        told = {name: words for name, words in self._words.items() if self._chooses(words)}
        told |= {_TAGS: self._tags, _YEARS: self._years}
        lines = (line for name, words in told.items() for line in self._lines(name, words or {}))
        database.executemany("INSERT INTO facets VALUES (?, ?, ?)", lines)
        columns = []
        if len(self._groups) < len(self._group_of):
            columns.append(("group", np.asarray(self._group_of, "<i4").tobytes()))
        if self._years:
            columns.append(("date", np.asarray(self._days, "<i4").tobytes()))
        database.executemany("INSERT INTO columns VALUES (?, ?)", columns)

    def _note(self, name: str, text: str, row: int) -> None:
        words = self._words.setdefault(name, {})
        if words is None:
            return
        carried = _carried(text)
        for word in carried:
            words.setdefault(word, array("I")).append(row)
        if len(words) > _MOST_WORDS or any(len(word) > _LONGEST_WORD for word in carried):
            self._words[name] = None

    def _chooses(self, words: Mapping[str, "array[int]"] | None) -> bool:
        """Whether words repeat, and at least one of them is not every picture's."""
        sizes = [len(rows) for rows in (words or {}).values()]
        return 2 * len(sizes) <= sum(sizes) and any(size < len(self._days) for size in sizes)

    def _lines(
        self, name: str, words: Mapping[str, "array[int]"]
    ) -> Iterator[tuple[str, str, bytes]]:
        groups = np.asarray(self._group_of, np.int32)
        for word, listed in sorted(words.items(), key=lambda each: (-len(each[1]), each[0])):
            rows = np.asarray(listed, "<u4")
            yield name, word, rows[np.argsort(groups[rows], kind="stable")].tobytes()


def _carried(text: str) -> list[str]:
    return list(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))


def _texts(record: "Record") -> dict[str, str]:
    """Return the texts of a record that may hold words, by their names.

    A name with a colon is none: addresses write a name and a word with a colon between them.
    """
    told = {
        name: value
        for name, value in record.details.items()
        if isinstance(value, str) and ":" not in name
    }
    return told | {"credit": record.credit, "licence": record.licence}


def _old_tags(database: sqlite3.Connection) -> Words:
    rows: dict[str, list[int]] = {}
    for tag, row in database.execute("SELECT tag, row FROM tags ORDER BY tag, row"):
        rows.setdefault(tag, []).append(row)
    frequent = sorted(rows, key=lambda tag: (-len(rows[tag]), tag))
    return {tag: np.asarray(rows[tag], np.uint32) for tag in frequent}
