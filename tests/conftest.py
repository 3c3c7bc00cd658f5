"""What every test may lean on: the bundle that ships, and a small one made from drawn pictures."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from model.indexing import index_folder
from model.publishing import adopt_model
from tests import collection, drawing

if TYPE_CHECKING:
    from tests.objects.store import Store

ROOT = Path(__file__).parent.parent


def pytest_sessionstart() -> None:
    """Let Ctrl-C be heard by what is started here, also when a shell's background starts it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shipped() -> Path:
    """Return the bundle that ships."""
    return ROOT / "model" / "bundle"


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 24 drawn pictures, six of each of four kinds."""
    return drawing.fill(tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory, shipped: Path, drawn: Path) -> Path:
    """Return a bundle that holds the shipped model and an index of the drawn pictures.

    It is shared: a test that changes a bundle makes a copy first.
    """
    folder = tmp_path_factory.mktemp("bundle") / "bundle"
    adopt_model(folder, shipped)
    index_folder(drawn, folder, jobs=1)
    return folder


@pytest.fixture(scope="session")
def told() -> list[dict[str, Any]]:
    """What is told about the pictures of `told_bundle`, in their order, in words of its own."""
    return [
        {
            "path": f"{kind}/{seed:02}.jpg",
            "tags": [kind, "even" if seed % 2 == 0 else "odd"],
            "group": f"{kind} {seed // 2}",
            "date": f"{2019 + seed // 2}-0{seed + 1}-15T10:00:00",
            "credit": ("Ada", "Ben")[seed % 2],
            "mood": ("calm", "wild", "merry & bright")[seed % 3],
            "colours seen": ["red", "blue"][: 1 + seed % 2],
            "notes": f"The {kind} of the day number {seed}",
            "span_m": seed,
        }
        if seed < 5
        else {"path": f"{kind}/{seed:02}.jpg", "title": "Nothing is known of it", "tags": []}
        for kind in drawing.KINDS
        for seed in range(6)
    ]


@pytest.fixture(scope="session")
def told_bundle(
    tmp_path_factory: pytest.TempPathFactory, shipped: Path, told: list[dict[str, Any]]
) -> Path:
    """Return a bundle of drawn pictures with much told about most of them."""
    folder = drawing.fill(tmp_path_factory.mktemp("told") / "pictures")
    (folder / "records.json").write_text(json.dumps(told))
    bundle = folder.parent / "bundle"
    adopt_model(bundle, shipped)
    index_folder(folder, bundle, jobs=1)
    return bundle


@pytest.fixture(scope="session")
def calibrated(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Path:
    """Return a bundle of the drawn pictures whose model was calibrated on drawn pictures, too."""
    folder = tmp_path_factory.mktemp("calibrated") / "bundle"
    shutil.copytree(bundle, folder)
    photos = collection.fill(tmp_path_factory.mktemp("photos"))
    command = [sys.executable, "-m", "benchmarks.calibration", str(photos), "--bundle", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (folder.parent / "printed.md").write_text(done.stdout)
    return folder


@pytest.fixture(scope="session")
def address(bundle: Path) -> Iterator[str]:
    """Serve the drawn gallery from the real gunicorn; yield its address."""
    with serving(bundle) as address:
        yield address


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Store"]:
    """Start an object store; yield what asks it."""
    from tests.objects.store import started  # noqa: PLC0415 - few tests need it

    with started(tmp_path_factory.mktemp("store")) as found:
        yield found


@contextmanager
def serving(bundle: Path, **more: str) -> Iterator[str]:
    """Serve a bundle from the real gunicorn; yield its address, and end it with the block.

    more: settings by their names, such as TOKEN.
    """
    port = free_port()
    settings = {"IMAGESEARCH_BUNDLE": str(bundle), "IMAGESEARCH_PORT": str(port)}
    settings |= {f"IMAGESEARCH_{name}": value for name, value in more.items()}
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings)
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository whose environments are the one that runs the tests.

    It holds the drawn pictures as `folder`, and one of them as `bridge.jpg`.
    """
    folder = tmp_path_factory.mktemp("checkout")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            shutil.copyfile(ROOT / name, folder / name)
    made = ("serve", "engine", "train", "map", "dev", "bench", "render", "milvus", "audit")
    for environment in made:
        python = folder / ".venv" / environment / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        (folder / ".venv" / environment / "ready").touch()
    drawing.fill(folder / "folder")
    shutil.copyfile(next((folder / "folder").rglob("*.jpg")), folder / "bridge.jpg")
    return folder


def shell(command: str, checkout: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in the copy of the repository, with more environment variables."""
    return subprocess.run(
        command,
        shell=True,
        cwd=checkout,
        env=outside() | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def outside() -> dict[str, str]:
    """Return the environment without what a `make` that runs the tests adds for its children."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def wait_for(url: str) -> None:
    """Return as soon as the address answers 200; fail after a minute: machines may be busy."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The server did not answer at {url} within a minute.")
