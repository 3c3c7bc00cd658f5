"""Ranking at ten thousand to a million embeddings, beside what else would do it."""

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.machine import available_memory, cores, why_absent
from benchmarks.measure import spread
from benchmarks.options import Options
from benchmarks.results import OURS, Aim, Chart, Row, Section, absent, at_most, row
from benchmarks.synthetic import Spectrum
from benchmarks.worker import ChildFailed, Worker

_UNIT: Final = "ms"
_AIMS: Final = {100_000: 2.0, 1_000_000: 20.0}
_RECALL: Final = 0.999
_SIZES: Final = {10_000: 40, 100_000: 15, 1_000_000: 5}  # embeddings, and rounds
_QUICK: Final = {1_000: 3, 5_000: 3}
# The embeddings, FAISS's copy, the copy that is timed, and what `norm(X - q)` makes on its way.
_COPIES: Final = 6


def run(options: Options) -> Section:
    """Rank with one thread and with all of them, each in a process of its own."""
    spectrum = Spectrum.of(options.bundle)
    sizes = options.choose(_SIZES, _QUICK)
    threads = sorted({1, cores()})
    with_one = [row for count in threads for row in _rows(options, sizes, count)]
    return Section(
        name="ranking",
        title="Ranking",
        about=(
            f"The 24 nearest of synthetic embeddings of {spectrum.dimensions} dimensions: normal "
            f"random numbers with mean and spectrum {spectrum.source}, brought to unit length. "
            "Queries are drawn in the same way: without real neighbours, which is harder "
            "than pictures are. Everything computes with the same number of threads (BLAS, OpenMP) "
            "and in turn, each time with another query. Recall is the share of the exact 24 that "
            "were found. A large gallery is ranked from a sketch of its embeddings first "
            "(`model/sketch.py`). "
            "`read once` multiplies the embeddings' memory with itself and adds it up, `copy` "
            "writes it elsewhere: what this machine's memory allows. Between two searches the "
            "others empty the processor's caches, as happens in a busy server: ranking 100,000 "
            "costs about what it takes to `read the sketch` and, scattered, two thousand rows."
        ),
        charts=tuple(
            Chart(title=f"Ranking, {_threads(count)}", unit=_unit(count), scale="logarithmic")
            for count in threads
        ),
        rows=tuple(with_one),
    )


def _rows(options: Options, sizes: dict[int, int], threads: int) -> list[Row]:
    rows: list[Row] = []
    for count, rounds in sizes.items():
        rows += _at(options, count, rounds, threads)
    return rows


def _at(options: Options, count: int, rounds: int, threads: int) -> list[Row]:
    what, unit = f"{count:,} embeddings", _unit(threads)
    environment = dict.fromkeys(
        ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads)
    )
    arguments = ("benchmarks.ranking_worker", str(options.bundle.resolve()))
    try:
        with Worker(*arguments, environment=environment) as worker:
            needed = _COPIES * worker.ask({"bytes": count})
            free = available_memory()
            if free is not None and needed > free:
                why = f"needs {needed / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are free"
                return [absent(what, OURS, unit, why)]
            return _told(what, threads, count, worker.ask({"count": count, "rounds": rounds}))
    except ChildFailed as error:
        return [absent(what, OURS, unit, str(error))]


def _told(what: str, threads: int, count: int, answer: Any) -> list[Row]:
    """Turn a worker's answer into rows, ours first."""
    times: dict[str, list[float]] = answer["milliseconds"]
    recall: dict[str, float] = answer["recall"]
    base = times[OURS]
    unit = _unit(threads)
    rows = [
        row(
            what,
            how,
            unit,
            values,
            base=None if how == OURS else base,
            aim=_aim(count, threads, base, recall[OURS]) if how == OURS else None,
            note=f"recall {recall[how]:.4f}" if how in recall else answer["notes"].get(how, ""),
        )
        for how, values in times.items()
    ]
    missing = why_absent("faiss")
    return [*rows, absent(what, "FAISS IndexFlatIP", unit, missing)] if missing else rows


def _aim(count: int, threads: int, times: Sequence[float], recall: float) -> Aim | None:
    limit = _AIMS.get(count)
    if limit is None:
        return None
    name = f"ranking {count:,}, {_threads(threads)}, recall of at least {_RECALL}"
    aim = at_most(name, spread(times).median, limit, _UNIT)
    return aim if recall >= _RECALL else Aim(aim.name, aim.value, limit, _UNIT, met=False)


def _threads(count: int) -> str:
    return f"{count} thread{'s' if count > 1 else ''}"


def _unit(threads: int) -> str:
    return f"{_UNIT} on {_threads(threads)}"
