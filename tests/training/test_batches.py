"""A batch follows from seed and step alone."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from model.training.batches import Plan
from model.training.configuration import Augmentation, Recipe
from model.training.data import open_prepared
from model.training.recipes import tutorial
from model.training.runtime import tf
from model.training.steps import learning_rate, varied


def plan(prepared: Path, seed: int = 1) -> Plan:
    varying = Augmentation(mirror=True, smallest_crop=0.6)
    return Plan(open_prepared(prepared), size=5, seed=seed, augmentation=varying)


def test_going_on_sees_the_same_batches(prepared: Path) -> None:
    whole = list(plan(prepared).batches(0, 9))
    rest = list(plan(prepared).batches(3, 9))
    for one, other in zip(whole[3:], rest, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
        assert np.array_equal(one.boxes, other.boxes)


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
    cut = varied(images, np.array([whole, mirrored], np.float32), Augmentation(mirror=True))
    assert np.allclose(cut[0], images[0], atol=1e-2)
    assert np.allclose(cut[1], images[1, :, ::-1], atol=1e-2)


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
