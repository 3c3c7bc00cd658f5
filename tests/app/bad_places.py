"""Places in which no server likes to be: commands that make one, and then become what follows.

What they mount is seen by nobody else, and goes with the server (mount_namespaces, man 7); it takes
root, or a system that lets its users make such places.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

_NODES: Final = "null zero full random urandom"
_CLOCK: Final = """
import time

real = time.time_ns


def set_clock():
    with open({told!r}) as told:
        return real() + int(told.read() or 0) * 10**9


time.time_ns = set_clock
time.time = lambda: set_clock() / 1e9
"""
# Where groups of processes are made, and the file that limits the memory of one (cgroups, man 7).
_GROUPS: Final = {
    Path("/sys/fs/cgroup/memory"): "memory.limit_in_bytes",
    Path("/sys/fs/cgroup"): "memory.max",
}


def mounted(script: str) -> list[str]:
    """Let a shell script change what is mounted."""
    mapped = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", "--mount", *mapped, "sh", "-ec", f'{script}\nexec "$@"', "sh"]


def small_disk(place: Path, megabytes: int) -> list[str]:
    """Put all that lies in a folder on a disk of its own, and `/dev/shm` on one of 8 MB."""
    return mounted(
        f"mkdir -p {place}.copy; cp -a {place}/. {place}.copy\n"
        f"mount -t tmpfs -o size={megabytes}m none {place}; cp -a {place}.copy/. {place}\n"
        "mount -t tmpfs -o size=8m none /dev/shm"
    )


def seen_by(pid: int, place: Path) -> Path:
    """Return where the files lie that a process sees at a place (proc, man 5)."""
    return Path(f"/proc/{pid}/root{place}")


def read_only(place: Path) -> list[str]:
    """Let nothing be written to the disk, whichever one the place lies on."""
    return mounted(
        f"mount --bind {place} {place}; mount -o remount,ro,bind {place}\n"
        "mount -o remount,ro,bind /"
    )


def without_shared_memory(dev: Path) -> list[str]:
    """Have devices, and no /dev/shm."""
    return mounted(
        f"mkdir {dev}; mount -t tmpfs none {dev}\n"
        f"for node in {_NODES}; do touch {dev}/$node; mount --bind /dev/$node {dev}/$node; done\n"
        f"mount --rbind {dev} /dev"
    )


def few_handles(count: int) -> list[str]:
    """Let each process have so many files and connections open."""
    return ["prlimit", f"--nofile={count}:{count}"]


def other_clock(folder: Path) -> list[str]:
    """Set the clock of Python programs by as many seconds as the file `clock` of the folder tells.

    What counts seconds, `time.monotonic`, goes on, as it does when somebody sets a real clock.
    Debian's faketime would set it for all programs, but lets Python no longer sleep.
    """
    folder.mkdir()
    (folder / "clock").write_text("0")
    # Python loads this by itself: https://docs.python.org/3/library/site.html
    (folder / "sitecustomize.py").write_text(_CLOCK.format(told=str(folder / "clock")))
    return ["env", f"PYTHONPATH={folder}"]


@contextmanager
def little_memory(megabytes: int) -> Iterator[list[str]]:
    """Let all processes together have so much memory, what they keep of files included.

    A group of the kernel's, as Docker's `--memory` makes it; where it ends, the kernel kills.
    """
    limit = _made()
    limit.write_text(f"{megabytes}M")
    try:
        yield ["sh", "-ec", f'echo $$ > {limit.parent}/cgroup.procs; exec "$@"', "sh"]
    finally:
        limit.parent.rmdir()


def _made() -> Path:
    """Make a group of processes; return the file that limits its memory."""
    for place, limit in _GROUPS.items():
        group = place / f"imagesearch-test-{os.getpid()}"
        with suppress(OSError):
            group.mkdir()
            if (group / limit).exists():
                return group / limit
            group.rmdir()
    pytest.fail(f"A limit of memory takes root, and control groups at {list(_GROUPS)[-1]}.")
