"""Ours against theirs, in turn."""

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.measure import Measurement, interleaved
from benchmarks.results import OURS
from benchmarks.worker import ChildFailed


class Outcome(NamedTuple):
    """ours, others: what each round measured. failed: why there are no others, or ""."""

    ours: list[float]
    others: dict[str, list[float]]
    failed: str


def contest(
    ours: Measurement, others: Mapping[str, Measurement], rounds: int, *, warm: int = 1
) -> Outcome:
    """Measure ours and the others in turn; ours alone when another's process fails."""
    failed = ""
    try:
        found = interleaved({OURS: ours, **others}, rounds, warm=warm)
    except ChildFailed as error:
        failed = str(error)
        found = interleaved({OURS: ours}, rounds, warm=warm)
    return Outcome(found.pop(OURS), found, failed)
