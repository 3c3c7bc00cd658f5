"""The other end of a Dask scheduler: what is given to it, and how it is told that it is in trouble.

How long a connection is waited for, and how TLS is spoken, Dask's own configuration says
(https://docs.dask.org/en/stable/configuration.html).
"""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Final, NamedTuple

import dask
from dask.utils import parse_timedelta
from distributed import Client, KilledWorker
from distributed.scheduler import NoValidWorkerError

from model.cluster.program import fingerprint
from model.command import CommandError

_REQUIREMENTS: Final = "requirements-cluster.txt"
_LOOK_SECONDS: Final = 1.0
_ANSWER_SECONDS: Final = 30.0  # for a result to come over, before it is asked who is still there
_PARTING_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 60.0  # without a single worker, where Dask is not told otherwise
_KEPT: Final = "The old index stays, and what was encoded is kept."


class ClusterError(CommandError):
    """Something that a cluster cannot do; its text says what, why, and what to do."""


class Killed(Exception):
    """Workers that did a task were killed, or had too little memory, again and again."""


class Task(NamedTuple):
    """A task that was begun. key: tells it from others. future: Dask's."""

    key: str
    future: Any


class Cluster:
    """The workers of one scheduler, for the length of a block. threads: of all of them together."""

    def __init__(self, address: str) -> None:
        """Connect. Raises ClusterError where nobody answers."""
        self.address = address
        self._ended: SimpleQueue[str] = SimpleQueue()
        self._client = self._connected()
        self.threads = 0
        self._looked = self._alive = time.monotonic()
        self._look()

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(TimeoutError):
            self._client.close(timeout=_PARTING_SECONDS)

    def require_same_program(self) -> None:
        """Raise ClusterError where a worker is not what this machine is, or nobody is there."""
        for worker, answer in self._programs().items():
            if answer == fingerprint() or isinstance(answer, OSError):  # the worker was lost
                continue
            why = "another version of imagesearch or of what it needs"
            if isinstance(answer, ModuleNotFoundError):
                why = f"no imagesearch that it can start ({answer})"
            raise ClusterError(
                f"The worker {worker} has {why}. Start it from the same version of this project, "
                f"with the packages of {_REQUIREMENTS}, in the project's folder. {_KEPT}"
            )

    def _programs(self) -> Mapping[str, str | Exception]:
        """Ask every worker for the fingerprint of its program; return it by their addresses."""
        try:
            told: Mapping[str, str | Exception] = self._client.run(_asked(), on_error="return")
        except OSError:
            raise self._lost() from None
        return told

    def carry(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Begin a task whose result others need, wherever they are done; return its future."""
        return self._client.submit(function, *arguments, pure=False)

    def begin(self, function: Callable[..., Any], *arguments: object) -> Task:
        """Begin a task; `next_ended` tells when it has ended."""
        future = self._client.submit(function, *arguments, pure=False, retries=0)
        future.add_done_callback(lambda done: self._ended.put(done.key))
        return Task(future.key, future)

    def next_ended(self) -> str:
        """Wait for a task to end, and return its key. Raises ClusterError without workers."""
        while True:
            if time.monotonic() - self._looked >= _LOOK_SECONDS:
                self._look()
            try:
                return self._ended.get(timeout=_LOOK_SECONDS)
            except Empty:
                continue

    def result(self, task: Task) -> Any:
        """Return what a task that has ended made, and let go of it.

        What is held on to would be done again whenever the worker that has it is lost. Raises
        Killed, and ClusterError where the scheduler is lost, or a worker cannot do it at all.
        """
        try:
            return self._result(task.future)
        except (KilledWorker, MemoryError):
            raise Killed from None
        except CancelledError:
            raise self._lost() from None
        except NoValidWorkerError:  # the scheduler's patience was less than ours
            raise self._without_workers() from None
        except ClusterError:
            raise
        except Exception as error:  # whatever may be wrong on another machine
            self.require_same_program()
            raise ClusterError(
                f"A worker of {self.address} failed: {type(error).__name__}: {error}. Its log says "
                f"more. {_KEPT}"
            ) from None
        finally:
            task.future.release()

    def _result(self, future: Any) -> Any:
        while True:
            try:
                return future.result(timeout=_ANSWER_SECONDS)
            except TimeoutError:
                if future.status == "error":
                    raise
                self._look()

    def _look(self) -> None:
        """See who is there."""
        self._looked = time.monotonic()
        told = self._client.scheduler_info(n_workers=0)
        self.threads = told["total_threads"]
        if self.threads:
            self._alive = self._looked
        elif self._looked - self._alive > self._patience():
            raise self._without_workers()

    def _patience(self) -> float:
        told = dask.config.get("distributed.scheduler.no-workers-timeout")
        return _PATIENCE_SECONDS if told is None else float(parse_timedelta(told))

    def _connected(self) -> Any:
        _silence()
        try:
            return Client(self.address, name="imagesearch", set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
            raise ClusterError(
                f"No Dask scheduler answers at {self.address} ({error}). An address looks like "
                "tcp://10.0.0.1:8786; python -m dask scheduler starts one there."
            ) from None

    def _without_workers(self) -> ClusterError:
        return ClusterError(
            f"The scheduler at {self.address} has no worker. Start one, on any machine: "
            f"python -m dask worker {self.address}. {_KEPT}"
        )

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"The scheduler at {self.address} was lost. {_KEPT} Start it and its workers again, "
            "and repeat the command: it goes on where it was."
        )


def _asked() -> Callable[[], str]:
    """Return a function that travels as what it does, not by its name.

    So it can be asked of a worker that has no imagesearch, or another one.
    """

    def told() -> str:
        from model.cluster.program import fingerprint  # noqa: PLC0415 - there, not here

        return fingerprint()

    return told


def _silence() -> None:
    """Leave it to the errors here to say what is wrong; Dask would log it, too, with its stack."""
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # The encoder and the files that are sent are as large as they are.
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TiB"})
