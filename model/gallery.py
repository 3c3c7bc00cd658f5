"""The gallery's records and thumbnails, as the server reads them and the indexer writes them.

Records live in one SQLite file, so that a million of them cost no memory; thumbnails lie one after
another in a pack, so that a bundle is a handful of files whatever it holds.
"""

import hashlib
import itertools
import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Final, Literal

import msgspec

from model import facets
from model.facets import Facets, FacetWriter
from model.selection import Selection

Size = Literal["small", "large"]
# Boxes that thumbnails fit in: rows of equal height, and the page of one picture.
BOXES: Final[dict[Size, tuple[int, int]]] = {"small": (640, 256), "large": (1024, 1024)}

_SCHEMA: Final = """
CREATE TABLE images (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL UNIQUE,
    record BLOB NOT NULL,
    small_offset INTEGER NOT NULL, small_bytes INTEGER NOT NULL,
    large_offset INTEGER NOT NULL, large_bytes INTEGER NOT NULL
);
CREATE TABLE copies (number INTEGER NOT NULL, place INTEGER NOT NULL, row INTEGER NOT NULL,
    PRIMARY KEY (number, place)) WITHOUT ROWID;
CREATE TABLE elsewhere (row INTEGER NOT NULL, path TEXT NOT NULL, PRIMARY KEY (row, path))
    WITHOUT ROWID;
"""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one picture of the gallery.

    row: its place in the index, 0 to N - 1. id: 12 hex digits of its content's hash, its stable
    address. path: relative to the gallery's root. modified_ns: when the file was changed. width,
    height: pixels, upright. colour: the average, as "#aabbcc". date: when it was taken, ISO 8601,
    or "". group: which pictures show the same thing. details: whatever else its source told.
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


class Gallery:
    """The records and thumbnails of an index, read-only; safe across threads and forks."""

    def __init__(self, records: Path, thumbnails: Path, root: Path) -> None:
        """root: the folder of the pictures, where those lie that need no large thumbnail."""
        self._records = records
        self._thumbnails = thumbnails
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

    def find_path(self, path: str) -> Record | None:
        """Return the record of the file at this path below the gallery's root, or None."""
        found = self._select("WHERE path = ?", (path,))
        return found[0] if found else None

    def identifiers(self, offset: int = 0, limit: int = -1) -> list[str]:
        """Return the ids of `limit` pictures from `offset` on, in the gallery's order; -1: all."""
        query = "SELECT id FROM images WHERE row >= ? ORDER BY row LIMIT ?"
        return [found for (found,) in self._connection.execute(query, (offset, limit))]

    def page(self, offset: int, limit: int) -> list[Record]:
        """Return `limit` records from `offset` on, in the gallery's order."""
        return self._select("ORDER BY row LIMIT ? OFFSET ?", (limit, offset))

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
        query = f"SELECT row, path FROM elsewhere WHERE row IN ({marks}) ORDER BY row, path"  # noqa: S608
        found = self._connection.execute(query, [int(row) for row in rows])
        groups = itertools.groupby(found, key=itemgetter(0))
        return {row: tuple(path for _, path in group) for row, group in groups}

    def all_elsewhere(self) -> set[tuple[str, str]]:
        """Return each file that has the content of another, as the other's id and its own path."""
        if not self.knows_copies:
            return set()
        query = "SELECT id, elsewhere.path FROM elsewhere JOIN images USING (row)"
        return set(self._connection.execute(query))

    def thumbnail(self, record: Record, size: Size) -> bytes:
        """Return a picture's thumbnail, a WebP.

        A picture that was linked is its own large thumbnail, as long as its file is what it was.
        """
        stored = self.stored(record, size)
        return stored or self._original(record) or self.stored(record, "small")

    def stored(self, record: Record, size: Size) -> bytes:
        """Return a thumbnail as the pack holds it: for a linked picture no large one."""
        query = f"SELECT {size}_offset, {size}_bytes FROM images WHERE row = ?"  # noqa: S608 - Size
        offset, length = self._connection.execute(query, (record.row,)).fetchone()
        descriptor = os.open(self._thumbnails, os.O_RDONLY)
        try:
            return os.pread(descriptor, length, offset)
        finally:
            os.close(descriptor)

    def _original(self, record: Record) -> bytes | None:
        try:
            content = (self._root / record.path).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == record.sha256 else None

    @property
    def _connection(self) -> sqlite3.Connection:
        """One connection for each thread of each process: SQLite's must not cross a fork."""
        held = getattr(self._local, "connection", None)
        if held is None or held[0] != os.getpid():
            uri = f"{self._records.resolve().as_uri()}?mode=ro&immutable=1"
            held = (os.getpid(), sqlite3.connect(uri, uri=True, check_same_thread=False))
            self._local.connection = held
        connection: sqlite3.Connection = held[1]
        return connection

    def _select(self, clause: str, values: Sequence[object]) -> list[Record]:
        query = f"SELECT images.record FROM images {clause}"  # noqa: S608 - our own clauses
        rows = self._connection.execute(query, values)
        return [msgspec.json.decode(record, type=Record) for (record,) in rows]


_COUNT_COPIES: Final = "SELECT ifnull(max(number) + 1, 0) FROM copies"
_COUNT_EXACT: Final = "SELECT count(DISTINCT row) FROM elsewhere"


class GalleryWriter:
    """Writes the records and the pack of one index; `close` finishes both."""

    def __init__(self, records: Path, thumbnails: Path) -> None:
        self._database = sqlite3.connect(records)
        self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        self._database.executescript(_SCHEMA + facets.SCHEMA)
        self._facets = FacetWriter()
        self._pack = thumbnails.open("wb")

    def add(self, record: Record, small: bytes, large: bytes) -> None:
        """Append a record and its two thumbnails (WebP). No large one: the picture is linked."""
        places = (self._append(small), len(small), self._append(large), len(large))
        values = (record.row, record.id, record.path, msgspec.json.encode(record), *places)
        self._database.execute("INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        self._facets.add(record)

    def tell_copies(
        self, groups: Iterable[Sequence[int]], elsewhere: Iterable[tuple[int, str]]
    ) -> None:
        """Write the groups of copies, rows each; and row and path of files left out as the same."""
        for number, group in enumerate(groups):
            rows = ((number, place, row) for place, row in enumerate(group))
            self._database.executemany("INSERT INTO copies VALUES (?, ?, ?)", rows)
        self._database.executemany("INSERT INTO elsewhere VALUES (?, ?)", elsewhere)

    def close(self) -> None:
        """Finish both files."""
        self._facets.write(self._database)
        self._database.commit()
        self._database.close()
        self._pack.close()

    def _append(self, content: bytes) -> int:
        offset = self._pack.tell()
        self._pack.write(content)
        return offset
