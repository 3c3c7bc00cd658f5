"""A real server of whose processes a test can take the only encoder away."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.app.test_server import Server
from tests.conftest import ROOT

_HOLDING = """
import os, pathlib, time
file, usual = pathlib.Path({file!r}), post_worker_init

def hold(pool):
    held = file.with_name(f"held-{{os.getpid()}}")
    while True:
        time.sleep(0.02)
        if file.exists():
            with pool.borrow(60):
                held.touch()
                while file.exists():
                    time.sleep(0.02)
            held.unlink()

def post_worker_init(worker):
    usual(worker)
    pool = worker.wsgi.extensions["imagesearch"][1].snapshot().encoders
    threading.Thread(target=hold, args=[pool], daemon=True).start()
"""


class Busy(NamedTuple):
    """file: while it is there, nothing can be encoded."""

    server: Server
    file: Path
    workers: int

    @property
    def address(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.server.port}"

    def take(self) -> None:
        """Take its encoder away."""
        self.file.touch()
        self._wait(self.workers)

    def free(self) -> None:
        """Give it back."""
        self.file.unlink(missing_ok=True)
        self._wait(0)

    def _wait(self, held: int) -> None:
        while len(list(self.file.parent.glob("held-*"))) != held:
            time.sleep(0.02)


@contextmanager
def busy_server(bundle: Path, folder: Path, **settings: str) -> Iterator[Busy]:
    """Start one; `folder` is for what it is told by."""
    config, file = folder / "gunicorn.conf.py", folder / "busy"
    own = f"exec({(ROOT / 'gunicorn.conf.py').read_text()!r})\n"
    config.write_text(own + _HOLDING.format(file=str(file)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUNICORN_CMD_ARGS", f"--config {config}")
        server = Server(bundle, **{"WORKERS": "1", "ENCODES": "1", **settings})
    yield Busy(server, file, int(settings.get("WORKERS", 1)))
    server.stop()
