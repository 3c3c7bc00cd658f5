"""Writing a gallery's records and thumbnails: new ones, and those of an earlier one in bulk."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from model import facets
from model.facets import FacetWriter
from model.gallery import Gallery, Record, decoded
from model.images import READER
from model.packs import PackWriter, Places

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
CREATE TABLE elsewhere (row INTEGER NOT NULL, path TEXT NOT NULL, modified_ns INTEGER NOT NULL,
    PRIMARY KEY (row, path)) WITHOUT ROWID;
CREATE TABLE unreadable (path TEXT PRIMARY KEY, bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL, sentence TEXT NOT NULL, reader TEXT NOT NULL) WITHOUT ROWID;
"""
_PLACES: Final = "small_offset, small_bytes, large_offset, large_bytes"
_COPY: Final = """
INSERT INTO images SELECT row + ?, id, path, record,
    small_offset + ?, small_bytes, large_offset + ?, large_bytes
FROM earlier.images WHERE row BETWEEN ? AND ?
"""
_OPTIONS: Final = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;"


class Unreadable(NamedTuple):
    """A file that is no picture; as long as it is the same, it need not be tried again."""

    path: str
    bytes: int
    modified_ns: int
    sentence: str


@dataclass(frozen=True)
class Earlier:
    """A gallery to take pictures over from.

    places: int64 (N, 4), offset and length of each row's small and large thumbnail. kept: how many
    of its packs stay.
    """

    gallery: Gallery
    places: NDArray[np.int64]
    kept: int

    @classmethod
    def of(cls, gallery: Gallery, rows: NDArray[np.int64], coming: int) -> "Earlier":
        """Look at the gallery for a change that keeps some rows and brings so many bytes."""
        places = gallery.places()
        used = places[rows].reshape(-1, 2)
        return cls(gallery, places, gallery.packs.lasting(used[:, 0], used[:, 1], coming))


class GalleryWriter:
    """Writes the records and a pack of one index, row after row; `close` finishes both."""

    def __init__(self, records: Path, thumbnails: Path, earlier: Earlier | None = None) -> None:
        self._database = sqlite3.connect(f"{records.absolute().as_uri()}?mode=rwc", uri=True)
        self._database.executescript(_OPTIONS + _SCHEMA + facets.SCHEMA)
        self._count = 0
        self._theirs = np.empty((0, 4), np.int64) if earlier is None else earlier.places
        if earlier is None:
            self.kept: list[Path] = []  # packs of the earlier gallery that go on being used
            self._pack = PackWriter(thumbnails)
        else:
            self.kept = earlier.gallery.packs.paths[: earlier.kept]
            self._pack = PackWriter(thumbnails, earlier.gallery.packs, earlier.kept)
            uri = f"{earlier.gallery.path.resolve().as_uri()}?mode=ro&immutable=1"
            self._database.execute("ATTACH ? AS earlier", (uri,))

    def add(self, record: Record, small: bytes, large: bytes) -> None:
        """Append a record and its two thumbnails (WebP). No large one: the picture is linked."""
        places = (self._pack.add(small), len(small), self._pack.add(large), len(large))
        self._insert(self._count, record, places)
        self._count += 1

    def take(self, rows: NDArray[np.int64], remade: dict[int, Record]) -> None:
        """Append what the earlier gallery has in some rows, int64 (n,).

        remade: records that are no longer what they were, by their row there.
        """
        theirs = self._theirs[rows]
        places = theirs.copy()
        offsets, lengths = theirs[:, ::2].ravel(), theirs[:, 1::2].ravel()
        places[:, ::2] = self._pack.copy(offsets, lengths).reshape(-1, 2)
        single = np.isin(rows, list(remade))
        ours = self._count + np.arange(len(rows))
        shifts = np.column_stack((ours - rows, places[:, ::2] - theirs[:, ::2]))
        for start, end in _runs(shifts, single):
            if single[start]:
                record = remade[int(rows[start])]
                self._insert(int(ours[start]), record, places[start].tolist())
            else:
                ends = int(rows[start]), int(rows[end - 1])
                self._database.execute(_COPY, (*shifts[start].tolist(), *ends))
        self._count += len(rows)

    def tell_copies(
        self, groups: Iterable[Sequence[int]], elsewhere: Iterable[tuple[int, str, int]]
    ) -> None:
        """Write the groups of copies, rows each; and row, path and time of files that are the same.

        The largest picture of a group comes first.
        """
        for number, group in enumerate(sorted(groups, key=min)):
            largest = sorted(group, key=self._size, reverse=True)
            rows = ((number, place, row) for place, row in enumerate(largest))
            self._database.executemany("INSERT INTO copies VALUES (?, ?, ?)", rows)
        self._database.executemany("INSERT INTO elsewhere VALUES (?, ?, ?)", elsewhere)

    def tell_unreadable(self, files: Iterable[Unreadable]) -> None:
        """Write which files are no pictures."""
        rows = ((*file, READER) for file in files)
        self._database.executemany("INSERT INTO unreadable VALUES (?, ?, ?, ?, ?)", rows)

    def close(self) -> bool:
        """Finish both files, and say whether there is anything in the pack."""
        found = FacetWriter()
        for record in self._records():
            found.add(record)
        found.write(self._database)
        self._database.commit()
        self._database.close()
        return self._pack.close()

    def _insert(self, row: int, record: Record, places: Sequence[int]) -> None:
        values = (row, record.id, record.path, msgspec.json.encode(record), *places)
        self._database.execute("INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def _records(self, clause: str = "ORDER BY row") -> Iterator[Record]:
        query = f"SELECT row, record FROM main.images {clause}"  # noqa: S608 - our own clauses
        return (decoded(*found) for found in self._database.execute(query))

    def _size(self, row: int) -> tuple[int, int]:
        (record,) = self._records(f"WHERE row = {row:d}")
        return record.width * record.height, record.bytes


def _runs(shifts: Places, single: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the ends of runs of rows that move alike, (n, 3); those that are single one by one."""
    alike = (shifts[1:] == shifts[:-1]).all(axis=1) & ~single[1:] & ~single[:-1]
    ends = [*(np.flatnonzero(~alike) + 1).tolist(), len(shifts)]
    yield from zip([0, *ends], ends, strict=False)
