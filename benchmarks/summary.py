"""The few figures that README.md shows, written into it between two marks."""

from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.marks import replace
from benchmarks.results import OURS, Report
from benchmarks.tables import number, table

BEGIN: Final = "<!-- make bench -->"


class Shown(NamedTuple):
    """A figure of the summary: which rows of which section, and what they are called there."""

    words: str
    section: str
    what: str
    unit: str
    other: str


_ONE: Final = "ms on 1 thread"
SHOWN: Final = (
    Shown("start to first answer", "startup", "start to first answer", "s", "Flask and TensorFlow"),
    Shown("memory, two workers", "memory", "the whole server", "MB", "Flask and TensorFlow"),
    Shown(
        "decode a 12-MP JPEG",
        "search",
        "decode 12 MP",
        "ms to decode",
        "Pillow, full decode",
    ),
    Shown(
        "encode a picture",
        "search",
        "encode one picture",
        "ms to encode",
        "Keras, model.predict(x)",
    ),
    Shown("rank 100,000 pictures", "ranking", "100,000 embeddings", _ONE, "norm(X - q), argsort"),
    Shown("", "ranking", "100,000 embeddings", _ONE, "FAISS IndexFlatIP"),
    Shown(
        "rank 1,000,000 pictures", "ranking", "1,000,000 embeddings", _ONE, "norm(X - q), argsort"
    ),
    Shown("", "ranking", "1,000,000 embeddings", _ONE, "FAISS IndexFlatIP"),
    Shown("searches, 4 clients", "throughput", "4 clients", "searches/s", "Flask and TensorFlow"),
    Shown(
        "index 2-MP JPEGs",
        "indexing",
        "index 2-MP JPEGs",
        "pictures/s",
        "a script with model.predict",
    ),
)


def summary(report: Report) -> str:
    """Return the summary as a Markdown table."""
    lines = [_line(report, shown) for shown in SHOWN]
    heads = ("", "imagesearch", "what else would do it", "")
    machine = f"{report.machine.cpu}, {report.machine.cores} cores"
    return f"{table(heads, lines, right={1, 3})}\n({machine}.)\n"


def write_into(page: Path, report: Report) -> None:
    """Replace what stands between the marks of a page."""
    replace(page, BEGIN, summary(report))


def _line(report: Report, shown: Shown) -> tuple[str, str, str, str]:
    ours = _figure(report, shown, OURS) if shown.words else ""
    return (shown.words, ours, shown.other, _figure(report, shown, shown.other))


def _figure(report: Report, shown: Shown, how: str) -> str:
    for section in report.sections:
        for row in section.rows:
            found = (section.name, row.what, row.unit, row.how)
            if row.figure and found == (shown.section, shown.what, shown.unit, how):
                return f"{number(row.figure.median)} {shown.unit.split()[0]}"
    return "not measured"
