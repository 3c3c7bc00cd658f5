"""The arithmetic: from measured figures and stated assumptions to machines, queries and money."""

import math
from dataclasses import dataclass
from typing import Final

from benchmarks.growth.results import Figures, Growth
from benchmarks.growth.verdict import ENGINE, Sized, measured

HOUR: Final = 3600.0
MONTH: Final = 730.0  # hours
GB: Final = 1e9
MILLION: Final = 1e6
# Of fewer embeddings an index tells little: the memory of the program itself outweighs them.
FEWEST: Final = 100_000
_FLOAT: Final = 4  # bytes
_THUMBNAILS: Final = ("thumbnails", "linked")  # roles begin so


@dataclass(frozen=True)
class Assumed:
    """What is not measured.

    memory: GB of a machine. cores: of a machine, each as fast as one of those that measured.
    share: of the memory that an index may fill. core_hour: money for a core and hour; memory_hour:
    for a GB of memory and hour; disk_month: for a GB of disk and month.
    """

    memory: float = 64.0
    cores: int = 16
    share: float = 0.75
    core_hour: float = 0.04
    memory_hour: float = 0.005
    disk_month: float = 0.08

    @property
    def machine_hour(self) -> float:
        """What a machine costs for an hour."""
        return self.cores * self.core_hour + self.memory * self.memory_hour


@dataclass(frozen=True)
class Stored:
    """What so many pictures take, whoever ranks them: hours of a core, and bytes."""

    core_hours: float
    embeddings: float
    thumbnails: float
    records: float
    others: float

    @property
    def disk(self) -> float:
        """All bytes on the disk."""
        return self.embeddings + self.thumbnails + self.records + self.others


@dataclass(frozen=True)
class Law:
    """How a kind of index grows, by the two largest sizes that were measured of it.

    sizes: these. each: bytes of memory, without mapped files, for each embedding more. power: of
    the size, with which processor time grows; known: whether it was measured. processor:
    milliseconds of a core for a search of the largest size. build: seconds of a core for each
    embedding.
    """

    sizes: tuple[int, ...]
    each: float
    power: float
    known: bool
    processor: float
    build: float

    def milliseconds(self, count: float) -> float:
        """Return the processor time of a search of so many embeddings."""
        return float(self.processor * (count / self.sizes[-1]) ** self.power)


@dataclass(frozen=True)
class Plan:
    """So many pictures in one kind of index.

    machines: that hold them. held: pictures of one of them. memory: bytes of all. core_hours: to
    build. processor: milliseconds of a core for a search, all machines together. rate: searches a
    second; every machine takes part in every search. per_million: money for a million searches
    without a pause. per_month: money for the machines.
    """

    machines: int
    held: float
    memory: float
    core_hours: float
    processor: float
    rate: float
    per_million: float
    per_month: float


def serving(growth: Growth, assumed: Assumed) -> float:
    """Return the money for a million searches of our own servers, without ranking."""
    core_hours = MILLION * growth.serving.cores / growth.serving.rate / HOUR
    return core_hours / assumed.cores * assumed.machine_hour


def stored(growth: Growth, count: float) -> Stored:
    """Work out what storing takes."""
    per = growth.stored
    thumbnails = {role: size for role, size in per.items() if role.startswith(_THUMBNAILS)}
    known = {"embeddings", "sketch", "records", *thumbnails}
    return Stored(
        core_hours=count * growth.encoding.cores / growth.encoding.rate / HOUR,
        embeddings=count * growth.dimensions * _FLOAT,
        thumbnails=count * sum(thumbnails.values()),
        records=count * per.get("records", 0.0),
        others=count * sum(size for role, size in per.items() if role not in known),
    )


def law(growth: Growth, kind: str) -> Law | None:
    """Return how a kind grows, or None where none was measured that is large enough.

    The engine keeps a graph for every 512 MB or so and searches all of them: its time grows with
    the size, however little it did while there was one graph.
    """
    found = [each for each in measured(growth, kind) if each[0] >= FEWEST][-2:]
    if not found:
        return None
    size, figures = found[-1]
    known = len(found) > 1 and kind != ENGINE
    return Law(
        sizes=tuple(each for each, _ in found),
        each=_each(found),
        power=_power(found) if known else 1.0,
        known=known,
        processor=figures.processor,
        build=figures.build * growth.machine.cores / size,
    )


def plan(known: Law, assumed: Assumed, count: float) -> Plan:
    """Work out machines, searches and money."""
    memory = count * known.each
    machines = max(1, math.ceil(memory / (assumed.share * assumed.memory * GB)))
    held = count / machines
    rate = assumed.cores * 1000 / known.milliseconds(held)
    hourly = machines * assumed.machine_hour
    return Plan(
        machines=machines,
        held=held,
        memory=memory,
        core_hours=count * known.build / HOUR,
        processor=machines * known.milliseconds(held),
        rate=rate,
        per_million=hourly * MILLION / rate / HOUR,
        per_month=hourly * MONTH,
    )


def _each(found: Sized) -> float:
    """Return the bytes that each embedding adds; of one size alone, its share of all of them."""
    size, figures = found[-1]
    if len(found) == 1:
        return _held(figures) / size
    less, before = found[0]
    return max(0.0, _held(figures) - _held(before)) / (size - less)


def _held(figures: Figures) -> float:
    """Return the memory that cannot be read again from files."""
    return figures.memory - figures.mapped


def _power(found: Sized) -> float:
    """Return the power with which processor time grew between two sizes, 0 to 1."""
    (less, before), (size, figures) = found
    return min(1.0, max(0.0, _log(figures, before) / math.log(size / less)))


def _log(figures: Figures, before: Figures) -> float:
    return math.log(figures.processor / before.processor)
