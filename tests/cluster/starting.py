"""Commands in processes of their own that are ready at once: `python -m tests.cluster.starting`.

Each line of standard input is a JSON list: what to do, and with what. "start" takes a module, its
arguments, the folder to be in, settings of the environment and a file for all that is printed, and
answers with a number; "wait" and "look" take that number and answer with the exit status, or null.
Everything is imported beforehand, so a command costs what it does. The end of the input ends all.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask
from dask.cli import run_cli

from model.__main__ import main
from tests.conftest import ROOT


class Process:
    """One of the processes. `log` has all that it prints."""

    def __init__(self, starter: "Starter", number: int, log: Path) -> None:
        self._starter = starter
        self._number = number
        self._log = log

    @property
    def said(self) -> str:
        """What it has printed by now."""
        return self._log.read_text()

    def wait(self) -> int:
        """Return its exit status when it has ended; -9 after SIGKILL."""
        status: int = self._starter.ask("wait", self._number)
        return status

    def runs(self) -> bool:
        """Say whether it has not ended."""
        return self._starter.ask("look", self._number) is None

    def send(self, what: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self._number, what)

    def until(self, words: str) -> None:
        """Return when it has printed these words."""
        deadline = time.monotonic() + 60
        while words not in self.said:
            assert time.monotonic() < deadline, self.said
            assert self.runs(), self.said
            time.sleep(0.02)


class Starter:
    """The other end of the process that starts the others."""

    def __init__(self, process: "subprocess.Popen[str]", logs: Path) -> None:
        self._process = process
        self._logs = logs

    def ask(self, *what: object) -> Any:
        """Have it do something, and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(what), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def start(
        self,
        module: str,
        *arguments: object,
        folder: Path = ROOT,
        settings: Mapping[str, str] | None = None,
    ) -> Process:
        """Start `python -m module` in a folder, with settings of the environment."""
        log = self._logs / f"{len(list(self._logs.iterdir()))}.log"
        log.touch()
        told = list(map(str, arguments)), str(folder), dict(settings or {}), str(log)
        return Process(self, self.ask("start", module, *told), log)


@contextmanager
def starter(logs: Path) -> Iterator[Starter]:
    """Start the process, and end it and all others with the block."""
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # threads do not go along with a fork
    with subprocess.Popen(
        [sys.executable, "-m", "tests.cluster.starting"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
        cwd=ROOT,
    ) as process:
        yield Starter(process, logs)
        assert process.stdin is not None
        process.stdin.close()


def _serve() -> None:
    running: set[int] = set()
    for line in sys.stdin:
        verb, *told = json.loads(line)
        if verb == "start":
            answer: int | None = _start(*told)
            running.add(answer or 0)
        else:
            answer = _status(told[0], 0 if verb == "wait" else os.WNOHANG)
            running -= set() if answer is None else {told[0]}
        print(json.dumps(answer), flush=True)
    for number in running:  # none of them has been waited for, so nobody else is killed
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)


def _status(number: int, options: int) -> int | None:
    found, status = os.waitpid(number, options)
    return os.waitstatus_to_exitcode(status) if found else None


def _start(
    module: str, arguments: list[str], folder: str, settings: dict[str, str], log: str
) -> int:
    number = os.fork()
    if number == 0:
        os.chdir(folder)
        os.environ |= settings
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND), 1)
        os.dup2(1, 2)
        dask.config.refresh()
        sys.argv = [module, *arguments]
        status = _run(module, arguments)
        sys.stdout.flush()
        os._exit(status)
    return number


def _run(module: str, arguments: list[str]) -> int:
    try:
        if module == "model":
            return main(arguments)
        run_cli()
    except SystemExit as ended:
        return int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _serve()
