"""What was measured, as Markdown."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from model.evaluation.measuring import Measured, Row, Shortened
from model.quality import Figure, Weak

METRICS: Final = ("P@1", "P@5", "P@R", "mAP", "macro_mAP")
SHORT: Final = ("P@1", "P@5", "mAP")  # where several sets stand side by side


def one(measured: Measured, missing: Mapping[str, str]) -> str:
    """Show one set: a method a row, every metric, and the interval of mAP."""
    heads = ["method", "queries", *METRICS, "mAP, 95 %"]
    queries = f"{measured.queries}"
    rows = [
        [row.method, queries, *map(plain, _chosen(row)), bounds(row.figures["mAP"])]
        for row in measured.rows
    ]
    return table(heads, [*rows, *([name, why] for name, why in missing.items())])


def several(sets: Sequence[Measured], missing: Mapping[str, str]) -> str:
    """Show several sets beside one another, a column group each."""
    heads = ["method", *(f"{each.name} {name}" for each in sets for name in SHORT)]
    rows = [[method, *_group(sets, method, with_bounds)] for method in methods_of(sets)]
    return table(heads, [*rows, *([name, why] for name, why in missing.items())])


def notes(sets: Sequence[Measured]) -> list[str]:
    """Return a sentence on each set that a training saw near copies of, or may have seen."""
    told = [(each.name, note(row), row.method) for each in sets for row in each.rows if note(row)]
    by_note: dict[tuple[str, str], list[str]] = {}
    for name, said, method in told:
        by_note.setdefault((name, said), []).append(method)
    return [f"{name}: {said}: {', '.join(of)}." for (name, said), of in by_note.items()]


def note(row: Row) -> str:
    """Tell of a row whether its training saw near copies of what it was measured on."""
    if row.near_copies is None:
        return "training pictures unknown"
    if row.near_copies:
        return f"{row.near_copies:,} near copies of training pictures"
    return ""


def redrawing(sets: Sequence[Measured]) -> str:
    """Show how well each method that has a decoder redraws the pictures, as PSNR in dB."""
    names = [name for name in methods_of(sets) if any(_psnr(each, name) for each in sets)]
    rows = [[name, *(_psnr(each, name) for each in sets)] for name in names]
    return table(["redrawn by", *(f"{each.name}, dB" for each in sets)], rows)


def shortened(found: Sequence[Shortened]) -> str:
    """Show mAP by the numbers that are kept of an embedding."""
    names = list(dict.fromkeys(each.name for each in found))
    values = {(each.name, each.dimensions): with_bounds(each.figure) for each in found}
    rows = [
        [f"{dimensions}", *(values.get((name, dimensions), "") for name in names)]
        for dimensions in dict.fromkeys(each.dimensions for each in found)
    ]
    return table(["D", *(f"{name} mAP" for name in names)], rows)


def worst(found: Iterable[Weak], reasons: Mapping[str, str] | None = None) -> str:
    """List the queries that went worst."""
    lines = [
        f"- `{weak.name}`: average precision {weak.average_precision:.3f}, the first other picture "
        f"of {weak.label} at place {weak.rank}; `{weak.instead}` came first."
        + (f" {reasons[weak.name]}" if reasons and weak.name in reasons else "")
        for weak in found
    ]
    return "\n".join(lines)


def methods_of(sets: Sequence[Measured]) -> list[str]:
    """Return the methods of all sets, in order."""
    return list(dict.fromkeys(row.method for each in sets for row in each.rows))


def plain(figure: Figure) -> str:
    """Write a figure alone."""
    return f"{figure.value:.3f}"


def bounds(figure: Figure) -> str:
    """Write an interval."""
    return f"{figure.low:.2f} to {figure.high:.2f}"


def with_bounds(figure: Figure) -> str:
    """Write a figure with its interval."""
    return f"{figure.value:.3f} ({bounds(figure)})"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a Markdown table; a row that is shorter is filled up."""
    lines = [f"| {' | '.join(heads)} |", "|---|" + "---:|" * (len(heads) - 1)]
    lines += [f"| {' | '.join(row)} |{' |' * (len(heads) - len(row))}" for row in rows]
    return "\n".join(lines)


def _chosen(row: Row) -> Iterator[Figure]:
    return (row.figures[name] for name in METRICS)


def _group(sets: Sequence[Measured], method: str, write: Callable[[Figure], str]) -> list[str]:
    return [
        write(row.figures[name])
        for each in sets
        for row in each.rows
        if row.method == method
        for name in SHORT
    ]


def _psnr(measured: Measured, method: str) -> str:
    found = [row.figures for row in measured.rows if row.method == method]
    return f"{found[0]['PSNR'].value:.1f}" if found and "PSNR" in found[0] else ""
