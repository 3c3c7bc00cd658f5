"""The network is the tutorial's, to the layer and to the number."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.training.autoencoder import build, code_shape, decoder_of, encoder_of
from model.training.errors import TrainingError
from model.training.recipes import find, names, tutorial
from model.training.runtime import keras


def layers(part: keras.Model) -> list[tuple[Any, ...]]:
    """Return kind, filters, kernel, stride, ... and output shape of the layers with weights."""
    return [
        (
            type(layer).__name__,
            layer.filters,
            layer.kernel_size,
            layer.strides,
            layer.padding,
            layer.activation.__name__,
            layer.output.shape[1:],
        )
        for layer in part.layers
        if layer.weights
    ]


@pytest.fixture(scope="module")
def autoencoder() -> keras.Model:
    return build(tutorial.RECIPE.network)


def test_six_convolutions_make_the_code(autoencoder: keras.Model) -> None:
    expected = [
        ("Conv2D", filters, (3, 3), (2, 2), "same", "relu", (side, side, filters))
        for filters, side in ((16, 128), (32, 64), (64, 32), (128, 16), (256, 8), (512, 4))
    ]
    assert layers(encoder_of(autoencoder)) == expected


def test_six_transposed_convolutions_make_the_picture(autoencoder: keras.Model) -> None:
    expected = [
        ("Conv2DTranspose", filters, (3, 3), (2, 2), "same", activation, (side, side, filters))
        for filters, side, activation in (
            (512, 8, "relu"),
            (256, 16, "relu"),
            (128, 32, "relu"),
            (64, 64, "relu"),
            (32, 128, "relu"),
            (3, 256, "tanh"),
        )
    ]
    assert layers(decoder_of(autoencoder)) == expected


def test_parameters(autoencoder: keras.Model) -> None:
    chain = (3, 16, 32, 64, 128, 256, 512, 512, 256, 128, 64, 32, 3)
    by_hand = sum(9 * a * b + b for a, b in pairwise(chain))
    assert autoencoder.count_params() == by_hand == 5_500_643


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_shapes_ranges_and_types(precision: str) -> None:
    autoencoder = build(tutorial.RECIPE.network, precision=precision)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 256, 256, 3)).astype(np.float32)
    code = encoder_of(autoencoder)(images).numpy()
    picture = autoencoder(images).numpy()
    assert code.shape == (2, *code_shape(tutorial.RECIPE.network)) == (2, 4, 4, 512)
    assert code.min() == 0.0
    assert picture.shape == images.shape
    assert np.abs(picture).max() <= 1.0
    assert code.dtype == picture.dtype == np.float32
    assert {weights.dtype for weights in autoencoder.get_weights()} == {np.dtype(np.float32)}


def test_a_mistyped_recipe_is_answered_with_those_that_exist() -> None:
    assert "tutorial" in names()
    with pytest.raises(TrainingError, match=r"no recipe 'tutoral'.*tutorial"):
        find("tutoral")


def test_a_mistyped_key_of_a_recipe_is_answered_with_those_that_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(tutorial.__file__).read_text().replace("batch_size", "batchsize")
    (tmp_path / "mistyped.py").write_text(source)
    monkeypatch.setattr("model.training.recipes.__path__", [str(tmp_path)])
    with pytest.raises(TrainingError, match=r"batchsize.*fields.*batch_size"):
        find("mistyped")
