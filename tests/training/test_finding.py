"""Retrieval without labels: views find their picture where the encoder tells pictures apart."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.encoder import Encoded, Encoder
from model.training.data import Pictures, open_prepared
from model.training.finding import Found, find, gain, neighbours_kept, views
from model.training.verdict import judged


class Colours(Encoder):
    """Embeds the mean colour, or says the same of every picture."""

    def __init__(self, factor: float) -> None:
        self._factor = factor

    def encode(self, pixels: NDArray[np.uint8]) -> Encoded:
        means = pixels.mean(axis=(1, 2)).astype(np.float32) * self._factor
        vectors = np.concatenate([means, np.full((len(pixels), 1), 60, np.float32)], axis=1)
        return Encoded(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), vectors)


@pytest.fixture(scope="module")
def pictures(prepared: Path) -> Pictures:
    return open_prepared(prepared)


def test_views_are_eight_different_ones_and_the_same_every_time(pictures: Pictures) -> None:
    picture = pictures.pixels([0])[0]
    found = views(picture)
    assert found.shape == (8, 256, 256, 3)
    assert found.dtype == np.uint8
    assert np.array_equal(found, views(picture.copy()))
    for one in range(8):
        assert not np.array_equal(found[one], picture)
        assert all(not np.array_equal(found[one], found[other]) for other in range(one))
    grey = [np.ptp(view.astype(int), axis=2).max() == 0 for view in found]
    assert grey == [False] * 5 + [True] + [False] * 2


def test_ranks_are_those_of_counting(pictures: Pictures) -> None:
    encoder = Colours(1.0)
    found = find(encoder, pictures)
    stored = encoder.encode(pictures.pixels(range(24))).embedding
    for row in (0, 11, 23):
        queries = encoder.encode(views(pictures.pixels([row])[0])).embedding
        for query, rank in zip(queries, found.ranks[row], strict=True):
            order = np.argsort(-(stored @ query), kind="stable").tolist()
            assert rank == order.index(row) + 1
    assert found.first == np.mean(found.ranks == 1)
    assert 1 / 24 < found.first < found.precision < 1


def test_an_encoder_that_says_the_same_of_all_finds_none(pictures: Pictures) -> None:
    found = find(Colours(0.0), pictures)
    assert (found.ranks == 24).all()
    assert found.first == 0.0


def test_a_gain_is_told_from_chance() -> None:
    chance = np.random.default_rng(1)
    before = Found(chance.integers(1, 20, (200, 8)), np.eye(3, dtype=np.float32))
    other = Found(chance.integers(1, 20, (200, 8)), np.eye(3, dtype=np.float32))
    better = Found(np.maximum(before.ranks // 2, 1), np.eye(3, dtype=np.float32))
    assert gain(before, better).low > 0
    assert gain(before, other).low < 0 < gain(before, other).high
    assert gain(better, before).high < 0
    assert gain(before, better).mean == pytest.approx(better.precision - before.precision)


def found(ranks: int, seed: int = 0) -> Found:
    vectors = np.random.default_rng(seed).normal(size=(30, 8)).astype(np.float32)
    return Found(np.full((30, 8), ranks), vectors)


@pytest.mark.parametrize(
    ("after", "known_after", "adapted", "told"),
    [
        (1, 2, True, "The adapted encoder is better, and is kept"),
        (2, 2, False, "no better beyond chance"),
        (3, 1, False, "no better beyond chance"),
        (1, 3, False, "worse on what it knew"),
        (1, 1, True, "the bundle's own gallery, mAP 1.000, before 0.500"),
    ],
)
def test_the_better_is_kept(after: int, known_after: int, adapted: bool, told: str) -> None:
    decided = judged(found(2), found(after), (found(2), found(known_after)))
    assert decided.adapted is adapted
    assert told in decided.sentence
    assert decided.measures["own photos, after mAP"] == pytest.approx(1 / after)


def test_neighbours_that_stay_are_counted() -> None:
    assert neighbours_kept(found(1), found(1)) == 1.0
    assert 0.1 < neighbours_kept(found(1), found(1, seed=1)) < 0.6
    alone = Found(np.ones((1, 8), np.int64), np.ones((1, 4), np.float32))
    assert neighbours_kept(alone, alone) == 1.0
