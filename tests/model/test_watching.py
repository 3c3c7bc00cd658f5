"""`index --watch` and a running server, both real: the folder changes, and no request fails."""

import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from model.publishing import adopt_model
from tests import drawing
from tests.conftest import ROOT, serving


class Watching:
    """A process that watches, and what it has printed."""

    def __init__(self, photos: Path, bundle: Path) -> None:
        command = [sys.executable, "-m", "model", "index", str(photos), "--bundle", str(bundle)]
        self.command = [*command, "--watch"]
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as printed:
            for line in printed:
                self.lines.append(line)

    def end(self) -> None:
        """Kill the process, unless it has ended."""
        self.process.kill()
        self.process.wait()
        self._reading.join()

    def said(self, pattern: str) -> None:
        """Wait until a line has been printed."""
        wait(lambda: any(re.search(pattern, line) for line in self.lines), lambda: self.lines)


def wait(condition: Callable[[], bool], told: Callable[[], object] = lambda: None) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail(f"It did not happen within two minutes: {told()}")


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        content: bytes = answer.read()
        return content


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        draw(folder, number)
    return folder


def draw(folder: Path, number: int) -> None:
    """Put a picture there at once: a busy machine could be seen in the middle of writing it."""
    kind = drawing.KINDS[number % 4]
    drawing.textured(kind, number, (96, 64)).save(folder / ".drawn.png")
    (folder / ".drawn.png").rename(folder / f"{number}.png")


@pytest.fixture
def watching(photos: Path, tmp_path: Path, shipped: Path) -> Iterator[Watching]:
    adopt_model(tmp_path / "bundle", shipped)
    found = Watching(photos, tmp_path / "bundle")
    try:
        yield found
    finally:
        found.end()


def test_the_server_follows_the_folder_without_dropping_a_request(
    watching: Watching, photos: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    watching.said("4 new or changed")
    ended, failed, answered = threading.Event(), [], []

    def ask(address: str) -> None:
        while not ended.is_set():
            try:
                found = json.loads(get(f"{address}/api/v1/images?limit=50"))["images"]
                for image in found:
                    get(f"{address}{image['thumbnail']}")
                answered.append(len(found))
            except OSError as error:
                failed.append(error)

    with serving(bundle) as address:
        asking = threading.Thread(target=ask, args=(address,))
        asking.start()
        try:
            for number in (4, 5, 6):
                draw(photos, number)
                watching.said(f"1 new or changed, {number} unchanged")
                wait(partial(answered.__contains__, number + 1), lambda: (answered, failed))
            (photos / "2.png").rename(photos / "moved.png")
            watching.said("6 unchanged, 1 moved")
        finally:
            ended.set()
            asking.join()
    assert failed == []


def test_what_goes_wrong_is_told_and_watching_goes_on(
    watching: Watching, photos: Path, tmp_path: Path
) -> None:
    watching.said("Watching .*photos")
    (photos / "broken.png").write_bytes(b"no picture")
    watching.said("broken.png: This is not a picture")
    aside = tmp_path / "aside"
    photos.rename(aside)
    watching.said("There is no folder .* It is tried again")
    draw(aside, 7)
    aside.rename(photos)
    watching.said("1 new or changed, 4 unchanged")
    assert sum("broken.png" in line for line in watching.lines) == 1
    again = subprocess.run(watching.command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "is watching a folder for" in again.stderr
    watching.process.send_signal(signal.SIGTERM)
    assert watching.process.wait(60) == 0
    watching.end()
    assert "No longer watching" in watching.lines[-1]
    assert "Traceback" not in "".join(watching.lines)


def test_hidden_files_and_a_bundle_inside_the_folder_are_no_reason_to_look(
    photos: Path, shipped: Path
) -> None:
    adopt_model(photos / "bundle", shipped)
    found = Watching(photos, photos / "bundle")
    try:
        found.said("Watching")
        (photos / ".hidden.png").write_bytes(b"not looked at")
        draw(photos, 5)
        found.said("1 new or changed, 4 unchanged")
        found.process.send_signal(signal.SIGINT)
        assert found.process.wait(60) == 0
    finally:
        found.end()
    assert sum("Generation" in line for line in found.lines) == 2
