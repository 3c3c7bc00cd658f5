"""Stopping and going on changes nothing; what cannot go on says so."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.training import checkpoints
from model.training.errors import TrainingError
from model.training.job import Options
from model.training.monitor import FOLDER
from model.training.runtime import tf
from model.training.train import Result, train

ROOT = Path(__file__).parent.parent.parent
Making = Callable[[Path], Options]


def weights(path: Path) -> list[np.ndarray]:
    """Return what the network and its optimizer hold."""
    autoencoder, _ = checkpoints.load(path)
    return [*autoencoder.get_weights(), *(v.numpy() for v in autoencoder.optimizer.variables)]


def assert_same(one: Path, other: Path) -> None:
    """Compare bit by bit."""
    pairs = list(zip(weights(one), weights(other), strict=True))
    assert len(pairs) > 60
    assert all(np.array_equal(a, b) for a, b in pairs)


@pytest.fixture(scope="module")
def resumed(tmp_path_factory: pytest.TempPathFactory, options: Making, straight: Result) -> Result:
    """Return the same training done in two halves, with a checkpoint after every step."""
    wanted = replace(options(tmp_path_factory.mktemp("resumed")), checkpoint_steps=1)
    first = train(replace(wanted, num_epochs=1))
    assert first.state.step * 2 == straight.state.step
    return train(wanted)


def test_stopped_and_gone_on_with_equals_one_straight_run(
    resumed: Result, straight: Result
) -> None:
    assert resumed.state.step == straight.state.step
    assert resumed.state.evaluation_loss == straight.state.evaluation_loss
    assert_same(resumed.checkpoint, straight.checkpoint)


def test_ctrl_c_loses_nothing(options: Making, straight: Result, tmp_path: Path) -> None:
    wanted = options(tmp_path)
    command = [sys.executable, "-m", "model", "train", "--job-dir", str(tmp_path)]
    command += ["--train-files", str(wanted.train_files), "--seed", "3", "--batch-size", "8"]
    command += ["--num-epochs", "200", "--recipe", "sketch", "--mixed-precision", "float32"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("recipe"):
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    stopped = checkpoints.latest(tmp_path)
    assert stopped is not None
    assert 0 < checkpoints.read_state(stopped).step < straight.state.step
    assert_same(train(wanted).checkpoint, straight.checkpoint)


def test_the_last_two_checkpoints_are_kept_and_whole(resumed: Result) -> None:
    last = resumed.state.step
    assert sorted(path.name for path in resumed.checkpoint.parent.iterdir()) == [
        f"checkpoint-{last - 1:09}.keras",
        f"checkpoint-{last:09}.keras",
        FOLDER,
    ]
    state = checkpoints.read_state(resumed.checkpoint)
    assert state == resumed.state
    assert state.run.recipe.network.encoder == (4, 8, 16, 32, 64, 128)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seed": 4}, "seed 3 there, 4 now"),
        ({"learning_rate": 0.5}, "learning_rate 0.001 there, 0.5 now"),
        ({"batch_size": 5}, "batch_size 8 there, 5 now"),
    ],
)
def test_a_job_of_another_training_is_refused(
    options: Making, straight: Result, change: dict[str, Any], named: str
) -> None:
    job_dir = straight.checkpoint.parent
    with pytest.raises(TrainingError, match=named):
        train(replace(options(job_dir), **change))
    assert checkpoints.latest(job_dir) == straight.checkpoint


def test_other_pictures_are_refused(options: Making, straight: Result, drawn: Path) -> None:
    wanted = replace(options(straight.checkpoint.parent), train_files=str(drawn / "arch" / "*"))
    with pytest.raises(TrainingError, match="other pictures"):
        train(wanted)


@pytest.mark.parametrize("rate", [1e6, 0.3])
def test_a_diverging_run_stops_with_a_sentence(
    options: Making, tmp_path: Path, rate: float
) -> None:
    wanted = replace(options(tmp_path), learning_rate=rate, num_epochs=20, checkpoint_steps=1)
    with pytest.raises(TrainingError, match=r"diverged.*lower --learning-rate") as refusal:
        train(wanted)
    assert "\n" not in str(refusal.value)
    for path in tmp_path.glob("checkpoint-*"):
        assert all(np.isfinite(array).all() for array in weights(path))


@pytest.mark.usefixtures("without_graphs")
@pytest.mark.parametrize(
    ("layer", "told"),
    [
        ("encoder/down6", "every unit of the code is dead"),
        ("decoder/up3", "every picture is redrawn as the same one"),
    ],
)
def test_a_dead_layer_stops_the_training(
    options: Making, straight: Result, tmp_path: Path, layer: str, told: str
) -> None:
    autoencoder, state = checkpoints.load(straight.checkpoint)
    part, name = layer.split("/")
    dead = autoencoder.get_layer(part).get_layer(name)
    dead.set_weights([np.zeros_like(weight) - 1 for weight in dead.get_weights()])
    checkpoints.save(tmp_path, autoencoder, state)
    kept = (tmp_path / straight.checkpoint.name).read_bytes()
    with pytest.raises(TrainingError, match=told):
        train(replace(options(tmp_path), num_epochs=9))
    assert (tmp_path / straight.checkpoint.name).read_bytes() == kept


def test_tensorboard_gets_curves_pictures_and_the_projector(straight: Result) -> None:
    folder = straight.checkpoint.parent / FOLDER
    (events,) = folder.glob("events.*")
    tags = {
        value.tag
        for record in tf.data.TFRecordDataset(str(events))
        for value in tf.compat.v1.Event.FromString(record.numpy()).summary.value
    }
    assert {"loss", "evaluation loss", "learning rate", "original and reconstruction"} <= tags
    rows = len((folder / "embedding.tsv").read_text().splitlines())
    assert rows == len((folder / "metadata.tsv").read_text().splitlines()) > 0
    assert (folder / "sprite.png").exists()
    assert "sprite.png" in (folder / "projector_config.pbtxt").read_text()
