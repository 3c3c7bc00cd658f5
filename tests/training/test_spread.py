"""What is told of a checkpoint without labels: known spreads give known numbers."""

import json
from pathlib import Path

import numpy as np
import pytest

from model.__main__ import main
from model.training import checkpoints, spread
from model.training.autoencoder import encoder_of
from model.training.data import open_prepared
from model.training.monitor import FOLDER
from model.training.runtime import tf
from model.training.train import Result

NAMES = {"effective_rank", "dead_units", "uniformity", "alignment"}


def test_effective_rank_counts_the_axes_that_are_filled() -> None:
    corners = np.concatenate([np.eye(8), -np.eye(8)]).astype(np.float32)
    assert spread.effective_rank(corners) == pytest.approx(8)
    assert spread.effective_rank(corners[:, :1] * corners[:1]) == pytest.approx(1)


def test_uniformity_of_one_place_and_of_opposite_ones() -> None:
    same = np.array([[1, 0]] * 5, np.float32)
    assert spread.uniformity(same) == pytest.approx(0)
    opposite = np.array([[1, 0], [-1, 0]], np.float32)
    assert spread.uniformity(opposite) == pytest.approx(-8)


def test_dead_units_and_alignment_of_a_network(straight: Result, prepared: Path) -> None:
    autoencoder, _ = checkpoints.load(straight.checkpoint)
    pictures = open_prepared(prepared)
    before = spread.measures(autoencoder, pictures, spread.unit)
    last = encoder_of(autoencoder).get_layer("down6")
    kernel, bias = last.get_weights()
    kernel[..., :64], bias[:64] = 0, -1
    last.set_weights([kernel, bias])
    after = spread.measures(autoencoder, pictures, spread.unit)
    assert before["dead_units"] < 0.5 <= after["dead_units"] < 0.8
    everywhere_same = spread.measures(autoencoder, pictures, tf.ones_like)
    assert everywhere_same["alignment"] == 0
    assert 0 < after["alignment"] < 2


def test_tensorboard_and_the_manifest_tell_them(straight: Result, tmp_path: Path) -> None:
    (events,) = (straight.checkpoint.parent / FOLDER).glob("events.*")
    tags = {
        value.tag
        for record in tf.data.TFRecordDataset(str(events))
        for value in tf.compat.v1.Event.FromString(record.numpy()).summary.value
    }
    assert {f"health/{name}" for name in NAMES} <= tags
    job_dir = straight.checkpoint.parent
    assert main(["export", "--job-dir", str(job_dir), "--out", str(tmp_path)]) == 0
    told = json.loads((tmp_path / "manifest.json").read_text())["model"]["measures"]
    assert told.keys() >= {f"health {name}" for name in NAMES}
    assert 1 <= told["health effective_rank"] <= 3  # of the three pictures that were put aside
