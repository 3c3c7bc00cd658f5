"""Work that may hang, eat the memory or die: done apart, in processes that the system can end.

A nursery (`model/nursery.py`) forks them; each does one thing at a time for whoever holds its line.
The system itself ends one that takes too long, whatever it is doing, and gives it no more memory
than it may have. This is no sandbox: it holds against accidents and exhaustion.
"""

import atexit
import io
import os
import pickle
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

from model.command import CommandError

P = ParamSpec("P")
T = TypeVar("T")

_LENGTH: Final = struct.Struct("<Q")
_ROOT: Final = Path(__file__).parent.parent
# So long may a process take to begin, and to be ended by the system: machines may be busy.
_START_SECONDS: Final = 30.0
_END_SECONDS: Final = 2.0

# How an answer begins: what was returned or raised, a mistake of ours; the process ends after the
# last two.
READY, RETURNED, RAISED, BROKEN, LEAVING = b"+", b"=", b"!", b"?", b"-"


class Limits(NamedTuple):
    """What one call may take. seconds: by the clock. memory: bytes of data of its process."""

    seconds: float
    memory: int


class TookTooLong(Exception):
    """What was done did not end in its time, and was ended."""


class Died(Exception):
    """What was done ended its process, or the system did."""


class NoProcess(CommandError):
    """No process can be started."""


def call(limits: Limits, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function of a module returns, called in another process.

    Raises what it raises, MemoryError where the memory did not suffice, TookTooLong, Died and
    NoProcess. Arguments, result and exceptions travel by pickle; a file travels open, as the only
    argument, and both ends are at one place in it.
    """
    files = [each for each in args if isinstance(each, io.FileIO)]
    told = limits, function, () if files else args, kwargs, len(files)
    request = _Request(pickle.dumps(told, pickle.HIGHEST_PROTOCOL), files)
    found: T
    with suppress(IndexError):
        kept = _idle.pop()
        with suppress(Died):  # it may have been ended while it had nothing to do
            found = _used(kept, limits, request)
            return found
    found = _used(_started(), limits, request)
    return found


def nursery() -> socket.socket:
    """Return the line to the nursery, which is started: other processes can `join` it."""
    with _lock:
        return _nursery or _open()


def join(line: socket.socket) -> None:
    """Use the nursery of another process."""
    global _nursery  # noqa: PLW0603 - a process has one
    _nursery = line


def receive(line: socket.socket) -> bytearray:
    """Return one message. Raises EOFError at the end of the line."""
    return _exactly(line, *_LENGTH.unpack(_exactly(line, _LENGTH.size)))


def send(line: socket.socket, *parts: bytes) -> None:
    """Send one message."""
    line.sendall(_LENGTH.pack(sum(map(len, parts))))
    for part in parts:
        line.sendall(part)


def _exactly(line: socket.socket, size: int) -> bytearray:
    content = bytearray(size)
    left = memoryview(content)
    while left:
        count = line.recv_into(left)
        if not count:
            raise EOFError
        left = left[count:]
    return content


_idle: list[socket.socket] = []  # lines to processes that wait for work; the last was busy last
os.register_at_fork(after_in_child=_idle.clear)  # a line is one process's own
_nursery: socket.socket | None = None


@atexit.register
def _close() -> None:
    for line in filter(None, (*_idle, _nursery)):
        line.close()


_lock = threading.Lock()


class _Request(NamedTuple):
    content: bytes
    files: list[io.FileIO]


def _used(line: socket.socket, limits: Limits, request: _Request) -> Any:
    """Let a process do something, and keep it unless it leaves."""
    begun = time.monotonic()
    try:
        line.settimeout(limits.seconds + _END_SECONDS)
        send(line, request.content)
        for file in request.files:
            socket.send_fds(line, [READY], [file.fileno()])
        answer = memoryview(receive(line))
    except (EOFError, OSError) as error:
        line.close()
        late = time.monotonic() - begun >= limits.seconds
        raise (TookTooLong if late else Died)() from error
    how, stays, content = answer[:1], answer[1:2] != LEAVING, answer[2:]
    if stays:
        _idle.append(line)
    else:
        line.close()
    if how == BROKEN:
        raise RuntimeError(f"What was done apart failed.\n{bytes(content).decode()}")
    told = pickle.loads(content)  # noqa: S301 - it is our own program
    if how == RAISED:
        raise told
    return told


def _started() -> socket.socket:
    """Return the line to a new process; a nursery that has ended is replaced."""
    used = nursery()
    with suppress(OSError):
        return _forked(used)
    with _lock:
        used = _open() if _nursery in {used, None} else _nursery
    try:
        return _forked(used)
    except OSError as error:
        raise NoProcess(
            "No process can be started that decodes a picture: too many are running, or no memory "
            "is left."
        ) from error


def _forked(used: socket.socket) -> socket.socket:
    """Return the line to a new process of a nursery. Raises OSError where there is none."""
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            socket.send_fds(used, [READY], [theirs.fileno()])
        ours.settimeout(_START_SECONDS)
        if ours.recv(1) != READY:
            raise ConnectionError
    except OSError:
        ours.close()
        raise
    return ours


def _open() -> socket.socket:
    """Start another nursery, which ends when nobody holds the other end of its line any more."""
    global _nursery  # noqa: PLW0603 - a process has one
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "model.nursery"]
        files = [
            (os.POSIX_SPAWN_DUP2, theirs.fileno(), 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        ]
        os.posix_spawn(sys.executable, command, _environment(), file_actions=files)
    _nursery = ours
    return ours


def _environment() -> dict[str, str]:
    """Return the environment without our settings: some are secret, and none is needed there."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("IMAGESEARCH_")
    }
    paths = filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))
    # One arena for all threads, or each would reserve 64 MB of its own.
    more = {"PYTHONPATH": os.pathsep.join(paths), "MALLOC_ARENA_MAX": "1"}
    return kept | more | {"OPENBLAS_NUM_THREADS": "1"}
