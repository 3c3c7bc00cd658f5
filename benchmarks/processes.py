"""What the processes of a command take of the machine: memory, and the processors' time (Linux)."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

_TICKS: Final = os.sysconf("SC_CLK_TCK")
# Of /proc/PID/stat, after the name of the command: time in user and system mode, and that of the
# children that have ended.
_OWN: Final = slice(11, 13)
_WITH_ENDED: Final = slice(11, 15)
# Of the first line of /proc/stat: user, nice, system, irq, softirq, and what the host took.
_BUSY: Final = (1, 2, 3, 6, 7, 8)


class Memory(NamedTuple):
    """The proportional set size of processes in bytes: what they share counts once.

    mapped: the part of it that are pages of files, which the system can drop and read again.
    """

    whole: int
    mapped: int


class Others:
    """What share of the processors' time others take, from when this was made."""

    def __init__(self) -> None:
        self._begun = self._now()

    def share(self) -> float:
        """Return it, 0 to 1: of all that was taken, what is not of this process's family."""
        busy, ours = (now - then for now, then in zip(self._now(), self._begun, strict=True))
        return max(0.0, 1 - ours / busy) if busy > 0 else 0.0

    def _now(self) -> tuple[float, float]:
        fields = _text(Path("/proc/stat")).split("\n", 1)[0].split()
        busy = sum(int(fields[place]) for place in _BUSY) / _TICKS
        return busy, sum(_time(pid, _WITH_ENDED) for pid in family(os.getpid()))


def told() -> bool:
    """Whether this system tells what its processes take."""
    return Path("/proc/self/smaps_rollup").exists()


def family(pid: int) -> list[int]:
    """Return a process and all below it that are there now, parents first."""
    found = [pid]
    for member in found:
        for listed in Path(f"/proc/{member}/task").glob("*/children"):
            found += map(int, _text(listed).split())
    return found


def memory(pids: Iterable[int]) -> Memory:
    """Return what processes have in memory."""
    found = [_memory(pid) for pid in pids]
    return Memory(sum(each.whole for each in found), sum(each.mapped for each in found))


def proportional(pid: int) -> float:
    """Return the proportional set size in MB (10^6 bytes), where what is shared counts once.

    0 for a process that has ended.
    """
    return _memory(pid).whole / 1e6


def seconds(pids: Iterable[int]) -> float:
    """Return the processor time that processes have taken."""
    return sum(_time(pid, _OWN) for pid in pids)


def _memory(pid: int) -> Memory:
    lines = _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    return Memory(sizes.get("Pss", 0), sizes.get("Pss_File", 0))


def _time(pid: int, which: slice) -> float:
    after = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(map(int, after[which])) / _TICKS


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""
