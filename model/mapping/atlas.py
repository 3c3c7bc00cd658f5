"""The map as a bundle holds it: a table of places, mapped into memory, and a pack of minis.

The table is sorted by the places' numbers, so what a tile shows is one slice of it, at any zoom.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.mapping.minis import SWATCH, Mini
from model.mapping.plane import Cells, located, numbered
from model.packs import Packs, PackWriter

# place: its number. row: the picture's, in the index. offset, bytes: its mini's, in the pack.
TABLE: Final = np.dtype(
    [
        ("place", "<u4"),
        ("row", "<u4"),
        ("offset", "<u8"),
        ("bytes", "<u4"),
        ("swatch", "u1", (*SWATCH[::-1], 3)),
    ]
)


class MapInfo(msgspec.Struct, frozen=True, kw_only=True):
    """How a map was made. method: by what. joined: how many pictures were put beside others since.

    columns, lines: how many places it is wide and high.
    """

    method: str
    columns: int
    lines: int
    joined: int = 0


@dataclass(frozen=True)
class Atlas:
    """table: (N,) of `TABLE`, sorted by place. minis: the pack."""

    table: NDArray[np.void]
    minis: Path
    info: MapInfo

    @classmethod
    def open(cls, table: Path, minis: Path, info: MapInfo) -> "Atlas":
        """Open both files. Raises ValueError for a table of another kind."""
        values = np.load(table, mmap_mode="r")
        if values.dtype != TABLE or values.ndim != 1:
            raise ValueError(f"a table {values.shape} of {values.dtype}")
        return cls(values, minis, info)

    @property
    def side(self) -> int:
        """How many places a square is wide that holds the whole map: a power of two."""
        return 1 << (max(self.info.columns, self.info.lines) - 1).bit_length()

    @cached_property
    def cells(self) -> Cells:
        """The places of the pictures, int64 (N, 2): column and line of each row of the index."""
        return located(self.by_row["place"])

    def square(self, column: int, line: int, side: int) -> NDArray[np.void]:
        """Return the part of the table in a square `side` places wide, a power of two.

        column, line: its first, multiples of `side`.
        """
        first = int(numbered(np.array([[column, line]]))[0])
        ends = self._numbers.searchsorted([first, first + side * side])
        return self.table[slice(*ends)]

    def pictures(self, part: NDArray[np.void]) -> Iterator[bytes]:
        """Yield the minis of a part of the table."""
        descriptor = os.open(self.minis, os.O_RDONLY)
        try:
            for offset, length in zip(part["offset"].tolist(), part["bytes"].tolist(), strict=True):
                yield os.pread(descriptor, length, offset)
        finally:
            os.close(descriptor)

    def mini(self, row: int) -> Mini:
        """Return the mini of one row of the index."""
        entry = self.by_row[row : row + 1]
        return Mini(next(self.pictures(entry)), entry["swatch"][0])

    @cached_property
    def _numbers(self) -> NDArray[np.int64]:
        return self.table["place"].astype(np.int64)

    @cached_property
    def by_row(self) -> NDArray[np.void]:
        """The table in the order of the rows of the index."""
        found: NDArray[np.void] = self.table[np.argsort(self.table["row"])]
        return found


class MiniWriter:
    """Writes the pack, and the table but for the places, which are known last."""

    def __init__(self, pack: Path, most: int, earlier: Atlas | None = None) -> None:
        """most: how many pictures there may be. earlier: a map to take minis over from."""
        self._theirs = np.empty(0, TABLE) if earlier is None else earlier.by_row
        self._pack = PackWriter(pack, None if earlier is None else Packs([earlier.minis]))
        self._table = np.zeros(most, TABLE)
        self._count = 0

    def add(self, mini: Mini) -> None:
        """Append what is shown of the next row."""
        entry = self._table[self._count]
        entry["row"], entry["swatch"] = self._count, mini.swatch
        entry["offset"], entry["bytes"] = self._pack.add(mini.picture), len(mini.picture)
        self._count += 1

    def take(self, rows: NDArray[np.int64]) -> None:
        """Append what the earlier map shows of some rows, int64 (n,)."""
        entries = self._table[self._count : self._count + len(rows)]
        entries[:] = self._theirs[rows]
        entries["row"] = self._count + np.arange(len(rows))
        offsets, lengths = (entries[name].astype(np.int64) for name in ("offset", "bytes"))
        entries["offset"] = self._pack.copy(offsets, lengths)
        self._count += len(rows)

    def close(self) -> NDArray[np.void]:
        """Finish the pack and return the table, (N,) in the order of the rows, without places."""
        self._pack.close()
        return self._table[: self._count]


def save(table: NDArray[np.void], cells: Cells, path: Path) -> None:
    """Write the table with its places, int64 (N, 2) in the table's order."""
    placed = table.copy()
    placed["place"] = numbered(cells)
    with path.open("wb") as file:
        np.save(file, placed[np.argsort(placed["place"])])
