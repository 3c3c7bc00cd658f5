"""The gallery's records and thumbnails, as the server reads them and the indexer writes them.

Records live in one SQLite file, so that a million of them cost no memory; thumbnails lie one after
another in a pack, so that a bundle is a handful of files whatever it holds.
"""

import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

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
CREATE TABLE tags (tag TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (tag, row)) WITHOUT ROWID;
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
        return self.count_of()

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

    def page(self, offset: int, limit: int, tag: str | None = None) -> list[Record]:
        """Return `limit` records from `offset` on, in the gallery's order, all or of one tag."""
        if tag is None:
            return self._select("ORDER BY row LIMIT ? OFFSET ?", (limit, offset))
        clause = "JOIN tags USING (row) WHERE tag = ? ORDER BY row LIMIT ? OFFSET ?"
        return self._select(clause, (tag, limit, offset))

    def count_of(self, tag: str | None = None) -> int:
        """Count the pictures, all or of one tag."""
        query = "SELECT count(*) FROM images" if tag is None else _COUNT_TAG
        count: int = self._connection.execute(query, () if tag is None else (tag,)).fetchone()[0]
        return count

    def tags(self) -> list[tuple[str, int]]:
        """Return every tag with its number of pictures, most frequent first."""
        query = "SELECT tag, count(*) FROM tags GROUP BY tag ORDER BY 2 DESC, 1"
        return list(self._connection.execute(query))

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


_COUNT_TAG: Final = "SELECT count(*) FROM tags WHERE tag = ?"


class GalleryWriter:
    """Writes the records and the pack of one index; `close` finishes both."""

    def __init__(self, records: Path, thumbnails: Path) -> None:
        self._database = sqlite3.connect(records)
        self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        self._database.executescript(_SCHEMA)
        self._pack = thumbnails.open("wb")

    def add(self, record: Record, small: bytes, large: bytes) -> None:
        """Append a record and its two thumbnails (WebP). No large one: the picture is linked."""
        places = (self._append(small), len(small), self._append(large), len(large))
        values = (record.row, record.id, record.path, msgspec.json.encode(record), *places)
        self._database.execute("INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        self._database.executemany("INSERT INTO tags VALUES (?, ?)", _tag_rows(record))

    def close(self) -> None:
        """Finish both files."""
        self._database.commit()
        self._database.close()
        self._pack.close()

    def _append(self, content: bytes) -> int:
        offset = self._pack.tell()
        self._pack.write(content)
        return offset


def _tag_rows(record: Record) -> Iterable[tuple[str, int]]:
    return ((tag, record.row) for tag in dict.fromkeys(record.tags))
