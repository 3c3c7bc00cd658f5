"""Both indexes answer alike: to the same questions, with the same filters, page by page."""

from collections.abc import Sequence

import numpy as np
import pytest
from werkzeug.datastructures import MultiDict

from app.filters import Filters
from model.bundle import Bundle
from model.filters import selection
from model.ranking import Index, Matches
from model.selection import Selection
from tests.engine.conftest import COPIES, COUNT, ODD

LIMIT = 24
FILTERS = [
    {},
    {"where": ["setting:rail"]},
    {"where": ["setting:sea", "rare:yes"]},
    {"where": ["setting:sea", "setting:river"]},
    {"tag": ["one of 7"]},
    {"tag": [ODD], "from": ["2015"]},
    {"from": ["2012-03"], "to": ["2013"]},
    {"tag": ["every"]},
    {"per_group": ["1"]},
    {"per_group": ["1"], "where": ["setting:road"]},
    {"where": ["rare:yes"]},
]


def queries(many: Bundle) -> np.ndarray:
    """Return pictures of the gallery, each a little changed."""
    rows = np.random.default_rng(2).choice(COUNT, 12, replace=False)
    near = many.embeddings[rows] + 0.02 * np.random.default_rng(3).normal(
        size=(12, many.embeddings.shape[1])
    )
    unit: np.ndarray = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
    return unit


def chosen(index: Index, address: dict[str, list[str]]) -> Selection | None:
    """Return what the arguments of an address choose."""
    return selection(index.filters, Filters.from_args(MultiDict(address)))


def exact(many: Bundle, query: np.ndarray, among: Selection | None) -> list[int]:
    """Return all matches: sort everything, and go through it."""
    found, met = [], set()
    for row in np.argsort(-(many.embeddings @ query), kind="stable").tolist():
        group = row if among is None or among.groups is None else int(among.groups[row])
        if (among is None or among.allowed[row]) and group not in met:
            found.append(row)
            met.add(group)
    return found


@pytest.mark.parametrize("address", FILTERS, ids=str)
def test_what_is_nearest_is_found(
    index: Index, many: Bundle, address: dict[str, list[str]]
) -> None:
    among, hits, wanted = chosen(index, address), 0, 0
    for query in queries(many):
        expected = exact(many, query, among)
        found = index.search(query, limit=LIMIT, among=among)
        assert len(found.rows) == min(LIMIT, len(expected))
        assert among is None or among.allowed[found.rows].all()
        assert found.scores == pytest.approx(many.embeddings[found.rows] @ query, abs=1e-5)
        assert found.distances == pytest.approx(1 - found.scores, abs=1e-5)
        assert (np.diff(found.scores) <= 1e-6).all()
        hits += len(set(found.rows.tolist()) & set(expected[:LIMIT]))
        wanted += len(found.rows)
    assert hits >= 0.99 * wanted > 0


@pytest.mark.parametrize("address", [FILTERS[0], FILTERS[3], FILTERS[9]], ids=str)
def test_all_pages_together_are_every_match_once(
    index: Index, many: Bundle, address: dict[str, list[str]]
) -> None:
    among, query = chosen(index, address), queries(many)[0]
    expected = exact(many, query, among)
    offsets = [*range(0, 5 * LIMIT, LIMIT), 500, len(expected) - 10]
    pages = [
        index.search(query, limit=LIMIT, offset=offset, among=among).rows for offset in offsets
    ]
    whole = index.search(query, limit=COUNT, among=among).rows.tolist()
    assert sorted(whole) == sorted(expected)
    for offset, page in zip(offsets, pages, strict=True):
        # One that was passed over moves all that follow by one.
        assert set(page.tolist()) <= set(expected[max(0, offset - 3) : offset + LIMIT + 3])
    first = np.concatenate(pages[:5]).tolist()
    assert len(set(first)) == len(first) == 5 * LIMIT
    assert len(pages[-1]) == 10
    assert index.search(query, limit=LIMIT, offset=len(expected), among=among).rows.size == 0


def test_copies_keep_the_order_of_the_gallery(index: Index, many: Bundle) -> None:
    query = many.embeddings[COPIES[0]]
    assert index.search(query, limit=len(COPIES)).rows.tolist() == list(COPIES)
    pages = [index.search(query, limit=2, offset=offset).rows for offset in (0, 2)]
    assert np.concatenate(pages).tolist() == list(COPIES)[:4]


def test_a_picture_is_not_among_its_own_matches(index: Index, many: Bundle) -> None:
    among = chosen(index, {"where": ["setting:sea"]})
    for row in (2, 5, COPIES[1]):
        found = index.search(index.embedding(row), limit=LIMIT, without=row).rows.tolist()
        assert row not in found
        assert len(found) == LIMIT
    found = index.search(index.embedding(2), limit=LIMIT, without=2, among=among).rows.tolist()
    expected = exact(many, many.embeddings[2], among)
    assert len(set(found) & set(expected[1 : LIMIT + 1])) >= LIMIT - 1


def test_what_it_holds_is_what_the_bundle_holds(index: Index, many: Bundle) -> None:
    assert index.count == COUNT
    rows: Sequence[int] = [17, 3, 1499]
    assert (index.vectors(rows) == many.embeddings[rows]).all()
    query = queries(many)[1]
    assert (index.sample(query) == np.vecdot(many.embeddings, query)).all()
    assert list(index.filters.words) == ["setting", "rare"]


@pytest.mark.parametrize("place", [range(12), range(146, 154), range(COUNT - 9, COUNT - 1)])
def test_near_further_and_far_are_parts_of_one_list(
    index: Index, many: Bundle, place: range
) -> None:
    query = many.embeddings[40]
    found: Matches = index.whole(query, without=40)(limit=len(place), offset=place.start)
    expected = [row for row in exact(many, query, None) if row != 40][place.start : place.stop]
    assert len(set(found.rows.tolist()) & set(expected)) >= len(place) - 1
    assert (np.diff(found.scores) <= 1e-6).all()
