"""Where exact search stops being sensible, and what to use from there, by what was measured."""

import itertools
import math
from collections.abc import Sequence
from typing import Final

from benchmarks.growth.all_kinds import KINDS
from benchmarks.growth.results import Figures, Growth
from benchmarks.growth.searching import RECALL
from benchmarks.tables import number

# What a search may take at one client, in milliseconds.
LIMIT_MS: Final = 20.0
# A machine that others used so much tells little about what things take.
BUSY: Final = 0.1
OURS: Final = "embedded"
ENGINE: Final = "engine"

Sized = list[tuple[int, Figures]]


def sentences(growth: Growth) -> list[str]:
    """Return the verdict, sentence by sentence."""
    ours = measured(growth, OURS)
    if not ours:
        return ["The embedded index was not measured, so nothing can be said."]
    return [*_warning(growth), *_time(ours), *_memory(growth, ours), *_then(growth, ours)]


def measured(growth: Growth, kind: str) -> Sized:
    """Return the sizes at which a kind was measured, with its figures, the smallest first."""
    rows = [(row.size, row.figures) for row in growth.rows if row.kind == kind and row.figures]
    return sorted(rows, key=lambda each: each[0])


def crossing(ours: Sized, limit: float) -> float | None:
    """Return the size at which a search takes so many milliseconds; None outside what was measured.

    Between two sizes time is taken to grow as a power of the size.
    """
    for (size, figures), (larger, more) in itertools.pairwise(ours):
        low, high = figures.alone.half, more.alone.half
        if low <= limit < high:
            share = math.log(limit / low) / math.log(high / low)
            return float(size * (larger / size) ** share)
    return None


def _warning(growth: Growth) -> list[str]:
    shared = max((row.figures.others for row in growth.rows if row.figures), default=0.0)
    if shared < BUSY:
        return []
    return [
        f"**The machine was shared: others took up to {shared:.0%} of what its processors did "
        "meanwhile. Times mean little here; sizes and recall do not depend on it.**"
    ]


def _time(ours: Sized) -> list[str]:
    size, figures = ours[-1]
    if figures.alone.half <= LIMIT_MS:
        return [
            f"Up to {size:,} embeddings, the most that were measured, the embedded index answers "
            f"one client in {number(figures.alone.half)} ms, within the {LIMIT_MS:.0f} ms that a "
            "search may take."
        ]
    passed = crossing(ours, LIMIT_MS)
    if passed is None:
        return [f"No size was measured at which the embedded index answers in {LIMIT_MS:.0f} ms."]
    return [
        f"The embedded index passes {LIMIT_MS:.0f} ms at one client at about "
        f"{rounded(passed):,} embeddings; at {size:,} it takes {number(figures.alone.half)} ms."
    ]


def _memory(growth: Growth, ours: Sized) -> list[str]:
    size, figures = ours[-1]
    each = figures.disk / size
    most = rounded(growth.machine.memory / each)
    return [
        f"It takes {each:,.0f} bytes for each embedding, mapped from the disk: beyond {most:,} "
        "they no longer fit this machine's memory, and searches wait for the disk."
    ]


def _then(growth: Growth, ours: Sized) -> list[str]:
    """Say what answers in time where ours does not, or what is the quickest at the largest size."""
    beyond = [size for size, figures in ours if figures.alone.half > LIMIT_MS]
    size = beyond[0] if beyond else ours[-1][0]
    found = {
        kind: figures
        for kind in KINDS
        for at, figures in measured(growth, kind)
        if at == size and kind != OURS
    }
    quick = [kind for kind, each in found.items() if each.alone.half <= LIMIT_MS]
    if not found:
        return [f"Nothing else was measured at {size:,}."]
    told = [f"At {size:,}, of the others: {_listed(found)}."]
    if not beyond:
        return told
    return [*told, _advice(found, quick, size)]


def _advice(found: dict[str, Figures], quick: Sequence[str], size: int) -> str:
    good = [kind for kind in quick if found[kind].recall >= RECALL]
    if ENGINE in good:
        return "From there on, move to the engine (`python -m model move`)."
    if ENGINE in quick:
        return (
            "From there on, move to the engine (`python -m model move`), and accept that it passes "
            f"over {(1 - found[ENGINE].recall):.1%} of such matches."
        )
    if ENGINE in found:
        return (
            f"None of these is the engine: on this machine it, too, takes longer at {size:,}. The "
            "embedded index stays the choice while its latency is acceptable and memory suffices; "
            "after that the engine, on several machines, which divide the work."
        )
    return "The engine was not measured there; it is what to use where several machines are needed."


def _listed(found: dict[str, Figures]) -> str:
    return "; ".join(
        f"{KINDS[kind].told} {number(each.alone.half)} ms with recall {each.recall:.3f}"
        for kind, each in found.items()
    )


def rounded(value: float) -> int:
    """Round to two digits: no more are meant."""
    step = 10.0 ** max(0, math.floor(math.log10(value)) - 1)
    return round(round(value / step) * step)
