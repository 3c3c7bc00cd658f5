"""The report as Markdown: for the terminal, and for docs/figures/benchmarks.md."""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.charts import file_name
from benchmarks.measure import Spread
from benchmarks.results import Aim, Report, Row, Section, aims


def markdown(report: Report) -> str:
    """Return the whole report."""
    parts = [_head(report), _aims(aims(report)), *map(_section, report.sections)]
    return "\n".join(part for part in parts if part)


def number(value: float) -> str:
    """Write a figure with three digits that mean something: 1,234 or 12.3 or 0.0123."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"


def _head(report: Report) -> str:
    machine = report.machine
    libraries = ", ".join(f"{name} {version}" for name, version in machine.libraries.items())
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. What is compared was run in turn (A B A B ...) in one run on one "
        "machine; figures are medians, with the lowest and the highest.",
        "",
        f"- Machine: {machine.cpu}, {machine.cores} cores, {machine.memory / 1e9:.0f} GB memory, "
        f"{machine.system}; load before the start {machine.load:.2f}",
        f"- Python {machine.python}, {libraries}",
        f"- When: {report.created}",
        "",
    ]
    if report.quick:
        lines += ["**A quick run: sizes and rounds are too small to mean anything.**", ""]
    return "\n".join(lines)


def _aims(found: Sequence[Aim]) -> str:
    if not found:
        return ""
    rows = [
        (aim.name, f"at most {number(aim.limit)} {aim.unit}", number(aim.value), _verdict(aim))
        for aim in found
    ]
    return "## Aims\n\n" + table(("what", "aim", "measured", ""), rows, right={2})


def _section(section: Section) -> str:
    pictures = "\n".join(
        f"![{chart.title}]({file_name(section, place)})\n"
        for place, chart in enumerate(section.charts)
    )
    rows = [_cells(row) for row in section.rows]
    heads = ("what", "how", "median", "lowest to highest", "unit", "times ours", "aim", "")
    figures = table(heads, rows, right={2, 3, 5})
    return f"## {section.title}\n\n{section.about}\n\n{pictures}\n{figures}"


def _cells(row: Row) -> tuple[str, ...]:
    if row.figure is None:
        return (row.what, row.how, "-", "-", row.unit, "", "", row.note)
    aim = (
        f"{_verdict(row.aim)}: {number(row.aim.value)} of {number(row.aim.limit)}"
        if row.aim
        else ""
    )
    return (
        row.what,
        f"**{row.how}**" if row.ours else row.how,
        number(row.figure.median),
        _range(row.figure),
        row.unit,
        _times(row.against) if row.against else "",
        aim,
        row.note,
    )


def _range(figure: Spread) -> str:
    return f"{number(figure.low)} to {number(figure.high)}" if figure.runs > 1 else ""


def _times(against: Spread) -> str:
    reach = _range(against)
    return number(against.median) + (f" ({reach})" if reach else "")


def _verdict(aim: Aim) -> str:
    return "met" if aim.met else "**missed**"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: set[int]) -> str:
    """Lay out a Markdown table with columns of equal width, so that a terminal shows it well."""
    cells = [heads, *rows]
    widths = [max(3, *(len(line[column]) for line in cells)) for column in range(len(heads))]
    rule = [
        "-" * (width - 1) + (":" if column in right else "-") for column, width in enumerate(widths)
    ]

    def lines() -> Iterator[str]:
        for place, line in enumerate(cells):
            padded = (
                text.rjust(width) if column in right else text.ljust(width)
                for column, (text, width) in enumerate(zip(line, widths, strict=True))
            )
            yield "| " + " | ".join(padded) + " |"
            if place == 0:
                yield "| " + " | ".join(rule) + " |"

    return "\n".join(lines()) + "\n"
