"""Watches a server for an hour that is used, changed and reloaded: `python -m benchmarks.soak`.

It makes a gallery of drawings and serves it from the real gunicorn. Visitors search, look, and send
what is refused; every 20 seconds the gallery has another generation, by turns added to through the
server and indexed from outside. In the first half the same processes serve all the time, so what
they lose would be seen; in the second half SIGHUP replaces them again and again. Every answer is
looked at. --publish writes the table and the curves into docs/figures.

The status is 1 if one answer was wrong, missing or 5xx, or the server holds more than before.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks import machine
from benchmarks.drawings import USUAL, jpeg
from benchmarks.processes import Others
from benchmarks.servers import Kind, ours, running
from benchmarks.soak.changing import TOKEN, Changes
from benchmarks.soak.report import Soak, curves, markdown, problems
from benchmarks.soak.traffic import Visitors
from benchmarks.soak.watching import Watch
from benchmarks.worker import ROOT
from model.indexing import index_folder
from model.publishing import adopt_model

# Shares of the time: until everything has been done once, with the same processes, with reloads.
_WARM, _STEADY, _RELOADED = 0.05, 0.475, 0.475
_RELOADS: Final = 6
_CHANGES: Final = 180  # of the gallery, in all the time


def main(arguments: list[str] | None = None) -> int:
    """Let it run, tell what was seen; return the exit status."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder, bundle = Path(scratch) / "pictures", Path(scratch) / "bundle"
        pictures = _fill(folder, options.pictures)
        adopt_model(bundle, options.bundle)
        index_folder(folder, bundle, jobs=1)
        soak = _soaked(options, pictures, folder, bundle)
    print(markdown(soak))
    if options.publish or options.out:
        _publish(soak, options.out or ROOT / "docs" / "figures")
    for problem in problems(soak):
        print(f"soak: {problem}", file=sys.stderr)
    return 1 if problems(soak) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=60, help="how long (default: 60)")
    parser.add_argument("--pictures", type=int, default=200, help="in the gallery (default: 200)")
    parser.add_argument("--clients", type=int, default=3, help="visitors at a time (default: 3)")
    parser.add_argument(
        "--pause", type=float, default=0.05, help="seconds that each waits before asking again"
    )
    parser.add_argument("--bundle", type=Path, default=ROOT / "model" / "bundle", help="the model")
    parser.add_argument("--publish", action="store_true", help="write into docs/figures")
    parser.add_argument("--out", type=Path, help="or write into this folder")
    return parser


def _fill(folder: Path, count: int) -> list[bytes]:
    """Write pictures, each another one, and return their contents."""
    folder.mkdir()
    pictures = [jpeg(USUAL, seed) for seed in range(count)]
    for number, content in enumerate(pictures):
        (folder / f"{number:04}.jpg").write_bytes(content)
    return pictures


def _kind(bundle: Path) -> Kind:
    served = ours(bundle)
    more = {"IMAGESEARCH_TOKEN": TOKEN, "IMAGESEARCH_METRICS": "true", "IMAGESEARCH_WAIT": "30"}
    return replace(served, environment={**served.environment, **more})


def _soaked(options: argparse.Namespace, pictures: list[bytes], folder: Path, bundle: Path) -> Soak:
    described, others, seconds = machine.describe(), Others(), options.minutes * 60
    with running(_kind(bundle)) as server:
        watch = Watch(server.process.pid, every=min(5.0, seconds / 20))
        count = range(len(pictures), len(pictures) + 2)
        visitors = Visitors(server.port, pictures, count, options.clients, options.pause)
        changes = Changes(server, folder, bundle)
        bounds = []
        with watch.watching():
            for share, reloads in ((_WARM, 0), (_STEADY, 0), (_RELOADED, _RELOADS)):
                reload_every = share * seconds / (reloads + 1) if reloads else 0
                with changes.going_on(seconds / _CHANGES, reload_every):
                    visitors.come(share * seconds)
                bounds.append(watch.now())
    return Soak(described, seconds, options.clients, visitors, changes, watch.points, bounds,
                others.share())  # fmt: skip


def _publish(soak: Soak, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "soak.md").write_text(markdown(soak), encoding="utf-8")
    for name, drawn in curves(soak).items():
        (out / name).write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
