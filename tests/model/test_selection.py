"""Ranking among a selection is ranking everything and leaving the others out, with any sketch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.ranking import Ranking
from model.selection import Selection
from model.sketch import Sketch

COUNT = 30_000


def _unit(rows: np.ndarray) -> np.ndarray:
    unit: np.ndarray = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    return unit


def _embeddings() -> np.ndarray:
    """Return embeddings whose spectrum falls as that of pictures does, with some copies."""
    deviations = np.arange(1, 65) ** -0.8
    rows = np.random.default_rng(4).normal(size=(COUNT, 64)) * deviations
    rows[5::1000] = rows[5]
    return _unit(rows)


EMBEDDINGS = _embeddings()
SKETCHED, WHOLE = Ranking(EMBEDDINGS, Sketch.of(EMBEDDINGS)), Ranking(EMBEDDINGS)


def by_hand(query: np.ndarray, among: Selection, without: int | None) -> list[int]:
    """Return all matches: sort everything, and go through it."""
    found, met = [], set()
    for row in np.argsort(-WHOLE.scores(query), kind="stable").tolist():
        group = row if among.groups is None else int(among.groups[row])
        if among.allowed[row] and row != without and group not in met:
            found.append(row)
            met.add(group)
    return found


@settings(derandomize=True, database=None, deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    share=st.sampled_from([0, 0.0002, 0.01, 0.2, 0.6, 1]),
    near=st.booleans(),
    groups=st.sampled_from([0, 1, 40, 5_000, COUNT]),
    place=st.tuples(st.sampled_from([0, 1, 24, 500]), st.sampled_from([1, 24, 100])),
    sketched=st.booleans(),
)
def test_no_match_is_lost(
    seed: int, share: float, near: bool, groups: int, place: tuple[int, int], *, sketched: bool
) -> None:
    chance = np.random.default_rng(seed)
    row = int(chance.integers(COUNT))
    query = EMBEDDINGS[row]
    allowed = chance.random(COUNT) < share
    if not near:  # only what is far from the query may be found
        allowed &= WHOLE.scores(query) < 0.2
    codes = chance.integers(0, groups, COUNT).astype(np.int32) if groups else None
    among = Selection(allowed, codes)
    without = row if seed % 2 else None
    offset, limit = place
    ranking = SKETCHED if sketched else WHOLE
    found = ranking.search(query, limit=limit, offset=offset, without=without, among=among)
    expected = by_hand(query, among, without)
    assert found.rows.tolist() == expected[offset : offset + limit]
    assert found.scores.tolist() == WHOLE.scores(query)[found.rows].tolist()
    assert among.without(without).count == len(expected)


@pytest.mark.parametrize("groups", [None, (np.arange(COUNT) // 4).astype(np.int32)])
def test_most_searches_among_many_read_a_part_of_them(groups: np.ndarray | None) -> None:
    whole = 0

    class Watched(Ranking):
        def scores(self, query: np.ndarray) -> np.ndarray:
            nonlocal whole
            whole += 1
            return super().scores(query)

    ranking = Watched(EMBEDDINGS, Sketch.of(EMBEDDINGS))
    among = Selection(np.arange(COUNT) % 5 > 0, groups)
    for query in EMBEDDINGS[:20]:
        assert ranking.search(query, limit=12, among=among).rows.size == 12
    assert whole <= 10


def test_the_gallery_in_its_own_order_shows_the_first_of_each_group() -> None:
    groups = np.array([0, 1, 0, 2, 1, 2], np.int32)
    allowed = np.array([False, True, True, True, True, True])
    assert Selection(allowed, groups).wanted.tolist() == [1, 2, 3]
    assert Selection(allowed).wanted.tolist() == [1, 2, 3, 4, 5]
    assert Selection(np.zeros(6, np.bool_), groups).count == 0
