"""Measures one size and kind, in processes that end with it: their memory is nobody else's."""

import datetime
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks import processes
from benchmarks.growth.all_kinds import KINDS
from benchmarks.growth.kinds import Kind, Place
from benchmarks.growth.results import Figures, Latency, Row
from benchmarks.growth.vectors import bytes_in
from benchmarks.machine import available_memory
from benchmarks.measure import percentile
from benchmarks.worker import ROOT, ChildFailed, Worker

CLIENTS: Final = 16
_ONE_THREAD: Final = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


class Job(NamedTuple):
    """folder: where the data of this size lie. minutes: a build may take. seconds: a search."""

    size: int
    dimensions: int
    folder: Path
    minutes: float
    seconds: float


class TooLong(Exception):
    """A build that did not end in time."""


def measure(job: Job, name: str) -> Row:
    """Return the figures, or why there are none."""
    try:
        return row(job, name, figures=_figures(job, KINDS[name]))
    except TooLong:
        why = f"the build was stopped after {job.minutes:g} minutes"
        return row(job, name, why=why, minutes=job.minutes)
    except ChildFailed as error:
        return row(job, name, why=str(error))


def row(job: Job, name: str, **found: Any) -> Row:
    """Return a row with what was found; it says when, and by which code."""
    when = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Row(size=job.size, kind=name, when=when, commit=_commit(), **found)


def _figures(job: Job, kind: Kind) -> Figures:
    if obstacle := kind.missing() or _too_large(job, kind):
        raise ChildFailed(obstacle)
    index = job.folder / kind.name
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir()
    others = processes.Others()
    try:
        with kind.serving(Place(job.folder, index)) as (place, servers):
            build = _build(job, kind, place)
            found = _searched(job, kind, place, servers)
            # A server that was killed takes the time that it took along.
            return Figures(build=build, others=others.share(), **found)
    finally:
        shutil.rmtree(index, ignore_errors=True)


def _too_large(job: Job, kind: Kind) -> str:
    """Return what the machine lacks, or ""."""
    needs = kind.needs(job.size, job.dimensions)
    if lacking := no_room(job, needs.disk):
        return lacking
    free = available_memory()
    if free is not None and needs.memory > free:
        return f"needs {_gb(needs.memory)} of memory, {_gb(free)} are free"
    return ""


def no_room(job: Job, needed: float) -> str:
    """Return that the disk has fewer bytes than are needed, or ""."""
    free = shutil.disk_usage(job.folder).free
    return f"needs {_gb(needed)} of disk, {_gb(free)} are free" if needed > free else ""


def _build(job: Job, kind: Kind, place: Place) -> float:
    """Return the seconds that it took. Raises TooLong and ChildFailed."""
    command = [sys.executable, "-m", "benchmarks.growth.building", *_arguments(kind, place)]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=job.minutes * 60,
        )
    except subprocess.TimeoutExpired as error:
        raise TooLong from error
    if done.returncode != 0:
        told = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise ChildFailed(told[-1][:200])
    return float(done.stdout.split()[-1])


def _searched(
    job: Job, kind: Kind, place: Place, servers: Callable[[], list[int]]
) -> dict[str, Any]:
    with ExitStack() as stack:
        made = [stack.enter_context(_worker(kind, place)) for _ in range(kind.processes)]
        answering = partial(_answering, kind, made, servers)
        effort = _all(made, do="warm", seconds=job.seconds)[0]["effort"]
        alone = made[0].ask({"do": "alone", "seconds": 3 * job.seconds})
        together = _together(job, made, answering)
        taken = processes.memory(answering())
        disk = bytes_in(place.made) + (_embeddings(place) if kind.mapped else 0)
        return {
            "effort": effort,
            "recall": alone["recall"],
            "alone": _latency(alone["milliseconds"]),
            "memory": taken.whole,
            "mapped": taken.mapped,
            "disk": disk,
            **together,
        }


def _worker(kind: Kind, place: Place) -> Worker:
    module = "benchmarks.growth.searching"
    return Worker(module, *_arguments(kind, place), environment=_ONE_THREAD)


def _together(
    job: Job, made: Sequence[Worker], answering: Callable[[], list[int]]
) -> dict[str, Any]:
    """Search with all clients, an equal part of them in each process."""
    each = CLIENTS // len(made)
    before = processes.seconds(answering())
    begun = time.perf_counter()
    told = _all(made, do="together", seconds=job.seconds, clients=each)
    taken = time.perf_counter() - begun
    used = processes.seconds(answering()) - before
    times = [value for part in told for value in part["milliseconds"]]
    return {
        "together": _latency(times),
        "rate": len(times) / taken,
        "processor": used * 1000 / len(times),
    }


def _all(made: Sequence[Worker], **question: Any) -> list[Any]:
    """Ask all processes at once; of clients, each process has its own numbers."""
    clients = question.get("clients")
    asked = [
        question | ({"first": place * clients} if clients else {}) for place in range(len(made))
    ]
    with ThreadPoolExecutor(len(made)) as pool:
        return list(pool.map(lambda worker, each: worker.ask(each), made, asked))


def _answering(kind: Kind, made: Sequence[Worker], servers: Callable[[], list[int]]) -> list[int]:
    return kind.answering([worker.pid for worker in made], servers())


def _arguments(kind: Kind, place: Place) -> list[str]:
    return [kind.name, str(place.data), str(place.made), place.address]


def _embeddings(place: Place) -> int:
    return (place.data / "embeddings.npy").stat().st_size


def _latency(times: Sequence[float]) -> Latency:
    return Latency(percentile(times, 0.5), percentile(times, 0.95))


def _gb(size: float) -> str:
    return f"{size / 1e9:,.1f} GB"


def _commit() -> str:
    """Return the commit that measures, + where files differ; "" without a repository."""
    command = ["git", "describe", "--always", "--exclude=*", "--abbrev=7", "--dirty=+"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()
