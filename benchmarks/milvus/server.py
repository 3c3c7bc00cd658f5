"""A real Milvus: started from its pinned package, on loopback alone, and stopped."""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pymilvus import MilvusClient, MilvusException

from benchmarks.servers import free_port
from benchmarks.worker import ROOT, ChildFailed

_COMMAND: Final = ROOT / ".venv" / "milvus" / "bin" / "milvus-server"
_UNPACKED: Final = _COMMAND.parent.parent / "unpacked"
_INSIDE: Final = Path(__file__).with_name("inside.py")
# A network and processes of its own; who is not root becomes it inside, where the system lets them.
_APART: Final = ["unshare", "--net", "--pid", "--mount-proc", "--fork", "--kill-child"]
TOKEN: Final = "root:Milvus"  # as Milvus is made
_AS_ROOT: Final = ["--user", "--map-root-user"]
# Milvus closes a part at a quarter of its size, makes its graph, sorts out what was written twice,
# makes it again, merges parts, and makes theirs. Where a part is closed when it is full, nothing is
# left to be merged.
_SETTINGS: Final = {"DATACOORD_SEGMENT_SEALPROPORTION": "1"}


def why_missing() -> str:
    """Return a note where the server is not installed, else ""."""
    return (
        "" if _COMMAND.exists() else "Milvus is not installed (`make .venv/milvus/ready` does it)"
    )


class Milvus:
    """A server whose data lie in a folder; it can be stopped, killed and started again.

    certificate: with its key beside it, where the server speaks TLS and wants a password.
    """

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        self.port = free_port()
        self._certificate = certificate
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        # It unpacks itself into its data: 250 MB, once.
        _UNPACKED.mkdir(exist_ok=True)
        (folder / "bin").symlink_to(_UNPACKED)

    def collection(self, name: str) -> str:
        """Return the address of a collection, as the setting takes it."""
        return f"milvus{'+tls' if self._certificate else ''}://127.0.0.1:{self.port}/{name}"

    @property
    def pid(self) -> int:
        """The process whose descendants the server's processes are."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it, and return when it answers. Raises ChildFailed."""
        with _alone():
            self._start()

    def client(self) -> MilvusClient:
        """Return a client of its own."""
        place = f"127.0.0.1:{self.port}"
        if self._certificate is None:
            return MilvusClient(uri=f"http://{place}", timeout=5, dedicated=True)
        return MilvusClient(
            uri=f"https://{place}",
            token=TOKEN,
            server_pem_path=str(self._certificate),
            server_name="127.0.0.1",
            timeout=5,
            dedicated=True,
        )

    def stop(self) -> None:
        """Stop it as its manual says."""
        assert self._process
        assert self._process.stdin
        self._process.stdin.close()
        assert self._process.wait(60) == 0

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        assert self._process
        self._process.kill()
        self._process.communicate(timeout=10)

    def _start(self) -> None:
        apart = _APART if os.geteuid() == 0 else [*_APART, *_AS_ROOT]
        with _listening(self.port) as outside, (self._folder / "log.txt").open("ab") as log:
            inside = [sys.executable, str(_INSIDE), str(outside.fileno())]
            command = [str(_COMMAND), "--data", str(self._folder), *self._secured()]
            self._process = subprocess.Popen(
                [*apart, *inside, *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=os.environ | _SETTINGS,
                pass_fds=[outside.fileno()],
            )
        self._wait()

    def _secured(self) -> list[str]:
        if self._certificate is None:
            return []
        files = {"pem": self._certificate, "key": self._certificate.with_suffix(".key")}
        paths = [f"--server-{kind}-path={path}" for kind, path in files.items()]
        return ["--authorization-enabled=true", "--tls-mode=1", *paths]

    def _wait(self) -> None:
        assert self._process
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.client().list_collections()
            except MilvusException:
                time.sleep(0.2)
            else:
                return
        told = (self._folder / "log.txt").read_text()[-2000:]
        raise ChildFailed(
            "Milvus did not start. It needs .venv/milvus (`make test` makes it), and a network "
            f"namespace: root, or a system that lets users make their own. It said: {told}"
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process start at a time: two would unpack into each other's files."""
    with (_UNPACKED.parent / "starting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _listening(port: int) -> socket.socket:
    """Return a socket that listens; the server before this one may take a moment to let go."""
    for _ in range(100):
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            time.sleep(0.1)
    return socket.create_server(("127.0.0.1", port))
