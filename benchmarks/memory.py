"""What a server with two workers takes from the machine's memory, after some searches."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks import servers
from benchmarks.drawings import SIZES, jpeg
from benchmarks.machine import why_absent
from benchmarks.options import Options
from benchmarks.processes import family, proportional
from benchmarks.results import OURS, Chart, Row, Section, absent, at_most, row
from benchmarks.worker import ChildFailed

_WHOLE, _UNIT = "the whole server", "MB"
_AIM = 200.0


class Sizes(NamedTuple):
    """Megabytes: of all processes of a server together, and of each worker."""

    whole: float
    workers: list[float]


def run(options: Options) -> Section:
    """Add up the proportional set sizes of the server's processes."""
    if not Path("/proc/self/smaps_rollup").exists():
        rows = [absent(_WHOLE, OURS, _UNIT, "only Linux tells proportional set sizes")]
    else:
        rows = _all_rows(options)
    return Section(
        name="memory",
        title="Memory of a server with two workers",
        about=(
            "Proportional set size (`/proc/PID/smaps_rollup`, what is shared counts once) of "
            "gunicorn, its two workers and what decodes pictures, after searches with 256-px, 2-MP "
            "and 12-MP JPEGs."
        ),
        charts=(Chart(title="Memory, gunicorn with two workers", unit=_UNIT),),
        rows=tuple(rows),
    )


def _all_rows(options: Options) -> list[Row]:
    ours, theirs = servers.ours(options.bundle), servers.plain(options.bundle)
    base = _processes(ours, options)
    rows = _rows(ours.name, base, None)
    missing = why_absent("tensorflow")
    try:
        if not missing:
            return rows + _rows(theirs.name, _processes(theirs, options), base)
    except ChildFailed as error:
        missing = str(error)
    return [*rows, absent(_WHOLE, theirs.name, _UNIT, missing)]


def _rows(name: str, sizes: Sizes, base: Sizes | None) -> list[Row]:
    """Tell the sizes of a server, beside ours in `base`."""
    total = sizes.whole
    aim = at_most("memory of a server with two workers", total, _AIM, _UNIT)
    whole = row(_WHOLE, name, _UNIT, [total], base=[base.whole] if base else None)
    return [
        whole if base else msgspec.structs.replace(whole, aim=aim),
        row("one worker", name, _UNIT, sizes.workers, base=base.workers if base else None),
    ]


def _processes(kind: servers.Kind, options: Options) -> Sizes:
    with servers.running(kind) as server:
        _use(server, options.choose(8, 1))
        sizes = {pid: proportional(pid) for pid in family(server.process.pid)}
        workers = [
            size
            for pid, size in sizes.items()
            if pid != server.process.pid and b"model.nursery" not in _command(pid)
        ]
    return Sizes(sum(sizes.values()), workers)


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _use(server: servers.Server, rounds: int) -> None:
    """Search on new connections, so that both workers get their share."""
    for _ in range(rounds):
        for size in SIZES.values():
            clients = [server.client() for _ in range(2 * servers.WORKERS)]
            for client in clients:
                client.search(jpeg(size))
            for client in clients:
                client.close()
