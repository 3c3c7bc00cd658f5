"""One real picture, where Blender is installed."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from model.bundle import open_bundle
from rendering import command
from rendering.storage import read_records
from tests.conftest import shell

pytest.importorskip("pyoidn", reason="the extra `render` is not installed")


pytestmark = [
    pytest.mark.blender,
    pytest.mark.skipif(shutil.which("blender") is None, reason="Blender is not installed"),
]


def test_command_renders_a_picture_and_its_record(tmp_path: Path) -> None:
    arguments = ["--out", str(tmp_path), "--first", "2", "--count", "1", "--views", "1"]
    arguments += ["--longest", "96", "--samples", "2", "--jobs", "1"]
    arguments += ["--contact-sheets", str(tmp_path / "sheets")]
    assert command.main(arguments) == 0
    records = read_records(tmp_path)
    assert [r["path"] for r in records] == ["bridge-0002-0.webp"]
    with Image.open(tmp_path / "bridge-0002-0.webp") as picture:
        assert max(picture.size) == 96
    assert (tmp_path / "sheets" / "contact-01.jpg").exists()
    before = (tmp_path / "bridge-0002-0.webp").stat().st_mtime_ns
    assert command.main(arguments) == 0
    assert (tmp_path / "bridge-0002-0.webp").stat().st_mtime_ns == before


def test_make_gallery_with_a_count_is_a_quick_look(checkout: Path) -> None:
    shipped = (checkout / "gallery" / "records.json").read_bytes()
    done = shell("make gallery COUNT=1", checkout, ARGS="--views 2 --longest 96 --jobs 1")
    assert done.returncode == 0, done.stderr
    assert "about 0 min left" in done.stdout
    assert len(list((checkout / "build" / "gallery").glob("bridge-0000-*.webp"))) == 2
    assert open_bundle(checkout / "build" / "gallery-bundle").gallery.count == 2
    assert (checkout / "build" / "contact" / "contact-01.jpg").exists()
    assert (checkout / "gallery" / "records.json").read_bytes() == shipped
