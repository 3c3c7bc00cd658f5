"""What was found: a row for each size and kind, kept as they come, and published together."""

from pathlib import Path
from typing import Final

import msgspec

from benchmarks.machine import Machine

FORMAT: Final = 1


class Latency(msgspec.Struct, frozen=True):
    """Milliseconds: half of the searches, and 95 of 100, took no longer."""

    half: float
    most: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of one index.

    build: seconds. disk, memory: bytes, of all that it needs; mapped: the part of the memory that
    are pages of files. rate: searches a second with all clients at once. processor: milliseconds of
    a core for each of those searches. recall: 0 to 1. effort: that an approximate index was set to.
    others: the share of the processors' time that other processes took meanwhile, 0 to 1.
    """

    build: float
    disk: int
    memory: int
    mapped: int
    alone: Latency
    together: Latency
    rate: float
    processor: float
    recall: float
    effort: int | None
    others: float


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One size and kind; without figures, `why` says why, and `minutes` how long was waited."""

    size: int
    kind: str
    when: str
    commit: str
    figures: Figures | None = None
    why: str = ""
    minutes: float = 0.0

    def settled(self, minutes: float) -> bool:
        """Whether it is no use to try again with so many minutes."""
        return self.figures is not None or self.minutes >= minutes


class Rate(msgspec.Struct, frozen=True):
    """So many a second on so many cores, as `source` says."""

    rate: float
    cores: int
    source: str


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """Everything.

    stored: bytes of a picture in the bundle, by what they are of; "linked" are pictures' own files
    that stand for large thumbnails. encoding: pictures that are indexed. serving: searches that our
    servers answer, ranked in a small gallery.
    """

    format: int
    machine: Machine
    clients: int
    dimensions: int
    spectrum: str
    pictures: int
    stored: dict[str, float]
    encoding: Rate
    serving: Rate
    rows: tuple[Row, ...]


class Kept:
    """The rows so far, a line of JSON each; of one size and kind the last counts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self) -> dict[tuple[int, str], Row]:
        """Return them by size and kind. What was cut off while it was written is left out."""
        if not self._path.exists():
            return {}
        found = {}
        for line in self._path.read_bytes().splitlines():
            try:
                row = msgspec.json.decode(line, type=Row)
            except msgspec.DecodeError:
                continue
            found[row.size, row.kind] = row
        return found

    def add(self, row: Row) -> None:
        """Write one more."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")


def write(path: Path, growth: Growth) -> None:
    """Write all of it."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(growth), indent=2) + b"\n")


def read(path: Path) -> Growth:
    """Read all of it. Raises OSError, and msgspec.DecodeError."""
    return msgspec.json.decode(path.read_bytes(), type=Growth)
