"""What a soak has seen, in words, as a table and as curves."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from benchmarks.curve import Curve, draw
from benchmarks.machine import Machine
from benchmarks.soak.changing import Changes
from benchmarks.soak.traffic import Visitors
from benchmarks.soak.watching import Held

# What a server may hold more than in the part before: a picture that is being decoded, files of a
# generation that is replaced just now, and threads of a pool that had not all been needed.
_MORE_MEMORY: Final = 1.15
_MORE_HANDLES: Final = 1.25
_MORE_THREADS: Final = 6
_PARTS: Final = ("the same processes, first part", "the same processes, second part", "reloaded")


class Part(NamedTuple):
    """What was held in a part of the time. megabytes: the mean. handles: lowest and highest."""

    name: str
    minutes: tuple[float, float]
    megabytes: float
    handles: tuple[int, int]
    threads: int


@dataclass(frozen=True)
class Soak:
    """seconds: how long visitors came. bounds: when all was warm, before reloads, at the end.

    others: the share of the processors' time that others took, 0 to 1.
    """

    machine: Machine
    seconds: float
    clients: int
    visitors: Visitors
    changes: Changes
    points: Sequence[Held]
    bounds: Sequence[float]
    others: float


def problems(soak: Soak) -> list[str]:
    """Return a sentence for each thing that should not have been."""
    found = [f"wrong: {text}" for text in (soak.visitors.wrong + soak.changes.failed)[:20]]
    first, *later = parts(soak)
    for part in later:
        if part.megabytes > _MORE_MEMORY * first.megabytes:
            found.append(f"{part.name}: {part.megabytes:.0f} MB, not {first.megabytes:.0f}.")
        if part.handles[0] > _MORE_HANDLES * first.handles[0]:
            found.append(f"{part.name}: {part.handles[0]} handles, not {first.handles[0]}.")
        if part.threads > first.threads + _MORE_THREADS:
            found.append(f"{part.name}: {part.threads} threads, not {first.threads}.")
    return found


def parts(soak: Soak) -> list[Part]:
    """Return what was held from when all was warm, in three parts."""
    warm, half, end = soak.bounds
    bounds = (warm, (warm + half) / 2, half, end)
    return [
        _part(name, begin, till, [held for held in soak.points if begin <= held.at <= till])
        for name, (begin, till) in zip(_PARTS, pairwise(bounds), strict=True)
    ]


def _part(name: str, begin: float, till: float, points: Sequence[Held]) -> Part:
    megabytes = sum(held.megabytes for held in points) / max(1, len(points))
    handles = [held.handles for held in points] or [0]
    threads = max((held.threads for held in points), default=0)
    minutes = begin / 60, till / 60
    return Part(name, minutes, megabytes, (min(handles), max(handles)), threads)


def markdown(soak: Soak) -> str:
    """Return the whole page."""
    return "\n".join(_lines(soak)) + "\n"


def curves(soak: Soak) -> dict[str, str]:
    """Return the curves as SVG documents by their names."""
    memory = [(held.at, held.megabytes) for held in soak.points]
    handles = [(held.at, float(held.handles)) for held in soak.points]
    told = _told(soak)
    return {
        "soak.svg": draw(Curve("Memory of a server in use", "MB of all processes", memory, told)),
        "soak-2.svg": draw(Curve("Open handles of a server in use", "of all processes", handles,
                                 told)),
    }  # fmt: skip


def _told(soak: Soak) -> str:
    visitors, changes = soak.visitors, soak.changes
    total = sum(visitors.answers.values())
    return (
        f"{soak.seconds / 60:.0f} minutes, {soak.clients} visitors at a time, {total:,} requests, "
        f"{changes.generations} generations of the gallery, {changes.reloads} reloads: "
        f"{_failures(visitors.answers)} answers of 5xx, {len(visitors.wrong)} wrong or missing."
    )


def _failures(answers: Counter[tuple[str, int]]) -> int:
    return sum(count for (_, status), count in answers.items() if status >= 500)


def _lines(soak: Soak) -> Iterator[str]:
    described = soak.machine
    yield "# A server in use for an hour\n"
    yield f"Written by `python -m benchmarks.soak --publish`. {_told(soak)}\n"
    yield (
        f"{described.cpu}, {described.cores} cores, which other work shared: it took "
        f"{soak.others:.0%} of the processors' time. Two workers, started once. In the first half "
        "the same processes serve all the time, in the second SIGHUP replaces the workers. A new "
        "generation comes by turns from the server itself, which was sent a picture, and from an "
        f"`index` that finds it gone. {soak.visitors.renewed:,} times the server had closed a kept "
        "connection before its visitor used it again, who then asked once more, as browsers do.\n"
    )
    yield "![Memory](soak.svg)\n\n![Open handles](soak-2.svg)\n"
    yield from _held(parts(soak))
    yield ""
    yield from _answers(soak.visitors.answers)


def _held(found: Sequence[Part]) -> Iterator[str]:
    yield "What all processes held together, looked at every five seconds:\n"
    yield "| | minutes | memory, MB, mean | handles, lowest to highest | threads, at most |"
    yield "|---|---|---:|---:|---:|"
    for name, (begin, till), megabytes, (low, high), threads in found:
        figures = f"{megabytes:.0f} | {low} to {high} | {threads}"
        yield f"| {name} | {begin:.0f} to {till:.0f} | {figures} |"


def _answers(answers: Counter[tuple[str, int]]) -> Iterator[str]:
    yield "| asked for | answers |\n|---|---|"
    kinds: dict[str, list[str]] = {}
    for (kind, status), count in sorted(answers.items()):
        kinds.setdefault(kind, []).append(f"{count:,} of {status or 'nothing'}")
    for kind, told in kinds.items():
        yield f"| {kind} | {', '.join(told)} |"
