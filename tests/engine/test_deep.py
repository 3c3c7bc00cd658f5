"""Lists that are longer than Milvus answers at once, as those of a large gallery are."""

import numpy as np
import pytest

from model.bundle import Bundle
from model.ranking import Index, engine
from model.ranking.opening import open_index
from tests.engine.conftest import COUNT
from tests.engine.test_both import FILTERS, chosen, exact, queries


@pytest.fixture
def short(filled: str, many: Bundle, monkeypatch: pytest.MonkeyPatch) -> Index:
    """Return an index whose questions are answered with 128 matches at the most."""
    monkeypatch.setattr(engine, "_STEPS", (32, 128))
    return open_index(filled, many)


@pytest.mark.parametrize("address", [FILTERS[0], FILTERS[3], FILTERS[9]], ids=str)
def test_the_list_goes_on_to_its_end(
    short: Index, many: Bundle, address: dict[str, list[str]]
) -> None:
    among, query = chosen(short, address), queries(many)[0]
    expected = exact(many, query, among)
    found = short.search(query, limit=COUNT, among=among).rows.tolist()
    assert sorted(found) == sorted(expected)
    assert len(set(found[:300]) & set(expected[:300])) >= 0.98 * len(expected[:300])


def test_what_is_far_is_found_from_the_other_side(short: Index, many: Bundle) -> None:
    query = many.embeddings[40]
    expected = [row for row in exact(many, query, None) if row != 40]
    whole = short.whole(query, without=40)
    far = whole(limit=8, offset=COUNT - 9)
    assert len(set(far.rows.tolist()) & set(expected[-8:])) >= 7
    assert far.scores == pytest.approx(many.embeddings[far.rows] @ query, abs=1e-5)
    assert (np.diff(far.scores) <= 1e-6).all()
    further = whole(limit=8, offset=700)
    ranks = [expected.index(row) for row in further.rows.tolist()]
    assert min(ranks) >= 690
    assert max(ranks) <= 720
