"""What the processes of a server hold, looked at again and again while others use it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.processes import family, proportional


class Held(NamedTuple):
    """at: seconds since the beginning. megabytes: proportional, what is shared counts once."""

    at: float
    megabytes: float
    handles: int
    threads: int


class Watch:
    """Looks at a server's processes, parents and children, every so many seconds."""

    def __init__(self, pid: int, every: float) -> None:
        self._pid, self._every = pid, every
        self._begun = time.monotonic()
        self.points: list[Held] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look, in a thread beside what is done in the block."""
        ended = threading.Event()
        thread = threading.Thread(target=self._look_until, args=(ended,))
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def now(self) -> float:
        """Return the seconds since the beginning."""
        return time.monotonic() - self._begun

    def look(self) -> Held:
        """Return what is held now."""
        pids = family(self._pid)
        megabytes = sum(map(proportional, pids))
        handles, threads = sum(map(_handles, pids)), sum(map(_threads, pids))
        return Held(self.now(), megabytes, handles, threads)

    def _look_until(self, ended: threading.Event) -> None:
        while not ended.wait(self._every):
            self.points.append(self.look())


def _handles(pid: int) -> int:
    return _entries(Path(f"/proc/{pid}/fd"))


def _threads(pid: int) -> int:
    return _entries(Path(f"/proc/{pid}/task"))


def _entries(folder: Path) -> int:
    try:
        return sum(1 for _ in folder.iterdir())
    except OSError:  # it has ended meanwhile
        return 0
