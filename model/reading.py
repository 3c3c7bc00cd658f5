"""Reading a file of a folder that others may be writing, and telling whether it is the one known.

A file is known by its size and the time of its last change, as rsync and git know it. That time is
only as fine as the clock of the file system (two seconds on FAT, a tick of the kernel on ext4). A
file that was changed just before it was read may therefore be changed once more without a trace:
git calls it "racily clean" (https://git-scm.com/docs/racy-git). Such a file gets no time in the
index (`IN_DOUBT`), so the next run compares its content.
"""

import io
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")

# Stands for the time of a change after which another one might not show. No file has it.
IN_DOUBT: Final = -1
_FINEST_NS: Final = 2_000_000_000  # what FAT can tell apart; others are finer
_PAUSE_SECONDS: Final = 0.2  # before what changed under the reader's hands is read again


class Unread(Exception):
    """A file that cannot be read now; its text is a sentence."""


class Gone(Exception):
    """A file that is there no longer."""


class Content(NamedTuple, Generic[T]):
    """What was made of a file. modified_ns: when it was changed, nanoseconds, or IN_DOUBT."""

    made: T
    modified_ns: int


def taken(path: Path, take: Callable[[io.FileIO], T]) -> Content[T]:
    """Return what `take` makes of a regular file, which it must read to the end; of nothing else.

    It is called again for a file that changed meanwhile. Raises Unread, and Gone for no file.
    """
    found = _steady(path, take)
    if found is None:
        time.sleep(_PAUSE_SECONDS)
        found = _steady(path, take)
    if found is None:
        raise Unread("It changed while it was being read: index again when it is whole.")
    return found


def _steady(path: Path, take: Callable[[io.FileIO], T]) -> Content[T] | None:
    """Return what is made of a file, or None when it was changed meanwhile."""
    begun = time.time_ns()
    try:
        # What has become a pipe since it was listed would otherwise be waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with io.FileIO(descriptor) as file:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise Unread("It is not a file any more.")
            made = take(file)
            after, end = os.fstat(descriptor), file.tell()
    except FileNotFoundError:
        raise Gone from None
    except OSError as error:
        raise Unread(f"It cannot be read: {error.strerror}.") from None
    if _state(before) != _state(after) or end != after.st_size:
        return None
    return Content(made, trusted(after.st_mtime_ns, begun))


def trusted(modified_ns: int, begun_ns: int) -> int:
    """Return a file's time of change, or IN_DOUBT where reading it began too soon after that.

    Both are nanoseconds since 1970.
    """
    return IN_DOUBT if modified_ns >= begun_ns - _FINEST_NS else modified_ns


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns
