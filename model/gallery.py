"""The gallery's records and thumbnails, as the server reads them.

Records live in one SQLite file, so that a million of them cost no memory; thumbnails lie one after
another in packs, so that a bundle is a handful of files whatever it holds.
"""

import hashlib
import itertools
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.facets import Facets
from model.folders import path_of
from model.identifiers import candidates
from model.images import READER
from model.metadata.told import Told
from model.packs import Packs
from model.reading import IN_DOUBT
from model.selection import Selection

Size = Literal["small", "large"]
# Boxes that thumbnails fit in: rows of equal height, and the page of one picture.
BOXES: Final[dict[Size, tuple[int, int]]] = {"small": (640, 256), "large": (1024, 1024)}

# SQLite takes no more in one question.
_MOST_VALUES: Final = 32_766


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one picture of the gallery.

    row: its place in the index, 0 to N - 1. id: 12 hex digits of its content's hash, its stable
    address (`identifiers.candidates`). path: relative to the gallery's root, as `folders.written`
    tells it. modified_ns: when the file was changed, nanoseconds, or `reading.IN_DOUBT`; of an
    object, its version. width, height: pixels, upright. colour: the average, as "#aabbcc". date:
    when it was taken, ISO 8601, or "". group: which pictures show the same thing. details: whatever
    else its source told. embedded: what the file itself tells, so that a changed word beside it
    costs no decoding; None in an index of an earlier version.
    """

    row: int
    id: str
    path: str
    sha256: str
    bytes: int
    modified_ns: int
    width: int
    height: int
    format: str
    colour: str
    title: str
    alt: str = ""
    credit: str = ""
    licence: str = ""
    source: str = ""
    date: str = ""
    group: str = ""
    tags: tuple[str, ...] = ()
    details: dict[str, str | int | float] = {}
    embedded: Told | None = None


class GalleryAway(FileNotFoundError):
    """A file of the gallery that is not where it was when the bundle was opened."""

    def __init__(self, path: Path, reason: object) -> None:
        super().__init__(f"{path} cannot be opened ({reason}). It is used again when it is back.")


class Gallery:
    """The records and thumbnails of an index, read-only; safe across threads and forks."""

    def __init__(self, records: Path, thumbnails: Sequence[Path], root: Path) -> None:
        """Take the packs of the thumbnails, one at least, in their order.

        root: the folder of the pictures, where those lie that need no large thumbnail.
        """
        self.path = records
        self.packs = Packs(thumbnails)
        self._root = root
        self._local = threading.local()

    @property
    def count(self) -> int:
        """How many pictures there are."""
        count: int = self._connection.execute("SELECT count(*) FROM images").fetchone()[0]
        return count

    @cached_property
    def facets(self) -> Facets:
        """What the pictures can be chosen by; read when it is first asked for."""
        return Facets.read(self._connection, self.count)

    def record(self, row: int) -> Record:
        """Return the record of a row. Raises IndexError."""
        found = self._select("WHERE row = ?", (row,))
        if not found:
            raise IndexError(f"The gallery has no row {row}.")
        return found[0]

    def records(self, rows: Sequence[int]) -> list[Record]:
        """Return the records of several rows, in the order asked for."""
        marks = ",".join("?" * len(rows))
        found = self._select(f"WHERE row IN ({marks})", [int(row) for row in rows])
        by_row = {record.row: record for record in found}
        return [by_row[int(row)] for row in rows]

    def find(self, identifier: str) -> Record | None:
        """Return the record with this id, or None."""
        found = self._select("WHERE id = ?", (identifier,))
        return found[0] if found else None

    def find_content(self, sha256: str) -> Record | None:
        """Return the record of the picture whose file has this SHA-256, or None."""
        found = filter(None, map(self.find, candidates(sha256)))
        return next((each for each in found if each.sha256 == sha256), None)

    def find_path(self, path: str) -> Record | None:
        """Return the record of the file at this path below the gallery's root, or None."""
        found = self._select("WHERE path = ?", (path,))
        return found[0] if found else None

    def identifiers(self, offset: int = 0, limit: int = -1) -> list[str]:
        """Return the ids of `limit` pictures from `offset` on, in the gallery's order; -1: all."""
        query = "SELECT id FROM images WHERE row >= ? ORDER BY row LIMIT ?"
        return [found for (found,) in self._connection.execute(query, (offset, limit))]

    def ids(self, rows: Sequence[int]) -> list[str]:
        """Return the ids of some rows, in the order asked for."""
        found = self._paired("row, id", "row", [int(row) for row in rows])
        return [found[int(row)] for row in rows]

    def rows(self, identifiers: Sequence[str]) -> dict[str, int]:
        """Return the rows of those ids that the gallery has."""
        return self._paired("id, row", "id", identifiers)

    def by_id(self) -> Iterator[Record]:
        """Yield every record, in the order of the ids."""
        return self._each("ORDER BY id")

    def page(self, offset: int, limit: int) -> list[Record]:
        """Return `limit` records from `offset` on, in the gallery's order."""
        return self._select("ORDER BY row LIMIT ? OFFSET ?", (limit, offset))

    def every(self) -> Iterator[Record]:
        """Yield all records, in the gallery's order."""
        return self._each("ORDER BY row")

    def listed(self, offset: int, limit: int, among: Selection | None) -> list[Record]:
        """Return a part of a selection in the gallery's order, or of the whole gallery."""
        if among is None:
            return self.page(offset, limit)
        return self.records(among.wanted[offset : offset + limit].tolist())

    @property
    def knows_copies(self) -> bool:
        """Whether copies were looked for: an index of an earlier version has no tables for them."""
        query = "SELECT 1 FROM sqlite_master WHERE name = 'copies'"
        return self._connection.execute(query).fetchone() is not None

    def count_copies(self, *, exact: bool = False) -> int:
        """Count the groups of copies; exact: the pictures that lie in several files."""
        query = _COUNT_EXACT if exact else _COUNT_COPIES
        return int(self._connection.execute(query).fetchone()[0]) if self.knows_copies else 0

    def copies(self, offset: int, limit: int, *, exact: bool = False) -> list[list[int]]:
        """Return the rows of `limit` groups of copies from `offset` on, the largest of each first.

        exact: pictures that lie in several files, each by itself.
        """
        if not self.knows_copies:
            return []
        if exact:
            query = "SELECT DISTINCT row FROM elsewhere ORDER BY row LIMIT ? OFFSET ?"
            return [[row] for (row,) in self._connection.execute(query, (limit, offset))]
        query = (
            "SELECT number, row FROM copies WHERE number >= ? AND number < ? ORDER BY number, place"
        )
        found = self._connection.execute(query, (offset, offset + limit))
        groups = itertools.groupby(found, key=itemgetter(0))
        return [[row for _, row in group] for _, group in groups]

    def elsewhere(self, rows: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Return the paths of other files with the same content, of the rows that have any."""
        marks = ",".join("?" * len(rows))
        # The marks are as many `?` as there are rows.
        query = f"SELECT row, path FROM elsewhere WHERE row IN ({marks}) ORDER BY row, path"  # noqa: S608
        found = self._connection.execute(query, [int(row) for row in rows])
        groups = itertools.groupby(found, key=itemgetter(0))
        return {row: tuple(path for _, path in group) for row, group in groups}

    def same_files(self) -> list[tuple[int, str, int]]:
        """Return each file that has the content of another: that one's row, its path and time.

        The time is as in `Record`. An index of an earlier version does not know it.
        """
        if not self.knows_copies:
            return []
        columns = {name for _, name, *_ in self._connection.execute("PRAGMA table_info(elsewhere)")}
        time = "modified_ns" if "modified_ns" in columns else f"{IN_DOUBT}"
        query = f"SELECT row, path, {time} FROM elsewhere"  # noqa: S608 - one of the two
        return list(self._connection.execute(query))

    def unreadable(self) -> list[tuple[str, int, int, str]]:
        """Return the files that are no pictures: path, size, time as in `Record`, and why.

        Those that other versions of the libraries could not decode are not among them.
        """
        query = "SELECT 1 FROM sqlite_master WHERE name = 'unreadable'"
        if not self._connection.execute(query).fetchone():
            return []
        query = "SELECT path, bytes, modified_ns, sentence FROM unreadable WHERE reader = ?"
        return list(self._connection.execute(query, (READER,)))

    def places(self) -> NDArray[np.int64]:
        """Return where the thumbnails lie, int64 (N, 4): offset and length of small, and large."""
        query = f"SELECT {', '.join(_PLACES)} FROM images ORDER BY row"  # noqa: S608 - four names
        found = itertools.chain.from_iterable(self._connection.execute(query))
        return np.fromiter(found, np.int64).reshape(-1, len(_PLACES))

    def thumbnail(self, record: Record, size: Size) -> bytes:
        """Return a picture's thumbnail, a WebP.

        A picture that was linked is its own large thumbnail, as long as its file is what it was.
        """
        stored = self.stored(record, size)
        return stored or self._original(record) or self.stored(record, "small")

    def stored(self, record: Record, size: Size) -> bytes:
        """Return a thumbnail as the pack holds it: for a linked picture no large one.

        Raises GalleryAway, as everything does that reads a record.
        """
        query = f"SELECT {size}_offset, {size}_bytes FROM images WHERE row = ?"  # noqa: S608 - Size
        offset, length = self._connection.execute(query, (record.row,)).fetchone()
        try:
            return self.packs.read(offset, length)
        except FileNotFoundError as error:
            raise GalleryAway(self.packs.paths[-1], error.strerror) from error

    def _original(self, record: Record) -> bytes | None:
        try:
            content = (self._root / path_of(record.path)).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == record.sha256 else None

    @property
    def _connection(self) -> sqlite3.Connection:
        """One connection for each thread of each process: SQLite's must not cross a fork."""
        held = getattr(self._local, "connection", None)
        if held is None or held[0] != os.getpid():
            held = os.getpid(), self._connected()
            self._local.connection = held
        connection: sqlite3.Connection = held[1]
        return connection

    def _connected(self) -> sqlite3.Connection:
        uri = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            return sqlite3.connect(uri, uri=True, check_same_thread=False)
        except sqlite3.OperationalError as error:
            raise GalleryAway(self.path, error) from error

    def _paired(self, columns: str, key: str, values: Sequence[object]) -> dict[Any, Any]:
        """Return one column by another, of the rows whose key is among the values."""
        found: dict[Any, Any] = {}
        for start in range(0, len(values), _MOST_VALUES):
            part = values[start : start + _MOST_VALUES]
            marks = ",".join("?" * len(part))
            query = f"SELECT {columns} FROM images WHERE {key} IN ({marks})"  # noqa: S608 - our own
            found.update(self._connection.execute(query, part).fetchall())
        return found

    def _select(self, clause: str, values: Sequence[object]) -> list[Record]:
        return list(self._each(clause, values))

    def _each(self, clause: str, values: Sequence[object] = ()) -> Iterator[Record]:
        query = f"SELECT row, record FROM images {clause}"  # noqa: S608 - our own clauses
        for row, record in self._connection.execute(query, values):
            yield decoded(row, record)


def decoded(row: int, record: bytes) -> Record:
    """Return a record as the table has it. Its row is the table's: records move, and stay equal."""
    found = msgspec.json.decode(record, type=Record)
    return found if found.row == row else msgspec.structs.replace(found, row=row)


_PLACES: Final = ("small_offset", "small_bytes", "large_offset", "large_bytes")
_COUNT_COPIES: Final = "SELECT ifnull(max(number) + 1, 0) FROM copies"
_COUNT_EXACT: Final = "SELECT count(DISTINCT row) FROM elsewhere"
