"""What the processes of one server count, in files of one folder: any of them can add all up.

The files belong to places, not to processes: who comes in place of a worker that has gone takes its
place and counts on from what stands there. So nothing that was counted is lost, and there are never
more files than places, however often workers are replaced.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

# Where prometheus-client looks for the folder.
VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX: Final = "imagesearch-metrics-"
# The names of prometheus-client, and the bytes that all series take at the most, doubled from its
# 64 kB: a histogram of every route is 130 kB.
_SIZES: Final = {"counter": 1 << 16, "gauge_livesum": 1 << 16, "histogram": 1 << 18}

_made: list[Path] = []
_taken: list[str] = ["master"]


def prepare(workers: int) -> None:
    """Make the folder, in memory where there is such a place. The master does it, once.

    It goes when the master ends; one that was killed left it to the next server to clear away.
    Raises OSError where there is no room for it.
    """
    if _made:
        return
    _clear(_place())
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_place()))
    _hold(folder)
    atexit.register(_remove, folder, os.getpid())
    # While workers are replaced, the old ones hold their places.
    for place in (_taken[0], *map(str, range(2 * workers))):
        _reserve(folder, place)
    os.environ[VARIABLE] = str(folder)
    _made.append(folder)


def _reserve(folder: Path, place: str) -> None:
    """Take the room for one place's files: a page that lacks it later would kill its process."""
    for kind, size in _SIZES.items():
        with (folder / f"{kind}_{place}.db").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def free(workers: Iterable[Any]) -> str:
    """Return a place that none of these workers has taken."""
    taken = {worker.place for worker in workers}
    return next(str(number) for number in range(len(taken) + 1) if str(number) not in taken)


def take(place: str) -> None:
    """Count for this place from now on: said in a worker, as soon as there is one."""
    _taken[0] = place


def taken() -> str:
    """Return the place that this process counts for."""
    return _taken[0]


def leave(place: str) -> None:
    """Forget what a worker that has gone had in hand; what it had done stays. For the master."""
    if VARIABLE in os.environ:
        # Only who measures needs it.
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

        mark_process_dead(place)  # type: ignore[no-untyped-call]


def _place() -> Path:
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the folder safely
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def _hold(folder: Path) -> bool:
    """Lock the folder for as long as this process or a child of it lives; False: others have it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return False
    return True


def _clear(place: Path) -> None:
    """Remove what servers left that were killed: nobody holds it any more."""
    for folder in place.glob(f"{_PREFIX}*"):
        if folder.stat().st_uid == os.getuid() and _hold(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a worker is a copy of the master, and ends as that does
        shutil.rmtree(folder, ignore_errors=True)
