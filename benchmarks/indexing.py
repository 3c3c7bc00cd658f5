"""Pictures indexed per second by `python -m model index`, beside the two things that bound it."""

import multiprocessing
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.contest import contest
from benchmarks.drawings import fill
from benchmarks.machine import cores, why_absent
from benchmarks.measure import Measurement, milliseconds
from benchmarks.options import Options
from benchmarks.results import OURS, Chart, Row, Section, absent, row
from benchmarks.worker import ROOT, ChildFailed, Worker
from model.bundle import open_bundle
from model.encoder import Encoder
from model.images import SIDE, load

_WHAT, _UNIT = "index 2-MP JPEGs", "pictures/s"
_SIZE = (1632, 1224)
_DECODER, _ENCODER = "decode only", "encode only"
_SCRIPT = "a script with model.predict"


def run(options: Options) -> Section:
    """Index a folder of generated JPEGs."""
    count = options.choose(512, 8)
    with tempfile.TemporaryDirectory() as scratch:
        paths = fill(Path(scratch) / "pictures", count, _SIZE)
        rows = _rows(options, Path(scratch), paths)
    return Section(
        name="indexing",
        title="Pictures indexed per second",
        about=(
            f"{count} generated JPEGs of 2 megapixels, {cores()} processes, their start included. "
            "Indexing reads, hashes, decodes and encodes each and makes two thumbnails; `decode "
            "only` runs the same loader in as many processes and throws its result away, `encode "
            "only` the same encoder on as many pictures that are decoded already. The "
            "script that people write first decodes in full and predicts one picture at a time, "
            "without thumbnails; its start is not counted."
        ),
        charts=(Chart(title="Pictures indexed per second", unit=_UNIT),),
        rows=tuple(rows),
    )


def _rows(options: Options, scratch: Path, paths: list[Path]) -> list[Row]:
    ours = _rate(len(paths), partial(_index, options, scratch))
    encoder = open_bundle(options.bundle).path("encoder")
    others: dict[str, Measurement] = {
        _DECODER: _rate(len(paths), partial(_decode, paths)),
        _ENCODER: _rate(len(paths), partial(_encode, encoder, len(paths))),
    }
    missing = why_absent("tensorflow")
    with ExitStack() as stack:
        if not missing:
            worker = Worker("benchmarks.others.keras_encoder", str(options.bundle.resolve()))
            stack.enter_context(worker)
            few = [str(path) for path in paths[:: options.choose(8, 4)]]
            missing = _why_not(worker, few[0])
        if not missing:
            others[_SCRIPT] = lambda: len(few) / float(worker.ask({"files": few}))
        found = contest(ours, others, options.choose(3, 1), warm=options.choose(1, 0))
    rows = [row(_WHAT, OURS, _UNIT, found.ours)]
    rows += [row(_WHAT, how, _UNIT, rates, base=found.ours) for how, rates in found.others.items()]
    if _SCRIPT not in found.others:
        rows.append(absent(_WHAT, _SCRIPT, _UNIT, missing or found.failed))
    return rows


def _why_not(worker: Worker, file: str) -> str:
    """Return why a script cannot encode this bundle's way, or "": what bounds us is told anyway."""
    try:
        worker.ask({"files": [file]})
    except ChildFailed as error:
        return str(error)
    return ""


def _rate(count: int, action: Callable[[], object]) -> Measurement:
    measure = milliseconds(action)
    return lambda: count / measure() * 1000


def _index(options: Options, scratch: Path) -> None:
    with tempfile.TemporaryDirectory(dir=scratch) as target:
        command = ["-m", "model", "index", str(scratch / "pictures"), "--bundle"]
        subprocess.run(
            [
                sys.executable,
                *command,
                f"{target}/bundle",
                "--model",
                str(options.bundle.resolve()),
            ],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )


def _decode(paths: Sequence[Path]) -> None:
    with _processes() as pool:
        for _ in pool.map(_decode_one, paths, chunksize=4):
            pass


def _decode_one(path: Path) -> None:
    load(path)


def _encode(encoder: Path, count: int) -> None:
    with _processes() as pool:
        shares = [len(share) for share in np.array_split(np.arange(count), cores())]
        for _ in pool.map(partial(_encode_many, encoder), shares):
            pass


def _encode_many(encoder: Path, count: int) -> None:
    """Encode pictures one by one, as indexing does; which they are makes no difference."""
    ready = Encoder(encoder)
    picture = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 3), np.uint8)
    for _ in range(count):
        ready.encode(picture)


def _processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(cores(), multiprocessing.get_context("spawn"))
