"""Ranking is exact: it agrees with sorting everything, ties and pages included."""

import numpy as np
import pytest

from model import sketch
from model.ranking import Item, Ranking
from model.ranking.embedded import Listed
from model.sketch import Sketch


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


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    """30,000 embeddings whose spectrum falls as that of pictures does."""
    chance = np.random.default_rng(4)
    deviations = (np.arange(1, 65) ** -0.8).astype(np.float32)
    return _unit(chance.normal(size=(30_000, 64)).astype(np.float32) * deviations)


def _unit(rows: np.ndarray) -> np.ndarray:
    unit: np.ndarray = rows / np.linalg.norm(rows, axis=-1, keepdims=True)
    return unit


def _queries(many: np.ndarray) -> np.ndarray:
    near = many[:20] + 0.05 * np.random.default_rng(5).normal(size=(20, 64))
    strange = np.random.default_rng(6).normal(size=(20, 64))
    return np.concatenate([many[20:40], _unit(near), _unit(strange)]).astype(np.float32)


def test_a_sketch_finds_what_reading_everything_finds(many: np.ndarray) -> None:
    sketched, whole = Ranking(many, Sketch.of(many)), Ranking(many)
    for query in _queries(many):
        for offset in (0, 24):
            found = sketched.search(query, limit=24, offset=offset)
            expected = whole.search(query, limit=24, offset=offset)
            assert (found.rows == expected.rows).all()
            assert (found.distances == expected.distances).all()


def test_most_searches_read_a_part_of_a_sketched_gallery(many: np.ndarray) -> None:
    whole = 0

    class Watched(Ranking):
        def scores(self, query: np.ndarray) -> np.ndarray:
            nonlocal whole
            whole += 1
            return super().scores(query)

    ranking = Watched(many, Sketch.of(many))
    for query in many[:40]:
        assert ranking.search(query, limit=24).rows.size == 24
    assert whole <= 20


def test_a_rare_kind_of_picture_is_not_passed_over(many: np.ndarray) -> None:
    embeddings = many.copy()
    rare = np.random.default_rng(7).choice(len(many), 30, replace=False)
    embeddings[rare] = _unit(0.2 * many[rare] + np.eye(64, dtype=np.float32)[-1])
    ranking = Ranking(embeddings, Sketch.of(many))
    for row in rare[:10]:
        assert set(ranking.search(embeddings[row], limit=30).rows) == set(rare)


def test_copies_keep_their_order_in_a_sketched_gallery_too(many: np.ndarray) -> None:
    embeddings = many.copy()
    copies = np.arange(100, 30_000, 997)
    embeddings[copies] = many[7]
    embeddings[7] = many[8]
    ranking = Ranking(embeddings, Sketch.of(embeddings))
    assert (ranking.search(many[7], limit=len(copies)).rows == copies).all()
    pages = [ranking.search(many[7], limit=5, offset=at).rows for at in range(0, 30, 5)]
    assert (np.concatenate(pages) == copies[:30]).all()


def test_a_row_that_is_not_wanted_is_left_out(many: np.ndarray) -> None:
    for ranking in (Ranking(many), Ranking(many, Sketch.of(many))):
        whole = ranking.search(many[5], limit=25)
        others = ranking.search(many[5], limit=24, without=5)
        assert whole.rows[0] == 5
        assert (others.rows == whole.rows[1:]).all()
    few = Ranking(many[:3])
    assert few.search(many[0], limit=9, without=0).rows.size == 2


def test_no_sketch_is_made_where_it_saves_nothing(many: np.ndarray) -> None:
    assert Sketch.of(many[: sketch.FEWEST - 1]) is None
    without_order = _unit(np.random.default_rng(8).normal(size=(20_000, 64))).astype(np.float32)
    assert Sketch.of(without_order) is None


def test_beyond_the_end_there_is_nothing(embeddings: np.ndarray) -> None:
    ranking = Ranking(embeddings)
    assert ranking.search(embeddings[0], limit=5, offset=500).rows.size == 0
    assert ranking.search(embeddings[0], limit=0).rows.size == 0
    assert Ranking(embeddings[:0]).search(embeddings[0], limit=5).rows.size == 0


def _named(embeddings: np.ndarray) -> Ranking:
    names = tuple(f"{row:012x}" for row in range(len(embeddings)))
    return Ranking(embeddings, Sketch.of(embeddings), Listed(names))


def test_pictures_are_added_and_removed(many: np.ndarray) -> None:
    before = _named(many[:20_000])
    added = [Item(f"{row:012x}", many[row]) for row in (*range(20_000, 25_000), 7)]
    after = before.remove([f"{row:012x}" for row in range(10, 60)]).add(added)
    rows = [row for row in range(20_000) if row not in {7, *range(10, 60)}]
    rows += [*range(20_000, 25_000), 7]
    assert after.identifiers == [f"{row:012x}" for row in rows]
    assert (after.embeddings == many[rows]).all()
    whole = Ranking(many[rows])
    for query in _queries(many)[::4]:
        assert (after.search(query, limit=24).rows == whole.search(query, limit=24).rows).all()
    # What was there is not touched: whoever reads it goes on.
    assert (before.count, after.count) == (20_000, 24_950)
    assert (before.embeddings == many[:20_000]).all()


def test_a_sketch_comes_and_goes_with_the_size(many: np.ndarray) -> None:
    few = _named(many[:16_000])
    assert few.sketch is None
    grown = few.add([Item(f"new {row}", many[row]) for row in range(16_000, 17_000)])
    assert grown.sketch is not None
    assert grown.sketch.count == 17_000
    assert grown.remove(f"new {row}" for row in range(16_000, 17_000)).sketch is None
    assert few.add([]).identifiers == few.identifiers
    nothing = few.remove(few.identifiers)
    assert nothing.search(many[0], limit=5).rows.size == nothing.count == 0


def test_any_part_of_the_whole_list_is_that_of_the_search(many: np.ndarray) -> None:
    embeddings = many[:2000].copy()
    embeddings[::9] = embeddings[4]
    ranking = Ranking(embeddings)
    for without in (None, 4):
        listing = ranking.whole(many[5], without=without)
        whole = ranking.search(many[5], limit=2000, without=without)
        for offset, limit in ((0, 24), (950, 8), (1990, 9), (1992, 30), (1000, 1000), (1999, 1)):
            part = listing(limit=limit, offset=offset)
            assert part.rows.tolist() == whole.rows[offset : offset + limit].tolist()
            assert part.scores.tolist() == whole.scores[offset : offset + limit].tolist()
