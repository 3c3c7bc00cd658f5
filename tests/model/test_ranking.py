"""Ranking is exact: it agrees with sorting everything, ties and pages included."""

import numpy as np
import pytest

from model.ranking import Ranking


@pytest.fixture(scope="module")
def embeddings() -> np.ndarray:
    rows = np.random.default_rng(3).normal(size=(500, 16)).astype(np.float32)
    unit: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def test_it_agrees_with_sorting_everything(embeddings: np.ndarray) -> None:
    query = embeddings[42]
    expected = np.argsort(np.linalg.norm(embeddings - query, axis=1), kind="stable")
    matches = Ranking(embeddings).search(query, limit=500)
    assert matches.rows[0] == 42
    assert matches.distances[0] == pytest.approx(0, abs=1e-6)
    assert (matches.rows == expected).all()
    assert (np.diff(matches.distances) >= 0).all()


@pytest.mark.parametrize("limit", [1, 7, 24, 499, 500, 10_000])
def test_pages_put_together_are_the_whole_list(embeddings: np.ndarray, limit: int) -> None:
    ranking = Ranking(embeddings)
    whole = ranking.search(embeddings[0], limit=500).rows
    pages = [
        ranking.search(embeddings[0], limit=limit, offset=at).rows for at in range(0, 500, limit)
    ]
    assert (np.concatenate(pages) == whole).all()


def test_equal_pictures_keep_their_order() -> None:
    same = np.tile(np.array([[0.6, 0.8]], np.float32), (50, 1))
    for limit in (1, 10, 50):
        assert Ranking(same).search(same[0], limit=limit).rows.tolist() == list(range(limit))


def test_beyond_the_end_there_is_nothing(embeddings: np.ndarray) -> None:
    ranking = Ranking(embeddings)
    assert ranking.search(embeddings[0], limit=5, offset=500).rows.size == 0
    assert ranking.search(embeddings[0], limit=0).rows.size == 0
    assert Ranking(embeddings[:0]).search(embeddings[0], limit=5).rows.size == 0
