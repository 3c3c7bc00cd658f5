"""The sections as SVG bar charts."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from benchmarks.results import Chart, Row, Section
from benchmarks.svg import EDGE, WIDTH, document, line, rectangle, short, text

_LEFT: Final = 250  # where bars begin; names stand before them
_RIGHT: Final = WIDTH - 172  # where the longest bar ends; its figure stands behind it
_TOP: Final = 92
_BAR: Final = 16
_STEP: Final = 25
_HEAD: Final = 30  # room for a group's name
_GAP: Final = 12


def file_name(section: Section, place: int) -> str:
    """Return the name of a section's chart number `place`, from 0."""
    return f"{section.name}.svg" if place == 0 else f"{section.name}-{place + 1}.svg"


def draw(section: Section, chart: Chart) -> str:
    """Return a chart of a section as an SVG document."""
    rows = [row for row in section.rows if row.unit == chart.unit]
    return _stacks(chart, rows) if chart.kind == "stacks" else _bars(chart, rows)


@dataclass(frozen=True)
class _Axis:
    """Turns values into places. A logarithmic axis begins at a whole power of ten."""

    low: float
    high: float
    logarithmic: bool

    @classmethod
    def of(cls, values: Sequence[float], *, logarithmic: bool) -> "_Axis":
        high = max(values, default=1.0) or 1.0
        if not logarithmic:
            return cls(0.0, high, logarithmic=False)
        least = min((value for value in values if value > 0), default=1.0)
        low = 10.0 ** math.floor(math.log10(least))
        return cls(low / 10 if least < 1.3 * low else low, high, logarithmic=True)

    def at(self, value: float) -> float:
        if self.logarithmic:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = value / self.high
        return _LEFT + share * (_RIGHT - _LEFT)

    def ticks(self) -> list[float]:
        if self.logarithmic:
            first = round(math.log10(self.low))
            last = math.floor(math.log10(self.high))
            return [10.0**power for power in range(first, last + 1)]
        step = 10.0 ** math.floor(math.log10(self.high))
        step = next(step * part for part in (0.2, 0.5, 1, 2) if self.high / (step * part) <= 5.5)
        return [step * count for count in range(int(self.high / step + 1e-9) + 1)]


def _bars(chart: Chart, rows: list[Row]) -> str:
    figures = [row.figure for row in rows if row.figure]
    reach = [end for figure in figures for end in (figure.median, figure.high)]
    reach += [figure.low for figure in figures] if chart.scale == "logarithmic" else []
    axis = _Axis.of(reach, logarithmic=chart.scale == "logarithmic")
    body: list[str] = []
    y = float(_TOP)
    for what in dict.fromkeys(row.what for row in rows):
        body.append(text(EDGE, y + 13, what, "group"))
        y += _HEAD
        for row in (row for row in rows if row.what == what):
            body += _bar(row, axis, y)
            y += _STEP
        y += _GAP
    return _document(chart, _told(chart, rows), [*_grid(axis, y), *body], y + 34)


def _bar(row: Row, axis: _Axis, y: float) -> Iterator[str]:
    middle = y + _BAR / 2
    yield text(EDGE, middle + 4.5, row.how, "ours" if row.ours else "")
    if row.figure is None:
        yield text(_LEFT + 6, middle + 4.5, f"not measured: {row.note}", "soft")
        return
    figure, end = row.figure, axis.at(row.figure.median)
    yield rectangle(_LEFT, y, max(end - _LEFT, 1.5), _BAR, "bar mine" if row.ours else "bar")
    right = end
    if figure.runs > 1:
        low, right = axis.at(figure.low), axis.at(figure.high)
        yield line(low, middle, right, middle, "range")
        yield from (line(x, middle - 3.5, x, middle + 3.5, "range") for x in (low, right))
    aim = _aim(row, axis)
    if aim:
        yield line(aim, y - 3, aim, y + _BAR + 3, "aim")
    yield from _label(row, max(right, end, aim) + 9, middle + 4.5)


def _aim(row: Row, axis: _Axis) -> float:
    """Return where the bar should end; 0 for aims in another unit, such as a ratio."""
    if row.aim is None or row.aim.unit != row.unit.split()[0] or row.aim.limit > axis.high:
        return 0.0
    return axis.at(row.aim.limit)


def _label(row: Row, x: float, y: float) -> Iterator[str]:
    assert row.figure is not None
    value = short(row.figure.median)
    again = f"  {short(row.against.median)} times ours" if row.against else ""
    aim = (f"  aim {'met' if row.aim.met else 'missed'}") if row.aim else ""
    kind = ' class="ours"' if row.ours else ""
    yield (
        f'<text x="{x:.1f}" y="{y:.1f}"{kind}>{escape(value)}'
        f'<tspan class="soft" xml:space="preserve">{escape(again + aim)}</tspan></text>'
    )


def _stacks(chart: Chart, rows: list[Row]) -> str:
    """Draw one bar for each task, its parts one after the other; the row "total" is its figure."""
    totals = {row.what: row.figure for row in rows if row.how == "total"}
    parts = [name for name in dict.fromkeys(row.how for row in rows) if name != "total"]
    sums = {what: sum(_median(rows, what, part) for part in parts) for what in totals}
    axis = _Axis.of(list(sums.values()), logarithmic=False)
    body = list(_legend(parts))
    y = float(_TOP + 38)
    for what, total in totals.items():
        body.append(text(EDGE, y + 17, what, "group"))
        x = axis.at(0)
        for place, part in enumerate(parts, start=1):
            width = axis.at(_median(rows, what, part)) - axis.at(0)
            body += _part(x, y, width, place)
            x += width
        if total:
            body.append(text(x + 9, y + 17, f"{short(total.median)} {chart.unit}"))
        y += 44
    return _document(chart, _told(chart, rows), [*_grid(axis, y), *body], y + 34)


def _median(rows: Sequence[Row], what: str, how: str) -> float:
    return next(
        row.figure.median for row in rows if (row.what, row.how) == (what, how) and row.figure
    )


def _part(x: float, y: float, width: float, place: int) -> Iterator[str]:
    yield (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="24" '
        f'style="fill: var(--s{place}); stroke: var(--ground); stroke-width: 1"/>'
    )


def _legend(parts: Sequence[str]) -> Iterator[str]:
    x = float(_LEFT)
    for place, part in enumerate(parts, start=1):
        size = f'x="{x:.1f}" y="{_TOP}" width="12" height="12"'
        yield f'<rect {size} rx="2" style="fill: var(--s{place})"/>'
        yield text(x + 18, _TOP + 11, part)
        x += 34 + 7.2 * len(part)


def _grid(axis: _Axis, bottom: float) -> Iterator[str]:
    for value in axis.ticks():
        x = axis.at(value)
        yield line(x, _TOP + 24, x, bottom, "grid")
        yield text(x, bottom + 17, short(value), "soft", anchor="middle")


def _document(chart: Chart, told: str, body: Sequence[str], height: float) -> str:
    scale = ", logarithmic" if chart.scale == "logarithmic" else ""
    better = "more is better" if "/s" in chart.unit else "less is better"
    return document(chart.title, f"{chart.unit}{scale}; {better}", told, body, height)


def _told(chart: Chart, rows: Sequence[Row]) -> str:
    """Tell the chart in words."""
    said = [
        f"{row.what}, {row.how}: "
        + (
            f"{short(row.figure.median)} {chart.unit}"
            if row.figure
            else f"not measured, {row.note}"
        )
        for row in rows
    ]
    return "; ".join(said) + "."
