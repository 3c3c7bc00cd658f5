"""One at a time: whoever writes an index into a bundle holds a lock there until it is done."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from model.command import CommandError

# What is at work in a bundle, and is no part of it, lies in this folder of it.
WORK: Final = ".index"
_BUSY: Final = {
    "index": "Another command is writing into {bundle} just now. Let it finish, then try again.",
    "watch": "Another command is watching a folder for {bundle} already. Stop that one first.",
}


class Busy(CommandError):
    """Another process holds the lock; its text says so."""


@contextmanager
def holding(bundle: Path, lock: Literal["index", "watch"] = "index") -> Iterator[Path]:
    """Hold a bundle's lock for the length of a block; yield the folder for what is at work.

    The kernel releases it when the process ends, however it ends (flock, man 2 flock), so nobody
    ever has to remove a lock by hand. Raises Busy where another process holds it.
    """
    work = bundle / WORK
    work.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(work / f"{lock}.lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(_BUSY[lock].format(bundle=bundle)) from None
        yield work
    finally:
        os.close(descriptor)
