"""Folders of pictures, and machines of a cluster: processes that know each other by loopback."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.publishing import adopt_model
from tests import drawing
from tests.cluster.starting import Process, Starter, starter
from tests.conftest import ROOT, free_port

DRAWN = 80
ODD = os.fsdecode(b"arch/caf\xe9.png")  # a name that is not UTF-8
COUNT = DRAWN + 1
COUNTED = f"{COUNT} new or changed, 1 unreadable."
BROKEN = "beam/broken.jpg"


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    """Yield what starts processes; at the end it ends them."""
    with starter(tmp_path_factory.mktemp("logs")) as found:
        yield found


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of drawn pictures that nobody has touched for long; one of them is broken."""
    folder = tmp_path_factory.mktemp("photos")
    for number in range(DRAWN):
        kind = drawing.KINDS[number % len(drawing.KINDS)]
        (folder / kind).mkdir(exist_ok=True)
        drawing.textured(kind, number, (96, 72)).save(folder / kind / f"{number:03}.jpg")
    (folder / ODD).write_bytes(drawing.encoded(drawing.draw("beam", 1), "PNG"))
    (folder / BROKEN).write_bytes(b"\xff\xd8\xff\xe0 nothing more")
    for path in folder.rglob("*.*g"):
        os.utime(path, (1.6e9, 1.6e9))
    return folder


@pytest.fixture
def empty(tmp_path: Path, shipped: Path) -> Path:
    """Return a bundle with a model and no index."""
    adopt_model(tmp_path / "bundle", shipped)
    return tmp_path / "bundle"


class Cluster:
    """A scheduler, and workers in some folder."""

    def __init__(self, start: Starter, folder: Path, **settings: str) -> None:
        self._start = start
        self._folder = folder
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        told = ["scheduler", "--no-dashboard", "--host", "127.0.0.1", "--port", port]
        self.scheduler = start.start("dask", *told, settings=settings)
        self.scheduler.until("Scheduler at:")

    def worker(self, *more: object, **settings: str) -> Process:
        """Start a worker, and return it when it has work to wait for."""
        told = self.command(*more)
        worker = self._start.start("dask", *told, folder=self._folder, settings=settings)
        worker.until("Registered to:")
        return worker

    def command(self, *more: object) -> list[str]:
        """Return what is told to Dask to start one."""
        alone = ["--no-dashboard", "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1"]
        scratch = ["--local-directory", str(self._folder)]
        return ["worker", self.address, *alone, *scratch, *map(str, more)]

    def index(
        self, folder: object, bundle: Path, *, place: Path = ROOT, **settings: str
    ) -> Process:
        """Begin to index a folder on its workers."""
        told = ["index", folder, "--bundle", bundle, "--cluster", self.address]
        return self._start.start("model", *told, folder=place, settings=settings)


@pytest.fixture
def cluster(start: Starter, tmp_path: Path) -> Cluster:
    (tmp_path / "far").mkdir()
    return Cluster(start, tmp_path / "far")


def journal(bundle: Path) -> int:
    """Return the bytes of what an unfinished index has encoded."""
    return sum(path.stat().st_size for path in bundle.glob(".index/encoded-*"))


def begun(run: Process, bundle: Path) -> None:
    """Return when the first pictures are encoded."""
    while not journal(bundle):
        assert run.runs(), run.said
        time.sleep(0.005)


def kill_in_the_middle(worker: Process, run: Process, bundle: Path) -> None:
    """Kill a worker when only its own work is left; the run ends as if nobody had been."""
    begun(run, bundle)
    worker.send(signal.SIGSTOP)
    before = -1
    while before != journal(bundle):
        before = journal(bundle)
        time.sleep(1)
    assert run.runs(), run.said
    worker.send(signal.SIGKILL)
    assert run.wait() == 3, run.said
    assert worker.wait() == -signal.SIGKILL
    assert COUNTED in run.said
    assert run.said.count(f"{BROKEN}: This is not a picture that can be read here.") == 1
