"""The processes of this machine that encode: as many as it has cores, each with an encoder."""

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from model import apart
from model.assembling import IndexingError
from model.encoder import Encoder
from model.entries import Answer, Job, Work, encode

P = ParamSpec("P")
T = TypeVar("T")

_AHEAD: Final = 64  # files whose encoding is begun: memory stays flat
# So many files for each process at least: starting one takes as long as encoding them.
_FEWEST: Final = 16


def encoded_here(jobs: int | None, work: Work) -> Iterator[tuple[int, Answer]]:
    """Yield what became of each file, as soon as it is known."""
    pool: Executor = _workers(work.encoder, jobs, work.count)
    begun: dict[Future[Answer], tuple[int, Job]] = {}
    try:
        while True:
            for number, job in work.jobs:
                begun[pool.submit(_encode, job)] = number, job
                if len(begun) >= _AHEAD or next(iter(begun)).done():
                    break
            if not begun:
                return
            done, _ = wait(begun, return_when=FIRST_COMPLETED)
            for future in done:
                yield begun[future][0], future.result()
                del begun[future]
    except BrokenProcessPool:
        near = ", ".join(job.name for _, job in list(begun.values())[:1])
        raise IndexingError(
            f"A worker process was killed near {near}, most likely for want of memory. The old "
            "index stays. Try again with --jobs 1, or without that picture."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _workers(encoder: Path, jobs: int | None, files: int) -> Executor:
    """Return what encodes so many files: a process for each core at most, or this one for few.

    jobs: how many processes; 1 stands for this one. Each holds an encoder.
    """
    count = min(jobs or os.cpu_count() or 1, -(-files // _FEWEST))
    nursery = apart.nursery()
    if count <= 1:
        _worker["encoder"] = Encoder(encoder)
        return _Here()
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, context, _start_worker, (encoder, nursery))


class _Here(Executor):
    """Does what it is given at once, in this process."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the encoder: this process may be a server, and has its own for searching."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        _worker.clear()


_worker: dict[str, Encoder] = {}  # each process holds its own encoder


def _start_worker(encoder: Path, nursery: socket.socket) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    apart.join(nursery)
    _worker["encoder"] = Encoder(encoder)


def _end_with_parent() -> None:
    """End this process when its parent was killed: it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _encode(job: Job) -> Answer:
    """Encode one file, in a worker process."""
    return encode(job, _worker["encoder"])
