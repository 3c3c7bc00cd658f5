"""A batch follows from seed and step alone."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from model.images import SIDE
from model.training.batches import Plan
from model.training.configuration import Augmentation, Recipe
from model.training.data import Pictures, open_prepared
from model.training.errors import TrainingError
from model.training.recipes import taught, tutorial
from model.training.runtime import tf
from model.training.steps import coloured, learning_rate, scaled, varied

VARYING = msgspec.structs.replace(
    tutorial.RECIPE,
    batch_size=5,
    augmentation=Augmentation(mirror=True, smallest_crop=0.6, brightness=0.2, contrast=0.2),
)


def plan(prepared: Path, seed: int = 1) -> Plan:
    return Plan(open_prepared(prepared), VARYING, seed=seed)


def test_going_on_sees_the_same_batches(prepared: Path) -> None:
    whole = list(plan(prepared).batches(0, 9))
    rest = list(plan(prepared).batches(3, 9))
    for one, other in zip(whole[3:], rest, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
        assert np.array_equal(one.boxes, other.boxes)
        assert np.array_equal(one.colours, other.colours)
    assert not np.array_equal(whole[0].colours, whole[1].colours)


def test_every_epoch_has_its_own_order_and_each_picture_once(prepared: Path) -> None:
    one, other = (
        np.concatenate([batch.pixels for batch in plan(prepared).batches(first, first + 4)])
        for first in (0, 4)
    )
    assert not np.array_equal(one, other)
    assert len({pixels.tobytes() for pixels in one}) == 20


def test_another_seed_varies_otherwise(prepared: Path) -> None:
    one, other = (next(plan(prepared, seed).batches(0, 1)) for seed in (1, 2))
    assert not np.array_equal(one.boxes, other.boxes)


def test_boxes_cut_and_mirror(prepared: Path) -> None:
    images = tf.constant(open_prepared(prepared).pixels([0, 1]), tf.float32)
    whole, mirrored = [0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, 0.0]
    cut = varied(images, np.array([whole, mirrored], np.float32), Augmentation(mirror=True), SIDE)
    assert np.allclose(cut[0], images[0], atol=1e-2)
    assert np.allclose(cut[1], images[1, :, ::-1], atol=1e-2)


def test_smaller_squares(prepared: Path) -> None:
    images = tf.constant(open_prepared(prepared).pixels([0, 1]), tf.float32)
    boxes = np.array([[0.0, 0.0, 0.5, 0.5]] * 2, np.float32)
    assert varied(images, boxes, Augmentation(side=128), 128).shape == (2, 128, 128, 3)


def test_the_first_steps_see_other_squares(prepared: Path) -> None:
    recipe = msgspec.structs.replace(
        taught.RECIPE,
        batch_size=5,
        epochs=3,
        augmentation=Augmentation(side=192, first_side=64, first_share=0.5),
    )
    batches = Plan(open_prepared(prepared), recipe, seed=0).batches(0, 12)
    assert [batch.side for batch in batches] == [64] * 6 + [192] * 6
    with pytest.raises(TypeError, match="side 100 is no multiple of 64"):
        msgspec.structs.replace(recipe, augmentation=Augmentation(first_side=100, first_share=0.5))


def test_colours_change_by_their_factors(prepared: Path) -> None:
    images = scaled(open_prepared(prepared).pixels([0, 1])) * 0.5
    every = Augmentation(brightness=0.5, contrast=0.5, saturation=0.5)

    def changed(*factors: float) -> np.ndarray:
        found: np.ndarray = coloured(images, np.array([factors] * 2, np.float32), every).numpy()
        return (found + 1) / 2

    same = (images.numpy() + 1) / 2
    assert np.allclose(changed(1, 1, 1), same, atol=1e-5)
    assert np.allclose(changed(0.5, 1, 1), same * 0.5, atol=1e-5)
    mean = (same @ [0.299, 0.587, 0.114]).mean(axis=(1, 2))[:, None, None, None]
    assert np.allclose(changed(1, 0.5, 1) - mean, (same - mean) / 2, atol=1e-5)
    grey = changed(1, 1, 0)
    assert np.ptp(grey, axis=3).max() < 1e-5
    assert np.allclose(grey[..., 0], same @ [0.299, 0.587, 0.114], atol=1e-5)
    assert changed(1.5, 1.5, 1.5).max() <= 1.0


def test_folders_come_up_as_often_as_the_recipe_says(prepared: Path) -> None:
    pictures = open_prepared(prepared)
    other = tuple(
        msgspec.structs.replace(place, path="more/" + place.path) for place in pictures.places[:4]
    )
    mixed = Pictures(pictures.folder, other + pictures.places[4:])
    name = pictures.places[0].path.split("/")[0]
    recipe = msgspec.structs.replace(VARYING, batch_size=8, repeats={"more": 3, name: 1})
    often = Plan(mixed, recipe, seed=1)
    assert often.steps_per_epoch == (4 * 3 + 20) // 8
    shown = [pixels.tobytes() for batch in often.batches(0, 4) for pixels in batch.pixels]
    counts = [shown.count(pixels.tobytes()) for pixels in mixed.pixels(range(24))]
    assert counts == [3] * 4 + [1] * 20
    never = msgspec.structs.replace(VARYING, repeats={"more": 0, name: 0})
    with pytest.raises(TrainingError, match="nothing is left to show"):
        Plan(mixed, never, seed=1)


@pytest.mark.parametrize(
    ("step", "expected"), [(0, 0.1), (9, 1.0), (10, 1.0), (60, 0.5), (109, 0.0)]
)
def test_warmup_and_cosine(step: int, expected: float) -> None:
    schedule = {"shape": "cosine", "warmup": 10}
    recipe = msgspec.convert(
        {**msgspec.to_builtins(tutorial.RECIPE), "schedule": schedule, "learning_rate": 1.0},
        Recipe,
    )
    assert learning_rate(recipe, step, 110) == pytest.approx(expected, abs=1e-3)
