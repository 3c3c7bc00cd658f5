"""Forks the processes that do things apart (`model/apart.py`): `python -m model.nursery`.

It has loaded what they need, and does nothing else: whatever becomes of one of them, the next is
there in milliseconds, and what they share is in memory once.
"""

import gc
import io
import os
import pickle
import resource
import signal
import socket
import sys
import traceback
from typing import Final, NoReturn

from PIL import Image

import model.seeing
from model.apart import BROKEN, LEAVING, RAISED, READY, RETURNED, Limits, receive, send
from model.images import prepare_pillow

# Bytes. What one large picture left behind is given back with its process.
_KEPT: Final = 100_000_000
_STAYS: Final = b" "
_UNIT: Final = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


def main() -> NoReturn:
    """Fork a process for each line that arrives, until nobody is left who could send one."""
    # All of a service or terminal are told to stop at once; these end when nobody needs them.
    for told in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(told, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forked
    prepare_pillow()
    Image.init()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=0) as lines:
        while True:
            message, files, *_ = socket.recv_fds(lines, 1, 1)
            if not message:
                os._exit(0)
            _fork(lines, files[0])


def _fork(lines: socket.socket, file: int) -> None:
    with socket.socket(fileno=file) as line:
        try:
            if os.fork():
                return
        except OSError:  # no memory, or too many: the line ends, and whoever holds it sees that
            return
        try:
            lines.close()
            _serve(line)
        finally:
            os._exit(0)


def _serve(line: socket.socket) -> None:
    """Do one thing after another, until the line ends or a thing took much memory."""
    # What libraries say of pictures is for nobody, and would stand between the lines of a log.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    line.sendall(READY)
    leaving = False
    while not leaving:
        try:
            request = receive(line)
        except EOFError:
            return
        how, content = _done(request, line)
        del request
        leaving = how == BROKEN or _most() > _KEPT
        send(line, how, LEAVING if leaving else _STAYS, content)


def _done(request: bytearray, line: socket.socket) -> tuple[bytes, bytes]:
    """Do what is asked within its limits, and return what became of it."""
    limits, function, args, kwargs, count = pickle.loads(request)  # noqa: S301 - our own program
    files = [_file(line) for _ in range(count)]
    _limit(limits)
    try:
        return RETURNED, pickle.dumps(function(*files, *args, **kwargs), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return _failed(error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for file in files:
            file.close()


def _file(line: socket.socket) -> io.FileIO:
    _, files, *_ = socket.recv_fds(line, 1, 1)
    return io.FileIO(files[0])


def _limit(limits: Limits) -> None:
    """Let the system end this process in time, and refuse it more memory than it may have.

    Nothing handles SIGALRM, so that it ends what is in the middle of a loop in C, too.
    """
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, most))
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)


def _failed(error: Exception) -> tuple[bytes, bytes]:
    if isinstance(error, MemoryError):
        return RAISED, pickle.dumps(MemoryError())
    if isinstance(error, model.seeing.EXPECTED):
        return RAISED, pickle.dumps(error)
    return BROKEN, "".join(traceback.format_exception(error)).encode()


def _most() -> int:
    """Return how many bytes this process has had in memory at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT


if __name__ == "__main__":
    main()
