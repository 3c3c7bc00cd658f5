"""A second look in numbers: what counts as alike, and what becomes of an order."""

import numpy as np
import pytest

from model.ranking import Matches
from model.second_look import DIMENSIONS, LOOKED, SecondLook, likeness, packed


@pytest.fixture(scope="module")
def cells() -> np.ndarray:
    """300 pictures of 16 cells each, none like another."""
    chance = np.random.default_rng(1)
    return packed(chance.normal(size=(300, 16, 64)).astype(np.float32), 64)


def moved(cells: np.ndarray, along: int = 0, up: int = 0) -> np.ndarray:
    grid = cells.reshape(4, 4, -1)
    return np.roll(grid, (up, along), axis=(0, 1)).reshape(16, -1)


def test_the_same_is_wholly_alike_and_strangers_are_not(cells: np.ndarray) -> None:
    found = likeness(cells[7], cells)
    assert found[7] == pytest.approx(1, abs=0.02)
    assert np.delete(found, 7).max() < 0.2
    assert found.dtype == np.float32


def test_a_mirror_image_is_as_alike(cells: np.ndarray) -> None:
    mirrored = cells.reshape(-1, 4, 4, 64)[:, :, ::-1].reshape(-1, 16, 64)
    assert likeness(cells[7], mirrored)[7] == pytest.approx(1, abs=0.02)


def test_what_moved_is_alike_as_far_as_it_is_still_there(cells: np.ndarray) -> None:
    elsewhere = np.random.default_rng(2).permutation(16)
    found = likeness(
        cells[7], np.stack([moved(cells[7], 1), moved(cells[7], 0, 1), cells[7][elsewhere]])
    )
    assert found[:2] == pytest.approx(12 / 16, abs=0.05)  # a row or a column left the picture
    assert found[2] < 0.6


def test_one_cell_is_not_the_like_of_many() -> None:
    chance = np.random.default_rng(4)
    sky = chance.normal(size=64)
    cloudless = packed((sky + 0.3 * chance.normal(size=(16, 64))).astype(np.float32), 64)
    busy = chance.normal(size=(1, 16, 64))
    busy[0, 5] = sky
    assert likeness(cloudless, packed(busy.astype(np.float32), 64))[0] < 0.12


def test_what_has_no_direction_is_like_nothing(cells: np.ndarray) -> None:
    assert likeness(np.zeros((16, 64), np.int8), cells[:3]).tolist() == [0, 0, 0]


def matches(count: int) -> Matches:
    scores = np.linspace(0.9, 0.1, count, dtype=np.float32)
    return Matches(np.arange(count), 1 - scores, scores)


def test_only_the_nearest_are_ordered_anew(cells: np.ndarray) -> None:
    far, near = LOOKED + 20, LOOKED - 20
    gallery = cells.copy()
    gallery[far] = gallery[near] = gallery[299]
    found = SecondLook(gallery).again(matches(150), gallery[299])
    assert found.rows[0] == near
    assert found.rows[far] == far
    assert sorted(found.rows) == list(range(150))
    assert (np.diff(found.scores) <= 0).all()
    assert (found.distances == matches(150).distances[found.rows]).all()
    assert SecondLook(gallery).again(matches(0), gallery[299]).rows.size == 0


def test_without_weight_nothing_changes(cells: np.ndarray) -> None:
    found = SecondLook(cells, weight=0).again(matches(150), cells[149])
    assert (found.rows == np.arange(150)).all()


@pytest.mark.parametrize("axes", [200, DIMENSIONS, 5])
def test_directions_are_kept_in_eight_bits(axes: int) -> None:
    values = np.random.default_rng(3).normal(size=(5, 16, axes)).astype(np.float32)
    found = packed(values * np.float32(1e-3))
    assert found.shape == (5, 16, min(axes, DIMENSIONS))
    assert found.dtype == np.int8
    assert (found == packed(values)).all()
    kept = values[..., :DIMENSIONS]
    cosines = (found * kept).sum(-1) / np.linalg.norm(kept, axis=-1) / 127
    assert cosines == pytest.approx(np.ones((5, 16)), abs=0.02)
