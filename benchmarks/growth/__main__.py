"""What an index costs as it grows: python -m benchmarks.growth [--sizes 1000,10000] [--kinds ...].

Each size and kind is measured in processes of its own: seconds to build, bytes on disk and in
memory, latency at 1 and 16 clients, recall. What was measured before is not measured again. With
--publish, docs/figures/growth.md and growth.json are written, and the verdict into docs/scaling.md
(then `python -m benchmarks.billion --publish` takes the figures over). It needs Linux and
requirements-bench.txt, and .venv/milvus for the engine.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from benchmarks import processes
from benchmarks.growth import measuring, results, vectors
from benchmarks.growth.all_kinds import KINDS
from benchmarks.growth.measuring import CLIENTS, Job
from benchmarks.growth.report import markdown, verdict
from benchmarks.growth.results import FORMAT, Growth, Kept, Rate, Row
from benchmarks.machine import describe
from benchmarks.marks import replace
from benchmarks.results import OURS, Report
from benchmarks.synthetic import Spectrum
from benchmarks.worker import ROOT
from model import command
from model.bundle import of_index, open_bundle, read_manifest
from model.command import DONE, CommandError

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
OUT: Final = ROOT / "build" / "growth"
PUBLISHED: Final = ROOT / "docs" / "figures"
PAGE: Final = ROOT / "docs" / "scaling.md"
BEGIN: Final = "<!-- benchmarks.growth -->"
_FEWEST: Final = 1000  # codes of 8 bits are trained with no fewer

_LOOKED_AT: Final = 1000  # records, for the size of linked pictures

T = TypeVar("T")


def main(arguments: list[str] | None = None) -> int:
    """Measure what is missing, and print all; return the exit status."""
    options = _parser().parse_args(arguments)
    return command.run("growth", lambda: _run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument(
        "--sizes", type=_list_of(_size), default=SIZES, help="such as 1000,10000 (default: to 10 M)"
    )
    parser.add_argument(
        "--kinds", type=_list_of(_kind), default=tuple(KINDS), help=f"of {', '.join(KINDS)}"
    )
    parser.add_argument("--again", action="store_true", help="measure these again")
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="that a build may take (%(default)g)"
    )
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="to search with many clients (%(default)g)"
    )
    parser.add_argument("--bundle", type=Path, default=ROOT / "model" / "bundle")
    parser.add_argument("--out", type=Path, default=OUT, help="rows and scratch (%(default)s)")
    parser.add_argument("--publish", action="store_true", help="write into docs/")
    return parser


def _run(options: argparse.Namespace) -> int:
    if not processes.told():
        raise CommandError("Only Linux tells what processes take: run this on Linux.")
    spectrum, kept = Spectrum.of(options.bundle), Kept(options.out / "rows.jsonl")
    for size in sorted(options.sizes):
        wanted = [kind for kind in options.kinds if _is_wanted(kept, size, kind, options)]
        if wanted:
            _measure(options, spectrum, kept, size, wanted)
    growth = _growth(options, spectrum, kept)
    _write(growth, options.out)
    if options.publish:
        _write(growth, PUBLISHED)
        replace(PAGE, BEGIN, verdict(growth))
    print(markdown(growth))
    return DONE


def _is_wanted(kept: Kept, size: int, kind: str, options: argparse.Namespace) -> bool:
    row = kept.rows().get((size, kind))
    return options.again or row is None or not row.settled(options.minutes)


def _measure(
    options: argparse.Namespace, spectrum: Spectrum, kept: Kept, size: int, kinds: Sequence[str]
) -> None:
    """Measure some kinds at one size; the embeddings are on the disk only meanwhile."""
    folder = options.out / str(size)
    folder.mkdir(parents=True, exist_ok=True)
    job = Job(size, spectrum.dimensions, folder, options.minutes, options.seconds)
    try:
        for row in _rows(job, spectrum, kinds):
            kept.add(row)
            _say(f"{size:,}: {row.kind}: {row.why or 'measured'}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rows(job: Job, spectrum: Spectrum, kinds: Sequence[str]) -> Iterator[Row]:
    if lacking := measuring.no_room(job, job.size * job.dimensions * 4):
        yield from (measuring.row(job, kind, why=lacking) for kind in kinds)
        return
    _say(f"{job.size:,}: drawing embeddings")
    vectors.make(job.folder, spectrum, job.size)
    yield from (measuring.measure(job, kind) for kind in kinds)


def _write(growth: Growth, folder: Path) -> None:
    (folder / "growth.md").write_text(markdown(growth), encoding="utf-8")
    results.write(folder / "growth.json", growth)


def _growth(options: argparse.Namespace, spectrum: Spectrum, kept: Kept) -> Growth:
    """Put everything together that was measured so far."""
    rows = kept.rows().values()
    manifest, order = read_manifest(options.bundle), list(KINDS)
    pictures = manifest.gallery.count if manifest.gallery else 0
    return Growth(
        format=FORMAT,
        machine=describe(),
        clients=CLIENTS,
        dimensions=spectrum.dimensions,
        spectrum=spectrum.source,
        pictures=pictures,
        stored=dict(_stored(options.bundle)),
        encoding=_rate("indexing", "index 2-MP JPEGs", "pictures/s"),
        serving=_rate("throughput", "4 clients", "searches/s"),
        rows=tuple(sorted(rows, key=lambda row: (row.size, order.index(row.kind)))),
    )


def _stored(bundle: Path) -> Iterator[tuple[str, float]]:
    """Yield what each part of the bundle's index takes for a picture, in bytes.

    "linked": what is shown from the pictures' own files, for want of a large thumbnail.
    """
    manifest = read_manifest(bundle)
    if manifest.gallery is None:
        return
    for role, entry in manifest.files.items():
        if of_index(role):
            yield role, entry.bytes / manifest.gallery.count
    gallery = open_bundle(bundle, verify=False).gallery
    records = gallery.page(0, _LOOKED_AT)
    linked = [record.bytes for record in records if not gallery.stored(record, "large")]
    yield "linked", sum(linked) / len(records)


def _rate(section: str, what: str, unit: str) -> Rate:
    """Return what `make bench` measured of ours the last time."""
    path = PUBLISHED / "benchmarks.json"
    report = msgspec.json.decode(path.read_bytes(), type=Report)
    rates = [
        row.figure.median
        for each in report.sections
        for row in each.rows
        if (each.name, row.what, row.unit, row.how) == (section, what, unit, OURS) and row.figure
    ]
    return Rate(rates[0], report.machine.cores, path.relative_to(ROOT).as_posix())


def _list_of(kind: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    def parse(text: str) -> tuple[T, ...]:
        return tuple(kind(part.strip()) for part in text.split(","))

    return parse


def _size(text: str) -> int:
    size = int(text.replace("_", ""))
    if size < _FEWEST:
        raise argparse.ArgumentTypeError(f"{size} is too few: at least {_FEWEST:,} are measured")
    return size


def _kind(text: str) -> str:
    if text not in KINDS:
        raise argparse.ArgumentTypeError(f"there is no {text!r}; there are {', '.join(KINDS)}")
    return text


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
