"""The plan as Markdown tables, in which every line says where it comes from."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from benchmarks.billion.arithmetic import (
    FEWEST,
    GB,
    Assumed,
    Law,
    Plan,
    Stored,
    law,
    plan,
    serving,
    stored,
)
from benchmarks.growth.all_kinds import KINDS
from benchmarks.growth.faiss_kinds import Lists
from benchmarks.growth.results import Growth
from benchmarks.tables import number, table

SIZES: Final = {"1 million": 1e6, "10 million": 1e7, "100 million": 1e8, "1 billion": 1e9}
# Which rows stand for which way to keep the embeddings in memory.
WAYS: Final = {
    "engine": "Milvus, a graph of float32 embeddings: what `move` makes",
    "faiss-hnsw": "The same graph in FAISS",
    "faiss-sq8": "Lists of 8-bit integers, in FAISS; the best are read again from a local disk",
    "faiss-pq": "Lists of codes, four numbers in a byte, in FAISS; the best are read again, too",
}

Line = tuple[str, ...]
T = TypeVar("T")


def markdown(growth: Growth, assumed: Assumed) -> str:
    """Return all tables."""
    kept = [stored(growth, count) for count in SIZES.values()]
    parts = [_assumptions(assumed), _table("pictures", _storing(growth, assumed, kept))]
    for kind, told in WAYS.items():
        known = law(growth, kind)
        parts.append(f"**{told}.**" + ("" if known else f" Not measured at {FEWEST:,} or more."))
        if known:
            plans = [plan(known, assumed, count) for count in SIZES.values()]
            parts.append(_table("pictures", _planned(known, assumed, plans) + _read(kind, plans)))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _assumptions(assumed: Assumed) -> str:
    return (
        f"Assumed: machines of {assumed.memory:g} GB and {assumed.cores} cores, an index fills "
        f"{assumed.share:.0%} of their memory; a core costs ${assumed.core_hour:g} an hour, a GB "
        f"of memory ${assumed.memory_hour:g} an hour, a GB of disk ${assumed.disk_month:g} a month."
    )


def _table(head: str, lines: Sequence[Line]) -> str:
    return table((head, *SIZES, "from"), lines, right={1, 2, 3, 4})


def _storing(growth: Growth, assumed: Assumed, kept: Sequence[Stored]) -> list[Line]:
    encoding = growth.encoding
    rate = f"measured: {encoding.rate:.1f} pictures/s on {encoding.cores} cores ({encoding.source})"
    bundle = f"measured: the bundle's {growth.pictures:,} pictures"
    served = (
        f"measured: {growth.serving.rate:.0f} searches/s on {growth.serving.cores} cores, of a "
        f"small gallery ({growth.serving.source})"
    )
    days = f"{assumed.cores} cores, assumed to share the work evenly"
    return [
        _line("encoding, core-hours", kept, lambda each: each.core_hours, rate),
        _line(
            "on one machine, days", kept, lambda each: each.core_hours / assumed.cores / 24, days
        ),
        _line(
            "embeddings, GB",
            kept,
            lambda each: each.embeddings / GB,
            f"{growth.dimensions} numbers of 4 bytes",
        ),
        _line("thumbnails, GB", kept, lambda each: each.thumbnails / GB, bundle),
        _line("records, GB", kept, lambda each: each.records / GB, bundle),
        _line("map, copies, cells, GB", kept, lambda each: each.others / GB, bundle),
        _line(
            "disk, $ a month",
            kept,
            lambda each: each.disk / GB * assumed.disk_month,
            "the sum of these at the assumed price",
        ),
        ("servers, $ a million searches", *[number(serving(growth, assumed))] * 4, served),
    ]


def _planned(known: Law, assumed: Assumed, plans: Sequence[Plan]) -> list[Line]:
    rows = " and ".join(f"{size:,}" for size in known.sizes)
    share = assumed.share * assumed.memory
    power = f"grows with its power {known.power:.2f}" if known.known else "assumed to grow with it"
    return [
        _line(
            "memory, GB",
            plans,
            lambda each: each.memory / GB,
            f"measured at {rows}: {known.each:,.0f} bytes each",
        ),
        ("machines", *(f"{each.machines:,}" for each in plans), f"{share:g} GB of each, assumed"),
        _line("pictures of each, millions", plans, lambda each: each.held / 1e6, "divided"),
        _line(
            "building, core-hours",
            plans,
            lambda each: each.core_hours,
            f"measured at {known.sizes[-1]:,}: {known.build * 1000:.3g} ms of a core each",
        ),
        _line(
            "a query, ms of a core",
            plans,
            lambda each: each.processor,
            f"measured at {known.sizes[-1]:,}: {known.processor:.3g} ms, {power}; of all machines",
        ),
        _line(
            "queries/s at the most",
            plans,
            lambda each: each.rate,
            f"{assumed.cores} cores of each; all take part in every query",
        ),
        _line("$ a million queries", plans, lambda each: each.per_million, "machines kept busy"),
        _line("$ a month", plans, lambda each: each.per_month, "machines, busy or not"),
    ]


def _read(kind: str, plans: Sequence[Plan]) -> list[Line]:
    known = KINDS[kind]
    if not isinstance(known, Lists):
        return []
    source = f"{known.again:,} embeddings for every query; in memory when it was measured"
    return [_line("reads/s of each disk", plans, lambda each: each.rate * known.again, source)]


def _line(what: str, each: Sequence[T], value: Callable[[T], float], source: str) -> Line:
    return (what, *(number(value(one)) for one in each), source)
