"""Real servers on loopback, to be measured from outside: ours, and the plain one."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.drawings import USUAL, jpeg
from benchmarks.worker import ROOT, ChildFailed

WORKERS: Final = 2
_PATIENCE: Final = 120.0


@dataclass(frozen=True)
class Kind:
    """A way to serve. path: where it takes a raw picture by POST."""

    name: str
    command: tuple[str, ...]
    path: str
    environment: Mapping[str, str]
    folder: Path = ROOT


@dataclass(frozen=True)
class Server:
    """A running server. started: seconds from its start to its first answer."""

    process: "subprocess.Popen[bytes]"
    port: int
    path: str
    started: float

    def client(self) -> "Client":
        """Return a client with a connection of its own."""
        return Client(self.port, self.path)


class Client:
    """Sends searches over one connection, kept alive where the server does."""

    def __init__(self, port: int, path: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._path = path

    def search(self, picture: bytes) -> None:
        """Search. Raises ChildFailed for any answer but 200."""
        headers = {"Content-Type": "image/jpeg"}
        try:
            self._connection.request("POST", self._path, picture, headers)
            answer = self._connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise ChildFailed(str(error) or type(error).__name__) from error
        if answer.status != 200:
            raise ChildFailed(f"{answer.status}: {body[:200].decode(errors='replace')}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def ours(bundle: Path) -> Kind:
    """Serve with imagesearch, as gunicorn.conf.py says."""
    environment = {
        "IMAGESEARCH_BUNDLE": str(bundle.resolve()),
        "IMAGESEARCH_WORKERS": str(WORKERS),
        "IMAGESEARCH_PORT": "{port}",
    }
    return Kind("imagesearch", ("wsgi:app",), "/api/v1/search", environment)


def plain(bundle: Path) -> Kind:
    """Serve with Flask and TensorFlow, the way that tutorials do.

    It runs elsewhere, for gunicorn.conf.py in the root is ours; and without preloading the
    application, with which TensorFlow hangs.
    """
    command = ("--bind=127.0.0.1:{port}", f"--workers={WORKERS}", "--timeout=120")
    environment = {"PLAIN_BUNDLE": str(bundle.resolve()), "PYTHONPATH": str(ROOT)}
    application = "benchmarks.others.plain_server:app"
    return Kind(
        "Flask and TensorFlow",
        (*command, application),
        "/search",
        {**environment, "TF_CPP_MIN_LOG_LEVEL": "3"},
        Path(tempfile.gettempdir()),
    )


@contextmanager
def running(kind: Kind) -> Iterator[Server]:
    """Start a server, wait for its first answer to a search, and end it with the block.

    Raises ChildFailed.
    """
    port = free_port()
    picture = jpeg(USUAL)
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        *(part.replace("{port}", str(port)) for part in kind.command),
    ]
    environment = {
        name: value.replace("{port}", str(port)) for name, value in kind.environment.items()
    }
    with tempfile.TemporaryFile() as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=kind.folder,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
        )
        try:
            _wait_for_answer(process, port, kind.path, picture, output)
            yield Server(process, port, kind.path, time.perf_counter() - begun)
        finally:
            _end(process)


def _wait_for_answer(
    process: "subprocess.Popen[bytes]", port: int, path: str, picture: bytes, output: Any
) -> None:
    give_up = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise ChildFailed(_last_line(output) or f"exit status {process.returncode}")
        if _listens(port):
            client = Client(port, path)
            client.search(picture)
            client.close()
            return
        time.sleep(0.002)
    raise ChildFailed(f"no answer within {_PATIENCE:.0f} seconds")


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _last_line(output: Any) -> str:
    output.seek(0)
    lines: list[str] = output.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
