"""`make train PHOTOS=folder` ends with a bundle that searches that folder."""

from pathlib import Path

import pytest

from model.bundle import open_bundle
from model.training.__main__ import main


def test_a_folder_becomes_a_bundle(drawn: Path, tmp_path: Path) -> None:
    out = tmp_path / "build"
    quick = ["--recipe", "sketch", "--num-epochs", "1"]
    assert main(["--photos", str(drawn), "--out", str(out), *quick]) == 0
    bundle = open_bundle(out / "bundle")
    assert bundle.gallery.count == 24
    assert bundle.manifest.model.recipe == "sketch"


def test_without_photos_it_says_what_to_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--photos", "", "--out", str(tmp_path)])
    assert "make train PHOTOS=folder" in capsys.readouterr().err


def test_a_missing_folder_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--photos", str(tmp_path / "no"), "--out", str(tmp_path / "build")]) == 1
    assert "There is no folder" in capsys.readouterr().err
