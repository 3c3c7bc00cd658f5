"""`python -m app --photos FOLDER`, which `make run PHOTOS=FOLDER` is: index, then serve."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, free_port, wait_for

BUILT = ROOT / "build" / "photos"


@pytest.fixture(autouse=True)
def _leave_nothing() -> Iterator[None]:
    before = set(BUILT.glob("*"))
    yield
    for folder in set(BUILT.glob("*")) - before:
        shutil.rmtree(folder)


def start(*options: str, **settings: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "app", *options]
    return subprocess.Popen(
        command, cwd=ROOT, env=os.environ | settings, stderr=subprocess.PIPE, text=True
    )


def serve(photos: Path) -> tuple[int, str]:
    """Serve a folder until it answers; return how many pictures it found, and what it told."""
    port = free_port()
    process = start("--photos", str(photos), "--port", str(port))
    wait_for(f"http://127.0.0.1:{port}/readyz")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
        found = json.load(answer)["pictures"]
    process.send_signal(signal.SIGTERM)
    told = process.communicate(timeout=20)[1]
    assert process.returncode == 0
    return found, told


def test_a_folder_with_a_broken_picture_is_served_without_it(drawn: Path, tmp_path: Path) -> None:
    photos = Path(shutil.copytree(drawn, tmp_path / "my photos"))
    (photos / "broken.jpg").write_bytes(b"no picture")
    found, told = serve(photos)
    assert found == 24
    assert "broken.jpg: " in told
    assert "1 picture could not be read" in told
    (photos / "broken.jpg").unlink()
    (photos / "arch" / "00.jpg").unlink()
    found, told = serve(photos)
    assert found == 23
    assert "could not be read" not in told


@pytest.mark.parametrize(
    ("options", "settings", "told"),
    [
        (["--photos", "nowhere"], {}, "There is no folder"),
        (["--photos", "templates"], {}, "There is no picture in"),
        (["--photos", "gallery"], {"IMAGESEARCH_BUNDLE": "nowhere"}, "is missing"),
        (["--photos", "gallery"], {"IMAGESEARCH_WORKERS": "many"}, "IMAGESEARCH_WORKERS"),
        (["--port", "99999999"], {}, "IMAGESEARCH_PORT"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    options: list[str], settings: dict[str, str], told: str
) -> None:
    process = start(*options, **settings)
    text = process.communicate(timeout=30)[1]
    assert process.returncode == 1
    assert told in text
    assert "Traceback" not in text
