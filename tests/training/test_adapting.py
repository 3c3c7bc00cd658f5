"""`make train PHOTOS=folder` adapts a bundle's network to the folder, and keeps what is better."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pytest

from model.__main__ import main as verbs
from model.bundle import open_bundle, read_manifest
from model.encoder import Encoder
from model.images import load
from model.indexing import index_folder
from model.publishing import adopt_model
from model.training import checkpoints
from model.training.__main__ import main
from model.training.configuration import Adapting, Recipe
from model.training.holding import agreement
from model.training.job import Options
from model.training.preparing import prepare
from model.training.recipes import adapted
from model.training.runtime import tf
from model.training.train import Result, train
from tests import drawing
from tests.conftest import ROOT
from tests.training.conftest import at_once
from tests.training.test_taught import RECIPE as TAUGHT
from tests.training.test_taught import TEACHER

KINDS: Final = ["convolutions", "residual"]
EXACT: Final = ["--mixed-precision", "float32"]  # the same numbers on every processor
STRONG: Final = ["--learning-rate", "3e-3", "--num-epochs", "6", "--batch-size", "8", *EXACT]
SHORT: Final = ["--learning-rate", "3e-3", "--num-epochs", "2", *EXACT]
IN_VAIN: Final = ["--learning-rate", "1e-12", "--num-epochs", "1", *EXACT]
STEPS: Final = 800  # pictures to show where a training is stopped: four steps
# `make train` in a process of its own, with as few pictures to show as the tests around it.
ELSEWHERE: Final = """
import sys
from model.training.__main__ import main
from model.training.recipes import adapted
from tests.training.test_adapting import STEPS, brief
adapted.RECIPE = brief(STEPS)
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="session")
def starts(
    straight: Result,
    options: Callable[[Path], Options],
    drawn: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """Return a bundle of each kind of network, hardly trained: one without and one with a head."""
    folder = tmp_path_factory.mktemp("starts")
    prepare([drawn], folder / "data", jobs=1)
    assert verbs(["teach", str(folder / "data"), *TEACHER]) == 0
    wanted = replace(options(folder / "job"), recipe=TAUGHT, train_files=str(folder / "data"))
    with at_once():
        results = (straight, train(wanted))
    for kind, result in zip(KINDS, results, strict=True):
        job_dir = str(result.checkpoint.parent)
        assert verbs(["export", "--job-dir", job_dir, "--out", str(folder / kind)]) == 0
    return {kind: folder / kind for kind in KINDS}


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of ten pictures that no network has seen, and of one broken file."""
    folder = tmp_path_factory.mktemp("photos")
    for number in range(10):
        kind = drawing.KINDS[number % 4]
        drawing.draw(kind, 100 + number).save(folder / f"{number}.jpg")
    (folder / "broken.jpg").write_bytes((folder / "0.jpg").read_bytes()[:300])
    return folder


def brief(pictures: int) -> Recipe:
    """Return the recipe with so few pictures to show, counted each time, and small where it can."""
    small = msgspec.structs.replace(adapted.RECIPE.augmentation, side=128)
    few = Adapting(pictures=pictures)
    return msgspec.structs.replace(adapted.RECIPE, augmentation=small, adapting=few)


@pytest.fixture(autouse=True)
def _soon_done(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make a step or two, which need no graph."""
    monkeypatch.setattr(adapted, "RECIPE", brief(500))
    with at_once():
        yield


def show(monkeypatch: pytest.MonkeyPatch, pictures: int) -> None:
    """Make more steps, by a graph as everywhere else: show so many pictures."""
    monkeypatch.setattr(adapted, "RECIPE", brief(pictures))
    tf.config.run_functions_eagerly(False)


def trained(photos: Path, out: Path, start: Path, *more: str) -> int:
    """Run the command behind `make train`."""
    return main(["--photos", str(photos), "--out", str(out), "--start", str(start), *more])


def encoder_of(bundle: Path) -> str:
    return read_manifest(bundle).files["encoder"].sha256


def weights(out: Path) -> list[np.ndarray]:
    """Return what the one job of a folder has learnt."""
    (job_dir,) = (out / "adapting").iterdir()
    newest = checkpoints.latest(job_dir)
    assert newest is not None
    found: list[np.ndarray] = checkpoints.load(newest)[0].get_weights()
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_an_adaptation_that_helps_is_kept_and_told_of(
    kind: str,
    starts: dict[str, Path],
    drawn: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    show(monkeypatch, 2_000)
    assert trained(drawn, tmp_path, starts[kind], *STRONG) == 0
    bundle = open_bundle(tmp_path / "bundle")
    model, start = bundle.manifest.model, read_manifest(starts[kind]).model
    assert model.recipe == "adapted"
    assert model.trained["adapted from"] == start.checkpoint_sha256[:12]
    assert model.trained["own photos"].startswith("The adapted encoder is better")
    assert model.trained["seconds"] > 0
    assert model.measures["own photos, after mAP"] > model.measures["own photos, before mAP"]
    assert model.measures["own photos, before queries"] == 24 * 8
    assert bundle.gallery.count == 24
    path = bundle.gallery.record(7).path
    found = Encoder(bundle.path("encoder")).encode(load(drawn / path).pixels[None]).embedding[0]
    assert np.argmax(bundle.embeddings @ found) == 7


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_does_not_help_leaves_the_bundles_encoder(
    kind: str, starts: dict[str, Path], photos: Path, tmp_path: Path
) -> None:
    assert trained(photos, tmp_path, starts[kind], *IN_VAIN) == 3  # for the broken picture
    bundle = open_bundle(tmp_path / "bundle")
    assert encoder_of(tmp_path / "bundle") == encoder_of(starts[kind])
    assert bundle.gallery.count == 10
    model = bundle.manifest.model
    assert model.recipe == read_manifest(starts[kind]).model.recipe
    assert model.trained["own photos"].startswith("The bundle's encoder is kept")
    assert model.measures["own photos, after neighbours_kept"] > 0.9


def test_a_second_run_trains_nothing(
    starts: dict[str, Path], photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(photos, tmp_path, starts["residual"], *IN_VAIN)
    manifest = (tmp_path / "bundle" / "manifest.json").read_bytes()
    assert "IMAGESEARCH_BUNDLE=" in capsys.readouterr().out
    trained(photos, tmp_path, starts["residual"], *IN_VAIN)
    told = capsys.readouterr()
    assert "there is nothing to train" in told.err
    assert "step" not in told.err
    assert (tmp_path / "bundle" / "manifest.json").read_bytes() == manifest


def test_another_picture_is_another_adaptation(
    starts: dict[str, Path], photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(photos, folder)
    (folder / "broken.jpg").unlink()
    assert trained(folder, tmp_path, starts["residual"], *IN_VAIN) == 0
    drawing.draw("arch", 200).save(folder / "new.jpg")
    assert trained(folder, tmp_path, starts["residual"], *IN_VAIN) == 0
    assert "nothing to train" not in capsys.readouterr().err
    assert open_bundle(tmp_path / "bundle").gallery.count == 11
    assert len(list((tmp_path / "adapting").iterdir())) == 1


def test_stopped_and_gone_on_with_equals_one_straight_run(
    starts: dict[str, Path],
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(monkeypatch, STEPS)
    stopped, straight = tmp_path / "stopped", tmp_path / "straight"
    command = [sys.executable, "-c", ELSEWHERE, "--photos", str(photos)]
    command += ["--out", str(stopped), "--start", str(starts["residual"]), *SHORT]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("recipe adapted"):
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    assert not (stopped / "bundle").exists()
    (unfinished,) = (stopped / "adapting").glob("*/checkpoint-*.keras")
    done = checkpoints.read_state(unfinished).step
    for out in (stopped, straight):
        assert trained(photos, out, starts["residual"], *SHORT) == 3
        assert ("going on after step" in capsys.readouterr().err) is (out == stopped)
    (finished,) = (straight / "adapting").glob("*/checkpoint-*.keras")
    assert 0 < done < checkpoints.read_state(finished).step
    pairs = zip(weights(stopped), weights(straight), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


def test_time_that_is_up_ends_the_steps(
    starts: dict[str, Path],
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    short = msgspec.structs.replace(adapted.RECIPE, adapting=Adapting(seconds=1e-6))
    monkeypatch.setattr(adapted, "RECIPE", short)
    assert trained(photos, tmp_path, starts["residual"], *SHORT) == 3
    assert "and enough" in capsys.readouterr().err
    (checkpoint,) = (tmp_path / "adapting").glob("*/checkpoint-*.keras")
    assert checkpoints.read_state(checkpoint).step == 1


def test_what_it_knew_is_searched_too_and_a_loss_there_refuses(
    starts: dict[str, Path],
    drawn: Path,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = tmp_path / "start"
    adopt_model(start, starts["residual"])
    index_folder(photos, start, jobs=1)
    monkeypatch.setattr("model.training.verdict._is_worse", lambda _: True)
    assert trained(drawn, tmp_path, start, *SHORT) == 0
    model = read_manifest(tmp_path / "bundle").model
    assert model.measures["what it knew, before queries"] == 10 * 8
    assert model.measures["what it knew, after mAP"] > 0
    assert "on what it knew, the bundle's own gallery, mAP" in model.trained["own photos"]
    assert encoder_of(tmp_path / "bundle") == encoder_of(start)


def test_a_start_that_is_none_is_one_sentence(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(photos, tmp_path / "out", tmp_path / "no") == 1
    assert "is missing: there is no" in capsys.readouterr().err


def test_without_a_bundle_it_trains_from_scratch(
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("model.training.__main__.BUNDLED", tmp_path / "no")
    monkeypatch.setattr("model.training.job.DEFAULT_RECIPE", "sketch")
    command = ["--photos", str(photos), "--out", str(tmp_path / "out"), "--num-epochs", "1"]
    assert main(command) == 3
    assert "So the training starts from scratch." in capsys.readouterr().err
    assert read_manifest(tmp_path / "out" / "bundle").model.recipe == "sketch"


def test_a_checkpoint_that_is_another_is_no_start(
    starts: dict[str, Path], photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = tmp_path / "start"
    shutil.copytree(starts["residual"], start)
    (checkpoint,) = start.glob("checkpoint-*")
    checkpoint.write_bytes(b"another")
    assert trained(photos, tmp_path / "out", start) == 1
    assert "lacks its checkpoint, or has another one" in capsys.readouterr().err


def test_the_recipe_alone_says_how_to_use_it(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "--recipe", "adapted", "--train-files", str(prepared)]
    assert verbs([*command, "--job-dir", str(tmp_path)]) == 1
    assert "make train PHOTOS=folder" in capsys.readouterr().err


def test_the_parts_of_the_loss() -> None:
    chance = np.random.default_rng(0)
    views = chance.normal(size=(2, 5, 7)).astype(np.float32)
    before = chance.normal(size=(5, 7)).astype(np.float32)
    views /= np.linalg.norm(views, axis=2, keepdims=True)
    before /= np.linalg.norm(before, axis=1, keepdims=True)
    before[3] = before[2]  # these two are alike, and not told apart
    weights = Adapting(temperature=0.5, alike=0.99)
    groups = tf.constant([0, 7, 1, 2, 7])  # and two of one group
    found = agreement(tf.constant(views.reshape(10, 7)), tf.constant(before), groups, weights)
    losses = []
    for one, other in (views, views[::-1]):
        for row in range(5):
            rest = [n for n in range(5) if {n, row} not in ({2, 3}, {1, 4})]
            shares = np.exp(other[rest] @ one[row] / 0.5)
            losses.append(-np.log(shares[rest.index(row)] / shares.sum()))
    assert float(found["contrast"]) == pytest.approx(np.mean(losses), rel=1e-5)
    cosines = [(view * before).sum(axis=1).mean() for view in views]
    assert float(found["cosine"]) == pytest.approx(1 - np.mean(cosines), rel=1e-5)
