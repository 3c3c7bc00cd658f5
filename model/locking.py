"""One at a time: whoever writes an index into a bundle holds a lock there until it is done."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from model.command import CommandError

# What is at work in a bundle, and is no part of it, lies in this folder of it.
WORK: Final = ".index"
_PAUSE_SECONDS: Final = 0.05  # between two tries
_BUSY: Final = {
    "index": "Another command is writing into {bundle} just now. Let it finish, then try again.",
    "watch": "Another command is watching a folder for {bundle} already. Stop that one first.",
}


class Busy(CommandError):
    """Another process holds the lock; its text says so."""


@contextmanager
def holding(
    bundle: Path, lock: Literal["index", "watch"] = "index", *, patience: float = 0.0
) -> Iterator[Path]:
    """Hold a bundle's lock for the length of a block; yield the folder for what is at work.

    patience: seconds that it is waited for where another process, or thread, holds it.

    The kernel releases it when the process ends, however it ends (flock, man 2 flock), so nobody
    ever has to remove a lock by hand. Raises Busy where another process holds it.
    """
    work = bundle / WORK
    work.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(work / f"{lock}.lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _locked(descriptor, patience):
            raise Busy(_BUSY[lock].format(bundle=bundle))
        yield work
    finally:
        os.close(descriptor)


def _locked(descriptor: int, patience: float) -> bool:
    """Take the lock, and say whether that could be done in time."""
    latest = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= latest:
                return False
            time.sleep(_PAUSE_SECONDS)
        else:
            return True
