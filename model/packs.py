"""Packs: many small pieces one after another in one file, or in several that count as one.

A piece is known by its offset and length. The offsets of several packs go on from one to the next,
as if they lay one behind the other; so what was once written keeps its offset, and an index that
grows adds a pack instead of writing all pieces again.
"""

import os
from bisect import bisect
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]  # (n,), offsets or lengths in bytes

_BUFFER: Final = 1 << 20
# A pack stays as it is while so much of it is still in use.
_USED: Final = 0.75


class Packs:
    """Packs to read from; safe across threads and forks."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = list(paths)

    @cached_property
    def starts(self) -> list[int]:
        """Return the offset of each pack's first byte. Raises OSError where one is missing."""
        starts = [0]
        for path in self.paths[:-1]:
            starts.append(starts[-1] + path.stat().st_size)
        return starts

    def read(self, offset: int, length: int) -> bytes:
        """Return a piece. Raises OSError."""
        number = bisect(self.starts, offset) - 1
        descriptor = os.open(self.paths[number], os.O_RDONLY)
        try:
            return os.pread(descriptor, length, offset - self.starts[number])
        finally:
            os.close(descriptor)

    def lasting(self, offsets: Places, lengths: Places, coming: int) -> int:
        """Say how many of the packs, from the first, are to stay when the index changes.

        offsets, lengths: of the pieces still in use. coming: how many bytes are new. The packs
        behind those, and what is new, become one. A pack stays while most of it is in use, and it
        is as large as all that comes behind it: so there are few, and each byte is written again
        only as often as the collection doubles (a log-structured merge, O'Neil and others, 1996).
        """
        number = np.searchsorted(np.array(self.starts), offsets, side="right") - 1
        used = np.bincount(number, lengths, minlength=len(self.paths))
        behind = np.cumsum(used[::-1])[::-1] - used + coming
        for place, path in enumerate(self.paths):
            size = path.stat().st_size
            if used[place] < _USED * size or size < behind[place]:
                return place
        return len(self.paths)


class PackWriter:
    """Writes one pack that goes on behind the first `kept` of some others."""

    def __init__(self, path: Path, earlier: Packs | None = None, kept: int = 0) -> None:
        self._path = path
        self._earlier = earlier or Packs([])
        self._base = sum(each.stat().st_size for each in self._earlier.paths[:kept])
        self._file = path.open("wb", buffering=_BUFFER)
        self._end = self._base

    def add(self, content: bytes) -> int:
        """Append a piece and return its offset."""
        offset = self._end
        self._file.write(content)
        self._end += len(content)
        return offset

    def copy(self, offsets: Places, lengths: Places) -> Places:
        """Append pieces of the earlier packs, many at a time; return their offsets, int64 (n,).

        Those of packs that are kept stay where they are.
        """
        moved = offsets >= self._base
        theirs, sizes = offsets[moved], lengths[moved]
        found = offsets.copy()
        found[moved] = self._end + np.cumsum(sizes) - sizes
        breaks = np.flatnonzero(theirs[1:] != theirs[:-1] + sizes[:-1]) + 1
        for place, size in zip(np.split(theirs, breaks), np.split(sizes, breaks), strict=True):
            if len(place):
                self._append(int(place[0]), int(size.sum()))
        return found

    def close(self) -> bool:
        """Finish the file, and say whether it holds anything."""
        self._file.close()
        return self._end > self._base

    def _append(self, offset: int, length: int) -> None:
        """Copy a range, which may go on from one pack into the next."""
        self._end += length
        while length:
            number = bisect(self._earlier.starts, offset) - 1
            start = offset - self._earlier.starts[number]
            with self._earlier.paths[number].open("rb", buffering=0) as source:
                source.seek(start)
                while length and (part := source.read(min(length, _BUFFER))):
                    self._file.write(part)
                    offset += len(part)
                    length -= len(part)
            if number + 1 == len(self._earlier.paths) and length:
                raise OSError(f"The pack {self._earlier.paths[number]} is too short")
