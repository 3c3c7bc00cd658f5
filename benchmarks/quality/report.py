"""Everything that `make evaluate` found, as one structure: each page shows a part of it."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from benchmarks.machine import Machine
from benchmarks.measure import Spread
from model.evaluation.measuring import Measured, Shortened
from model.evaluation.tables import METRICS, methods_of, note
from model.quality import Compared, Figure, Weak

FORMAT: Final = 1


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What a method costs: on one core, on one thread.

    milliseconds: to describe one decoded picture. bytes: of the vector that is kept of a picture.
    weights: bytes of the network; 0 where there is none.
    """

    method: str
    milliseconds: Spread
    bytes: int
    weights: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run. checkpoint: hash of the bundle's. missing: methods that could not run, and why.

    worst: of the first set.
    """

    format: int
    created: str
    machine: Machine
    recipe: str
    checkpoint: str
    sets: tuple[Measured, ...]
    costs: tuple[Cost, ...]
    shortened: tuple[Shortened, ...] = ()
    worst: tuple[Weak, ...] = ()
    missing: dict[str, str] = {}


def photographs(report: Report) -> list[Measured]:
    """Return the sets whose folders are their labels."""
    return [each for each in report.sets if not each.label]


def compared(report: Report, sets: Sequence[Measured]) -> tuple[Compared, ...]:
    """Return every method with its figures on these sets and its cost, for the model card."""
    costs = {cost.method: cost for cost in report.costs}
    return tuple(
        Compared(
            method=method,
            figures=_figures(sets, method),
            milliseconds=costs[method].milliseconds.median if method in costs else None,
            bytes=costs[method].bytes if method in costs else None,
            note=_notes(sets, method),
        )
        for method in methods_of(sets)
    )


def with_reasons(worst: Sequence[Weak], reasons: Mapping[str, str]) -> tuple[Weak, ...]:
    """Give each query the reason that somebody wrote down."""
    return tuple(msgspec.structs.replace(weak, reason=reasons.get(weak.name, "")) for weak in worst)


def _figures(sets: Sequence[Measured], method: str) -> dict[str, Figure]:
    return {
        f"{each.name} {name}": row.figures[name]
        for each in sets
        for row in each.rows
        if row.method == method
        for name in METRICS
    }


def _notes(sets: Sequence[Measured], method: str) -> str:
    """Return what is to be known of a method: once, or set by set where that differs."""
    told = {each.name: note(row) for each in sets for row in each.rows if row.method == method}
    if len(set(told.values())) == 1:
        return next(iter(told.values()))
    return "; ".join(f"{name}: {said}" for name, said in told.items() if said)
