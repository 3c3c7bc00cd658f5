"""What each method costs, one picture at a time, all in one run.

Everything runs on one thread, so that its processor time is what a quiet core would take; on a
machine that does something else beside, the wall clock would tell about that.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from benchmarks.drawings import jpeg
from benchmarks.measure import Measurement, interleaved, spread
from benchmarks.quality.report import Cost
from model.evaluation.methods import Method
from model.images import load

ROUNDS: Final = 25
_WARM: Final = 3


def costs(methods: Sequence[Method], rounds: int = ROUNDS) -> tuple[Cost, ...]:
    """Time every method once in each round, A B C A B C ..., on one decoded picture."""
    pixels = load(jpeg((256, 256))).pixels
    timed = {method.name: _milliseconds(partial(method.describe, pixels)) for method in methods}
    found = interleaved(timed, rounds, warm=_WARM)
    return tuple(
        Cost(
            method=method.name,
            milliseconds=spread(found[method.name]),
            bytes=method.describe(pixels).nbytes,
            weights=method.weights,
        )
        for method in methods
    )


def _milliseconds(action: Callable[[], object]) -> Measurement:
    def measure() -> float:
        start = time.process_time()
        action()
        return (time.process_time() - start) * 1000

    return measure
