"""Pictures trained per second, where TensorFlow is installed."""

from functools import partial

from benchmarks.machine import why_absent
from benchmarks.measure import interleaved
from benchmarks.options import Options
from benchmarks.results import OURS, Chart, Row, Section, absent, row
from benchmarks.worker import ChildFailed, Worker

_WHAT, _UNIT = "train the tutorial's network", "pictures/s"
_FIT = "model.fit"


def run(options: Options) -> Section:
    """Train on random pictures in memory, with our step and with Keras's `fit`."""
    return Section(
        name="training",
        title="Pictures trained per second",
        about=(
            "The tutorial's autoencoder in batches of 16, float32, on pictures in memory, compiled "
            "before the clock starts; both in one process that runs one after the other."
        ),
        charts=(Chart(title="Pictures trained per second", unit=_UNIT),),
        rows=_rows(options),
    )


def _rows(options: Options) -> tuple[Row, ...]:
    missing = why_absent("tensorflow")
    if missing:
        return tuple(absent(_WHAT, how, _UNIT, missing) for how in (OURS, _FIT))
    steps = options.choose(10, 1)
    try:
        with Worker("benchmarks.others.trainer") as worker:
            found = interleaved(
                {
                    name: partial(worker.ask, {"method": name, "steps": steps})
                    for name in ("ours", "fit")
                },
                options.choose(5, 1),
            )
    except ChildFailed as error:
        return tuple(absent(_WHAT, how, _UNIT, str(error)) for how in (OURS, _FIT))
    base = found["ours"]
    return (
        row(_WHAT, OURS, _UNIT, base),
        row(_WHAT, _FIT, _UNIT, found["fit"], base=base),
    )
