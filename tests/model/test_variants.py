"""What is measured beside the search itself: by hand, and that no query helps itself."""

from pathlib import Path

import numpy as np
import pytest

from model.evaluation.metrics import search
from model.second_look import packed
from model.tuning import main
from model.variants import Neighbourhood, augmented, expanded, looked_again


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


@pytest.fixture(scope="module")
def gallery() -> np.ndarray:
    """Twelve pictures of each of four things, each thing along a curve that starts elsewhere."""
    chance = np.random.default_rng(5)
    starts, ways = chance.normal(size=(2, 4, 1, 16))
    along = np.linspace(0, 1.5, 12)[None, :, None]
    return unit((starts + along * ways + 0.8 * chance.normal(size=(4, 12, 16))).reshape(48, 16))


LABELS = np.repeat(np.array(list("abcd")), 12)


@pytest.mark.parametrize("power", [0.0, 3.0])
def test_a_query_is_expanded_with_its_nearest_but_not_itself(
    gallery: np.ndarray, power: float
) -> None:
    found = expanded(gallery, gallery, Neighbourhood(2, power))
    for row in (0, 17, 47):
        similarities = gallery @ gallery[row]
        similarities[row] = -1
        near = np.argsort(-similarities)[:2]
        wanted = gallery[row] + (similarities[near, None] ** power * gallery[near]).sum(axis=0)
        assert found[row] == pytest.approx(unit(wanted), abs=1e-5)


@pytest.mark.parametrize("count", [1, 3])
def test_the_gallery_is_augmented_as_if_the_query_was_not_in_it(
    gallery: np.ndarray, count: int
) -> None:
    found = augmented(gallery, Neighbourhood(count, 2.0))
    for query in (0, 17, 47):
        others = np.delete(gallery, query, axis=0)
        similarities = others @ others.T
        np.fill_diagonal(similarities, -1)
        for row in range(len(others)):
            near = np.argsort(-similarities[row])[:count]
            wanted = others[row] + (similarities[row, near, None] ** 2 * others[near]).sum(axis=0)
            place = row + (row >= query)
            assert found[query, place] == pytest.approx(unit(wanted) @ gallery[query], abs=1e-5)


def test_neighbours_help_where_things_vary(gallery: np.ndarray) -> None:
    by = Neighbourhood(3, 1.0)
    plain, *better = (
        search(similarities, LABELS).values["mAP"].mean()
        for similarities in (
            gallery @ gallery.T,
            expanded(gallery, gallery, by) @ gallery.T,
            augmented(gallery, by),
        )
    )
    assert min(better) > plain + 0.02


def test_few_pictures_have_few_neighbours(gallery: np.ndarray) -> None:
    by = Neighbourhood(5, 1.0)
    assert expanded(gallery[:3], gallery[:3], by).shape == (3, 16)
    assert augmented(gallery[:3], by).shape == (3, 3)


def test_a_second_look_leaves_the_query_out_and_only_adds(
    gallery: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.variants.LOOKED", 10)
    cells = packed(np.random.default_rng(6).normal(size=(48, 16, 64)).astype(np.float32))
    similarities = gallery @ gallery.T
    added = looked_again(similarities, cells, weight=2.0) - similarities
    assert (added.diagonal() == 0).all()
    assert added.min() >= 0
    for query, row in enumerate(added):
        nearest = [n for n in np.argsort(-similarities[query], kind="stable") if n != query][:10]
        assert set(np.flatnonzero(row)) <= set(nearest)
        assert np.count_nonzero(row) >= 8


def test_settings_are_measured_one_by_one(
    drawn: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(drawn), "--bundle", str(bundle), "--fewest", "6"]) == 0
    shown = capsys.readouterr().out
    assert "| the embedding alone |" in shown
    assert "| query expansion: k 3, power 1 |" in shown
    assert "| augmented gallery: k 10, power 0 |" in shown
    assert "| second look: weight 1, d 16 |" in shown
