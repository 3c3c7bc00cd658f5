"""Indexes in processes of their own that are ready at once: `python -m tests.model.starting`.

Each line of standard input is a JSON list: a folder, a bundle, and after how many seconds the
process is killed, or null. Everything is imported beforehand, so a run costs what indexing costs.
The answer is a line for each: the exit status, -9 for a killed process, and how long it ran.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model import apart
from model.__main__ import main
from tests.conftest import ROOT


class Starter:
    """The other end of the process that starts runs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def index(self, folder: Path, bundle: Path, seconds: float | None = None) -> tuple[int, float]:
        """Index, or begin to and be killed; return the exit status and the seconds it took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([str(folder), str(bundle), seconds]), file=self._process.stdin, flush=True)
        status, took = json.loads(self._process.stdout.readline())
        return status, took


@contextmanager
def starter() -> Iterator[Starter]:
    """Start the process, and end it with the block."""
    command = [sys.executable, "-m", "tests.model.starting"]
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # threads do not go along with a fork
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, env=env, cwd=ROOT
    ) as process:
        yield Starter(process)
        assert process.stdin is not None
        process.stdin.close()


def _serve() -> None:
    apart.nursery()  # one for all of them
    for line in sys.stdin:
        folder, bundle, seconds = json.loads(line)
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            _run(folder, bundle)
        if seconds is not None:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)  # it has not been waited for, so nobody else is killed
        _, status = os.waitpid(child, 0)
        answer = os.waitstatus_to_exitcode(status), time.monotonic() - begun
        print(json.dumps(answer), flush=True)


def _run(folder: str, bundle: str) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    os._exit(main(["index", folder, "--bundle", bundle, "--jobs", "1"]))


if __name__ == "__main__":
    _serve()
