"""Timing and the few statistics that the benchmarks report."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

Measurement = Callable[[], float]


class Spread(msgspec.Struct, frozen=True):
    """Repeated measurements of one thing: their median, lowest and highest, and how many."""

    median: float
    low: float
    high: float
    runs: int


def spread(values: Sequence[float]) -> Spread:
    """Summarise measurements. Raises StatisticsError when there are none."""
    return Spread(statistics.median(values), min(values), max(values), len(values))


def ratios(values: Sequence[float], base: Sequence[float]) -> Spread:
    """Summarise values / base, round by round: what slowed a whole round cancels out."""
    return spread([value / other for value, other in zip(values, base, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    rank = -int(-share * len(ordered) // 1)  # rounded up
    return ordered[max(rank, 1) - 1]


def milliseconds(action: Callable[[], object]) -> Measurement:
    """Return a measurement of how long `action` takes, in milliseconds."""

    def measure() -> float:
        start = time.perf_counter()
        action()
        return (time.perf_counter() - start) * 1000

    return measure


def interleaved(
    measurements: Mapping[str, Measurement], rounds: int, *, warm: int = 1
) -> dict[str, list[float]]:
    """Take every measurement once in each round, A B C A B C ...; warming rounds do not count."""
    results: dict[str, list[float]] = {name: [] for name in measurements}
    for number in range(-warm, rounds):
        for name, measurement in measurements.items():
            value = measurement()
            if number >= 0:
                results[name].append(value)
    return results
