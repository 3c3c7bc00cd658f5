"""One real picture, where Blender is installed."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from rendering import command
from rendering.storage import read_records

pytest.importorskip("pyoidn", reason="the extra `render` is not installed")


@pytest.mark.blender
@pytest.mark.skipif(shutil.which("blender") is None, reason="Blender is not installed")
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
