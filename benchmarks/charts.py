"""The sections as SVG bar charts, readable in light and dark, by eye and by screen reader.

Written by hand: an image in a README can neither load a stylesheet nor run a script, and brings its
own ground along, for it cannot know the colour of the page around it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from benchmarks.results import Chart, Row, Section

WIDTH: Final = 760
_EDGE: Final = 28
_LEFT: Final = 250  # where bars begin; names stand before them
_RIGHT: Final = WIDTH - 172  # where the longest bar ends; its figure stands behind it
_TOP: Final = 92
_BAR: Final = 16
_STEP: Final = 25
_HEAD: Final = 30  # room for a group's name
_GAP: Final = 12

_STYLE: Final = """
svg { --ground: #f8f6f3; --text: #2b2825; --soft: #56514b; --line: #d8d2c9; --accent: #8f2f10;
  --other: #a59c90; --s1: #8f2f10; --s2: #c8713f; --s3: #4f6d7a; --s4: #8fa3a0; --s5: #cfc6b8; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #1b1917; --text: #ece7e1; --soft: #b9b2a9; --line: #403b36; --accent: #ff9d76;
    --other: #7d756b; --s1: #ff9d76; --s2: #b8623a; --s3: #8fb3c4; --s4: #5d7a80; --s5: #57504a; }
}
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--text);
  font-variant-numeric: tabular-nums;
  paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
.title { font-size: 18px; font-weight: 600; }
.soft { fill: var(--soft); font-size: 12px; }
.group { font-weight: 600; }
.ours { font-weight: 600; fill: var(--accent); }
.ground { fill: var(--ground); }
.grid { stroke: var(--line); stroke-width: 1; }
.range { stroke: var(--text); stroke-width: 1.25; }
.aim { stroke: var(--text); stroke-width: 1.5; stroke-dasharray: 3 2; }
.bar { fill: var(--other); }
.bar.mine { fill: var(--accent); }
"""


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
        body.append(_text(_EDGE, y + 13, what, "group"))
        y += _HEAD
        for row in (row for row in rows if row.what == what):
            body += _bar(row, axis, y)
            y += _STEP
        y += _GAP
    return _document(chart, _told(chart, rows), [*_grid(axis, y), *body], y + 34)


def _bar(row: Row, axis: _Axis, y: float) -> Iterator[str]:
    middle = y + _BAR / 2
    yield _text(_EDGE, middle + 4.5, row.how, "ours" if row.ours else "")
    if row.figure is None:
        yield _text(_LEFT + 6, middle + 4.5, f"not measured: {row.note}", "soft")
        return
    figure, end = row.figure, axis.at(row.figure.median)
    yield _rectangle(_LEFT, y, max(end - _LEFT, 1.5), "bar mine" if row.ours else "bar")
    right = end
    if figure.runs > 1:
        low, right = axis.at(figure.low), axis.at(figure.high)
        yield _line(low, middle, right, middle, "range")
        yield from (_line(x, middle - 3.5, x, middle + 3.5, "range") for x in (low, right))
    aim = _aim(row, axis)
    if aim:
        yield _line(aim, y - 3, aim, y + _BAR + 3, "aim")
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
        body.append(_text(_EDGE, y + 17, what, "group"))
        x = axis.at(0)
        for place, part in enumerate(parts, start=1):
            width = axis.at(_median(rows, what, part)) - axis.at(0)
            body += _part(x, y, width, place)
            x += width
        if total:
            body.append(_text(x + 9, y + 17, f"{short(total.median)} {chart.unit}"))
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
        yield _text(x + 18, _TOP + 11, part)
        x += 34 + 7.2 * len(part)


def _grid(axis: _Axis, bottom: float) -> Iterator[str]:
    for value in axis.ticks():
        x = axis.at(value)
        yield _line(x, _TOP + 24, x, bottom, "grid")
        yield _text(x, bottom + 17, short(value), "soft", anchor="middle")


def _document(chart: Chart, told: str, body: Sequence[str], height: float) -> str:
    scale = ", logarithmic" if chart.scale == "logarithmic" else ""
    better = "more is better" if "/s" in chart.unit else "less is better"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(chart.title)}</title>',
        f'<desc id="desc">{escape(told)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height:.0f}" rx="8"/>',
        _text(_EDGE, 42, chart.title, "title"),
        _text(_EDGE, 64, f"{chart.unit}{scale}; {better}", "soft"),
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


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


def short(value: float) -> str:
    """Write a figure in as few characters as it deserves."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _text(x: float, y: float, text: str, kind: str = "", *, anchor: str = "") -> str:
    attributes = f' class="{kind}"' if kind else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{escape(text)}</text>'


def _rectangle(x: float, y: float, width: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_BAR}" rx="2"/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
