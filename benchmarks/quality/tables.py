"""The report as Markdown: docs/figures/quality.md, and what README.md shows of it."""

from collections.abc import Sequence

from benchmarks.quality.report import Cost, Report, photographs
from benchmarks.tables import number, table
from model.evaluation.measuring import Measured, Row
from model.evaluation.methods import MODEL
from model.evaluation.tables import (
    METRICS,
    SHORT,
    bounds,
    methods_of,
    note,
    plain,
    redrawing,
    shortened,
    with_bounds,
    worst,
)
from model.quality import Figure


def markdown(report: Report) -> str:
    """Return the whole report. The reasons of the worst queries are in it."""
    parts = [_head(report), *(_set(each, report.missing) for each in report.sets)]
    parts.append(_section("What it costs", _ABOUT_COST, _costs(report.costs)))
    parts.append(_section("Redrawing", _ABOUT_PSNR, redrawing(report.sets)))
    if report.shortened:
        text = f"{_ABOUT_SHORT}\n\n![mAP by D](dimensions.svg)"
        parts.append(_section("Fewer numbers", text, shortened(report.shortened)))
    if report.worst:
        parts.append(_section(f"The worst queries of {report.sets[0].name}", "", _worst(report)))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def summary(report: Report) -> str:
    """Return the one table of README.md: each set of photographs a group of columns."""
    sets = photographs(report)
    heads = ["", *(f"{_words(each.name)}: {name}" for each in sets for name in SHORT)]
    costs = {cost.method: cost for cost in report.costs}
    rows = [
        [_bold(name), *_cells(sets, name), *_cost(costs.get(name))] for name in methods_of(sets)
    ]
    right = set(range(1, len(heads) + 2))
    shown = table([*heads, "ms", "bytes"], rows, right=right)
    return f"{shown}\n{_below(report, sets)}\n"


def of_gallery(measured: Measured) -> str:
    """Return the table of the gallery's README.md for one labelling."""
    rows = [
        [_bold(row.method), *(plain(row.figures[name]) for name in METRICS)]
        for row in measured.rows
    ]
    told = f"({measured.queries:,} queries, {measured.labels} labels.)"
    return f"{table(['', *METRICS], rows, right=set(range(1, 6)))}\n{told}\n"


def _head(report: Report) -> str:
    machine = report.machine
    libraries = ", ".join(f"{name} {version}" for name, version in machine.libraries.items())
    lines = [
        "# Quality",
        "",
        "Written by `make evaluate`. Every picture of a label with enough pictures is a query "
        "against all others; distractors are never queries. P@k: the share of the first k that "
        "have the query's label. P@R: that of the first R, where R is how many have it, so that 1 "
        "can be reached (R-precision: Manning, Raghavan and Schuetze, Introduction to Information "
        "Retrieval, 2008, section 8.4). mAP: mean average precision over queries; macro_mAP: the "
        "mean of the labels' means.",
        "",
        "In brackets: 95 % intervals of a percentile bootstrap with 2,000 draws, of queries; for "
        "macro_mAP within each label. The last column of a table draws whole labels with all of "
        "their queries instead, for pictures of one bridge are not independent of one another; "
        "with fewer than four labels it would say nothing.",
        "",
        f"- Bundle: recipe {report.recipe}, checkpoint {report.checkpoint[:12]}",
        f"- Machine: {machine.cpu}, {machine.cores} cores, {machine.system}; load before the start "
        f"{machine.load:.2f}",
        f"- Python {machine.python}, {libraries}",
        f"- When: {report.created}",
    ]
    return "\n".join(lines)


def _set(measured: Measured, missing: dict[str, str]) -> str:
    heads = ("", *METRICS, "mAP, labels drawn", "")
    rows = [
        (_bold(row.method), *_intervals(row), _labels_drawn(row.figures["mAP"]), note(row))
        for row in measured.rows
    ]
    absent = [(name, *[""] * (len(METRICS) + 1), why) for name, why in missing.items()]
    about = (
        f"{measured.pictures:,} pictures; {measured.queries:,} of them are queries, with "
        f"{measured.labels} labels."
    )
    shown = table(heads, [*rows, *absent], right=set(range(1, len(METRICS) + 2)))
    return _section(measured.name, about, shown)


def _section(title: str, about: str, body: str) -> str:
    return "\n\n".join(part for part in (f"## {title}", about, body) if part)


def _intervals(row: Row) -> list[str]:
    return [with_bounds(row.figures[name]) for name in METRICS]


def _labels_drawn(figure: Figure) -> str:
    if figure.label_low is None or figure.label_high is None:
        return ""
    return f"{figure.label_low:.2f} to {figure.label_high:.2f}"


def _costs(costs: Sequence[Cost]) -> str:
    rows = [
        (
            _bold(cost.method),
            number(cost.milliseconds.median),
            f"{number(cost.milliseconds.low)} to {number(cost.milliseconds.high)}",
            f"{cost.bytes:,}",
            f"{cost.weights / 1e6:.1f} MB" if cost.weights else "",
        )
        for cost in costs
    ]
    return table(("", "ms", "lowest to highest", "bytes", "network"), rows, right={1, 2, 3, 4})


def _worst(report: Report) -> str:
    return worst(report.worst, {weak.name: weak.reason for weak in report.worst if weak.reason})


def _cells(sets: Sequence[Measured], method: str) -> list[str]:
    found = {(each.name, row.method): row for each in sets for row in each.rows}
    return [
        f"{plain(figure)} ({bounds(figure)})"
        for each in sets
        for figure in (found[each.name, method].figures[name] for name in SHORT)
    ]


def _cost(cost: Cost | None) -> list[str]:
    return [number(cost.milliseconds.median), f"{cost.bytes:,}"] if cost else ["", ""]


def _below(report: Report, sets: Sequence[Measured]) -> str:
    told = "; ".join(
        f"{_words(each.name)}: {each.queries} queries among {each.pictures} pictures, "
        f"{each.labels} labels"
        for each in sets
    )
    psnr = [
        f"{_words(each.name)} {row.figures['PSNR'].value:.1f} dB"
        for each in sets
        for row in each.rows
        if row.method == MODEL and "PSNR" in row.figures
    ]
    return (
        f"({told}. In brackets: 95 % intervals, queries drawn again. Milliseconds of a core to "
        f"describe a picture, {report.machine.cpu}. PSNR of this bundle's redrawing: "
        f"{', '.join(psnr)}.)"
    )


def _bold(method: str) -> str:
    return f"**{method}**" if method == MODEL else method


def _words(name: str) -> str:
    return name.replace("_", " ")


_ABOUT_COST = (
    "Processor time for one decoded picture, on one thread, all methods in turn (A B A B ...) in "
    "one run: median, lowest and highest. LiteRT for bundles, PyTorch for the teacher's "
    "networks, NumPy for the rest. Bytes: of what is kept of a picture and compared."
)
_ABOUT_PSNR = "Peak signal-to-noise ratio of what a decoder draws from the code, over all pictures."
_ABOUT_SHORT = (
    "The bundle's embedding cut to its leading principal axes and brought to unit length again."
)
