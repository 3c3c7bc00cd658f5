"""A training may begin with the weights of another one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from model.__main__ import main
from model.bundle import hash_of, read_manifest
from model.training import checkpoints, recipes
from model.training.autoencoder import encoder_of
from model.training.errors import TrainingError
from model.training.job import Options
from model.training.train import Result, train

Making = Callable[[Path], Options]


def test_it_begins_with_the_weights_of_a_checkpoint(
    options: Making, straight: Result, tmp_path: Path
) -> None:
    given = options(tmp_path)
    command = ["train", "--job-dir", str(tmp_path), "--train-files", str(given.train_files)]
    command += ["--recipe", "sketch", "--seed", "4", "--batch-size", "8", "--num-epochs", "1"]
    command += ["--mixed-precision", "float32", "--learning-rate", "1e-9"]
    assert main([*command, "--start", str(straight.checkpoint)]) == 0
    newest = checkpoints.latest(tmp_path)
    assert newest is not None
    begun, state = checkpoints.load(newest)
    trained, _ = checkpoints.load(straight.checkpoint)
    assert state.run.start == hash_of(straight.checkpoint)
    for one, other in zip(begun.get_weights(), trained.get_weights(), strict=True):
        assert np.allclose(one, other, atol=1e-6)


def test_going_on_needs_no_start_and_takes_no_other(
    options: Making, straight: Result, tmp_path: Path
) -> None:
    wanted = replace(options(tmp_path), num_epochs=1, start=straight.checkpoint)
    first = train(wanted)
    gone_on = train(replace(wanted, num_epochs=2, start=None))
    assert gone_on.state.step == 2 * first.state.step
    assert gone_on.state.run.start == first.state.run.start != ""
    before = gone_on.state.run.before
    assert [(stage.recipe, stage.steps) for stage in before] == [("sketch", straight.state.step)]
    assert main(["export", "--job-dir", str(tmp_path), "--out", str(tmp_path / "bundle")]) == 0
    trained = read_manifest(tmp_path / "bundle").model.trained
    assert trained["steps"] == straight.state.step + gone_on.state.step
    assert trained["after the recipes"] == "sketch"
    assert "epochs" not in trained
    with pytest.raises(TrainingError, match="other weights to begin with"):
        train(replace(wanted, num_epochs=3, start=gone_on.checkpoint))


def test_the_decoder_alone_may_go_on(options: Making, straight: Result, tmp_path: Path) -> None:
    alone = msgspec.structs.replace(recipes.find("sketch"), name="alone", only_decoder=True)
    wanted = replace(options(tmp_path), recipe=alone, num_epochs=4)
    with pytest.raises(TrainingError, match="it needs one: name its checkpoint, --start"):
        train(wanted)
    result = train(replace(wanted, start=straight.checkpoint))
    ours, theirs = (checkpoints.load(path)[0] for path in (result.checkpoint, straight.checkpoint))
    pairs = zip(encoder_of(ours).get_weights(), encoder_of(theirs).get_weights(), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)
    assert min(result.state.evaluation_loss.values()) < straight.state.evaluation_loss[2]


def test_what_it_cannot_begin_with_is_refused(
    options: Making, straight: Result, tmp_path: Path
) -> None:
    wanted = replace(options(tmp_path), start=straight.checkpoint)
    with pytest.raises(TrainingError, match=r"holds another network, of the recipe 'sketch'"):
        train(replace(wanted, recipe="tutorial"))
    with pytest.raises(TrainingError, match=r"There is no checkpoint .*nothing\.keras"):
        train(replace(wanted, start=tmp_path / "nothing.keras"))
    assert checkpoints.latest(tmp_path) is None
