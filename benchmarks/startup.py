"""How long a visitor waits after the server was started: from its start to the first answer."""

from functools import partial

from benchmarks import servers
from benchmarks.contest import contest
from benchmarks.machine import why_absent
from benchmarks.measure import spread
from benchmarks.options import Options
from benchmarks.results import OURS, Chart, Row, Section, absent, at_most, row

_WHAT = "start to first answer"
_AIM = 0.6


def run(options: Options) -> Section:
    """Start both servers in turn, with everything that they read in the page cache."""
    return Section(
        name="startup",
        title="From start to first answer",
        about=(
            "From starting gunicorn with two workers to the answer of the first search, a 640x480 "
            "JPEG; files in the page cache. The other server is Flask with Keras's `predict`, as "
            "tutorials write it, on the same network."
        ),
        charts=(Chart(title="From start to first answer", unit="s"),),
        rows=_rows(options),
    )


def _rows(options: Options) -> tuple[Row, ...]:
    theirs = servers.plain(options.bundle)
    missing = why_absent("tensorflow")
    others = {} if missing else {theirs.name: partial(_start, theirs)}
    ours = partial(_start, servers.ours(options.bundle))
    found = contest(ours, others, options.choose(7, 1), warm=options.choose(1, 0))
    aim = at_most("first answer after starting", spread(found.ours).median, _AIM, "s")
    rows = [row(_WHAT, OURS, "s", found.ours, aim=aim)]
    rows += [row(_WHAT, name, "s", times, base=found.ours) for name, times in found.others.items()]
    if not found.others:
        rows.append(absent(_WHAT, theirs.name, "s", missing or found.failed))
    return tuple(rows)


def _start(kind: servers.Kind) -> float:
    with servers.running(kind) as server:
        return server.started
