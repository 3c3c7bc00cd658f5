"""The residual network stops and goes on, changes precision and is exported as the other one is."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from model.__main__ import main
from model.bundle import read_manifest
from model.encoder import Decoder, Encoder
from model.training import checkpoints
from model.training.autoencoder import build, decoder_of, encoder_of
from model.training.configuration import Recipe, Residual
from model.training.data import open_prepared
from model.training.job import Options
from model.training.runtime import keras
from model.training.steps import scaled
from model.training.train import Result, train

WIDTHS: Final = (4, 8, 16, 32, 64, 128)
NETWORK: Final = Residual(encoder=WIDTHS, decoder=(*WIDTHS[:0:-1], 3), blocks=(0, 0, 1, 0, 2, 1))
RECIPE: Final = Recipe(name="residual", network=NETWORK, batch_size=8, learning_rate=1e-3, epochs=2)

_FILE: Final = """
import msgspec
from model.training.configuration import Recipe
RECIPE = msgspec.json.decode({!r}, type=Recipe)
"""


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the recipes be found in a folder that holds the small one of these tests."""
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "residual.py").write_text(_FILE.format(msgspec.json.encode(RECIPE)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("model.training.recipes.__path__", [str(folder)])
        yield


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def trained(
    request: pytest.FixtureRequest,
    recipes: None,  # noqa: ARG001 - the options name one of them
    options: Callable[[Path], Options],
    tmp_path_factory: pytest.TempPathFactory,
) -> Result:
    """Return two epochs without a stop, in either precision, with a checkpoint after each."""
    wanted = replace(options(tmp_path_factory.mktemp("residual")), checkpoint_steps=2)
    return train(replace(wanted, recipe="residual", precision=request.param))


def variables(path: Path) -> list[tuple[str, np.ndarray]]:
    """Return what the network and its optimizer hold, each with its name."""
    autoencoder, _ = checkpoints.load(path)
    held = [*autoencoder.variables, *autoencoder.optimizer.variables]
    return [(variable.name, variable.numpy()) for variable in held]


def test_parameters() -> None:
    normed = [*pairwise((3, *WIDTHS)), *pairwise((128, 128, 64, 32, 16, 8))]
    for count, width in zip(NETWORK.blocks, WIDTHS, strict=True):
        normed += [(width, width)] * 2 * count
    by_hand = sum(9 * a * b + 4 * b for a, b in normed) + 9 * 8 * 3 + 3
    assert build(NETWORK).count_params() == by_hand == 795_063


def test_a_recipe_names_the_blocks_of_every_stage() -> None:
    with pytest.raises(TypeError, match="blocks names 2 of 6 stages"):
        Residual(encoder=WIDTHS, decoder=(*WIDTHS[:0:-1], 3), blocks=(1, 1))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("side", [192, 256])
def test_shapes_ranges_and_types(precision: str, side: int) -> None:
    autoencoder = build(NETWORK, precision=precision)
    images = np.random.default_rng(0).uniform(-1, 1, (2, side, side, 3)).astype(np.float32)
    code = encoder_of(autoencoder)(images).numpy()
    picture = autoencoder(images).numpy()
    assert code.shape == (2, side // 64, side // 64, 128)
    assert code.min() == 0.0
    assert picture.shape == images.shape
    assert np.abs(picture).max() <= 1.0
    assert code.dtype == picture.dtype == np.float32
    assert {weights.dtype for weights in autoencoder.get_weights()} == {np.dtype(np.float32)}


def test_stopped_and_gone_on_with_equals_one_straight_run(
    trained: Result, options: Callable[[Path], Options], tmp_path: Path
) -> None:
    precision = trained.state.run.recipe.precision
    (stopped,) = trained.checkpoint.parent.glob("checkpoint-*2.keras")  # at the end of an epoch
    shutil.copy(stopped, tmp_path)
    resumed = train(replace(options(tmp_path), recipe="residual", precision=precision))
    assert resumed.state.step == trained.state.step == 2 * checkpoints.read_state(stopped).step
    assert resumed.state.evaluation_loss == trained.state.evaluation_loss
    pairs = zip(variables(resumed.checkpoint), variables(trained.checkpoint), strict=True)
    assert all(np.array_equal(ours, theirs) for (_, ours), (_, theirs) in pairs)


def test_moving_statistics_are_learnt_and_kept(trained: Result) -> None:
    held = variables(trained.checkpoint)
    means = [value for name, value in held if name == "moving_mean"]
    assert len(means) == 6 + 2 * sum(NETWORK.blocks) + 5
    assert all(np.abs(mean).max() > 0 for mean in means)
    assert {mean.dtype for mean in means} == {np.dtype(np.float32)}


def test_litert_answers_as_the_trained_network_does(
    trained: Result, prepared: Path, tmp_path: Path
) -> None:
    job_dir = trained.checkpoint.parent
    assert main(["export", "--job-dir", str(job_dir), "--out", str(tmp_path)]) == 0
    files = {role: tmp_path / entry.name for role, entry in read_manifest(tmp_path).files.items()}
    pixels = open_prepared(prepared).pixels(range(5))
    exact = build(NETWORK)
    exact.set_weights(checkpoints.load(trained.checkpoint)[0].get_weights())
    found = Encoder(files["encoder"]).encode(pixels)
    codes = encoder_of(exact)(scaled(pixels), training=False).numpy()
    assert found.code.shape == (5, 4, 4, 128)
    assert np.abs(found.code - codes).max() < 1e-3  # the exported weights are rounded
    pictures = Decoder(files["decoder"]).decode(found.code)
    drawn = (decoder_of(exact)(codes, training=False).numpy() + 1) * 127.5
    assert np.abs(pictures - drawn).max() < 1.6
    kinds = _kinds(files["encoder"])
    last = len(kinds) - kinds[::-1].index("CONV_2D")
    assert "MUL" not in kinds[4:last]  # the normalisations are in the convolutions


def _kinds(path: Path) -> list[Any]:
    operations = Interpreter(model_path=str(path))._get_ops_details()
    return [operation["op_name"] for operation in operations]


def test_keras_alone_loads_the_checkpoint(trained: Result) -> None:
    plain = keras.saving.load_model(trained.checkpoint)
    images = np.zeros((1, 192, 192, 3), np.float32)
    assert plain(images).shape == images.shape
