"""What the benchmarks found, as one structure: the table, the charts and the JSON all show it."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from benchmarks.machine import Machine
from benchmarks.measure import Spread, ratios, spread

FORMAT: Final = 1
OURS: Final = "imagesearch"


class Aim(msgspec.Struct, frozen=True):
    """What a figure should be: `value` at most `limit`."""

    name: str
    value: float
    limit: float
    unit: str
    met: bool


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure.

    what: the task. how: who does it. figure: None where it could not be measured; `note` says why.
    against: this method's figure divided by ours, round by round.
    """

    what: str
    how: str
    unit: str
    figure: Spread | None = None
    against: Spread | None = None
    aim: Aim | None = None
    note: str = ""

    @property
    def ours(self) -> bool:
        """Whether this is what we wrote."""
        return self.how.startswith(OURS)


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """How a section is drawn: the rows of one unit as bars, or stacked, one stack for each task."""

    title: str
    unit: str
    kind: Literal["bars", "stacks"] = "bars"
    scale: Literal["linear", "logarithmic"] = "linear"


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One subject. about: how it was measured, for whoever doubts it."""

    name: str
    title: str
    about: str
    charts: tuple[Chart, ...]
    rows: tuple[Row, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the benchmarks. quick: sizes too small to mean anything."""

    format: int
    created: str
    quick: bool
    machine: Machine
    sections: tuple[Section, ...]


def at_most(name: str, value: float, limit: float, unit: str) -> Aim:
    """Compare a figure with its aim."""
    return Aim(name, value, limit, unit, value <= limit)


def row(  # noqa: PLR0913 - one for each column
    what: str,
    how: str,
    unit: str,
    values: Sequence[float],
    *,
    base: Sequence[float] | None = None,
    aim: Aim | None = None,
    note: str = "",
) -> Row:
    """Make a row of measured values; `base` are ours, from the same rounds."""
    return Row(
        what=what,
        how=how,
        unit=unit,
        figure=spread(values),
        against=None if base is None else ratios(values, base),
        aim=aim,
        note=note,
    )


def absent(what: str, how: str, unit: str, why: str) -> Row:
    """Make the row of something that could not be measured."""
    return Row(what=what, how=how, unit=unit, note=why)


def aims(report: Report) -> list[Aim]:
    """Return every aim of a report, in order."""
    return [row.aim for section in report.sections for row in section.rows if row.aim]
