"""The command: `python -m benchmarks` measures, prints a table, and draws it."""

import argparse
import datetime
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import (
    indexing,
    machine,
    memory,
    ranking,
    search,
    startup,
    throughput,
    training,
)
from benchmarks.charts import draw, file_name
from benchmarks.options import Options
from benchmarks.results import FORMAT, Report, Section
from benchmarks.summary import write_into
from benchmarks.tables import markdown
from benchmarks.worker import ROOT, ChildFailed
from model.bundle import BundleError, open_bundle

SUBJECTS: Final[dict[str, Callable[[Options], Section]]] = {
    "startup": startup.run,
    "memory": memory.run,
    "search": search.run,
    "throughput": throughput.run,
    "ranking": ranking.run,
    "indexing": indexing.run,
    "training": training.run,
}
PUBLISHED: Final = ROOT / "docs" / "figures"
ASIDE: Final = ROOT / "build" / "figures"


def main(arguments: list[str] | None = None) -> int:
    """Measure what was asked for; return the exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        open_bundle(chosen.bundle)
    except BundleError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    names = [name for name in SUBJECTS if name in (chosen.only or SUBJECTS)]
    try:
        report = _measure(Options(chosen.bundle, chosen.quick), names)
    except ChildFailed as error:
        print(f"\nbenchmarks: imagesearch itself could not be measured: {error}", file=sys.stderr)
        return 1
    out = chosen.out or (ASIDE if chosen.quick or chosen.only else PUBLISHED)
    _write(report, out)
    if out == PUBLISHED:
        write_into(ROOT / "README.md", report)
    print(markdown(report))
    print(f"Table, charts and figures are in {out}.", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=SUBJECTS, metavar="NAME", help=f"of {', '.join(SUBJECTS)}"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes: does it all work?")
    parser.add_argument(
        "--bundle", type=Path, default=ROOT / "model" / "bundle", help="what is measured"
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="folder for the results (default: docs/figures; build/figures with --only or --quick)",
    )
    return parser


def _measure(options: Options, names: list[str]) -> Report:
    described = machine.describe()
    sections: list[Section] = []
    for name in names:
        begun = time.monotonic()
        print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
        sections.append(SUBJECTS[name](options))
        print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr)
    return Report(
        format=FORMAT,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        quick=options.quick,
        machine=described,
        sections=tuple(sections),
    )


def _write(report: Report, out: Path) -> None:
    """Write the table, the figures and the charts."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "benchmarks.md").write_text(markdown(report), encoding="utf-8")
    figures = msgspec.json.format(msgspec.json.encode(report), indent=2)
    (out / "benchmarks.json").write_bytes(figures + b"\n")
    for section in report.sections:
        for place, chart in enumerate(section.charts):
            (out / file_name(section, place)).write_text(draw(section, chart), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
