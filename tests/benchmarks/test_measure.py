"""The statistics, on numbers whose answer is known."""

import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks.contest import contest
from benchmarks.drawings import SIZES, fill, jpeg
from benchmarks.measure import interleaved, milliseconds, percentile, ratios, spread
from benchmarks.results import at_most
from benchmarks.synthetic import Spectrum
from benchmarks.tables import number
from benchmarks.worker import ChildFailed, Worker
from model.images import load


def test_spread() -> None:
    found = spread([5.0, 1.0, 9.0, 3.0])
    assert (found.median, found.low, found.high, found.runs) == (4.0, 1.0, 9.0, 4)


def test_ratios_are_taken_round_by_round() -> None:
    found = ratios([2.0, 40.0, 6.0], [1.0, 10.0, 2.0])
    assert (found.median, found.low, found.high) == (3.0, 2.0, 4.0)
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50.0), (0.99, 99.0), (0.991, 100.0), (1.0, 100.0), (0.0, 1.0)]
)
def test_percentile(share: float, expected: float) -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert percentile(values, share) == expected
    assert percentile([7.0], share) == 7.0


def test_interleaving_takes_turns_and_forgets_the_warming_rounds() -> None:
    order: list[str] = []

    def noted(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = interleaved({"a": lambda: noted("a"), "b": lambda: noted("b")}, 2, warm=1)
    assert order == ["a", "b"] * 3
    assert found == {"a": [3.0, 5.0], "b": [4.0, 6.0]}


def test_milliseconds_are_milliseconds() -> None:
    taken = milliseconds(lambda: time.sleep(0.02))()
    assert 20 <= taken < 2000


@pytest.mark.parametrize(("value", "met"), [(0.6, True), (0.61, False)])
def test_aims_include_their_limit(value: float, met: bool) -> None:
    assert at_most("start", value, 0.6, "s").met is met


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,234"), (150.0, "150"), (12.34, "12.3"), (1.2, "1.20"), (0.01234, "0.0123")],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_ours_is_measured_alone_when_the_other_fails() -> None:
    def fails() -> float:
        raise ChildFailed("it is broken")

    found = contest(lambda: 2.0, {"theirs": fails}, 3)
    assert found.ours == [2.0, 2.0, 2.0]
    assert not found.others
    assert found.failed == "it is broken"


def test_a_worker_that_ends_says_why() -> None:
    with (
        Worker("benchmarks.ranking_worker", "no such folder") as worker,
        pytest.raises(ChildFailed, match="no such folder"),
    ):
        worker.ask({"bytes": 1})


def test_pictures_are_the_same_every_time_and_have_their_size(tmp_path: Path) -> None:
    size = SIZES["256 px"]
    content = jpeg(size)
    assert content == jpeg.__wrapped__(size)
    assert load(content).pixels.std() > 20
    paths = fill(tmp_path, 18, (64, 48))
    assert len({path.read_bytes() for path in paths}) == 18
    assert {(load(path).width, load(path).height) for path in paths} == {(64, 48)}


def test_synthetic_embeddings_spread_as_the_real_ones() -> None:
    random = np.random.default_rng(0)
    axes = np.linalg.qr(random.normal(size=(8, 8)))[0]
    real = (random.normal(size=(3000, 8)) * [0.9, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]) @ axes
    real = (real / np.linalg.norm(real, axis=1, keepdims=True)).astype(np.float32)
    spectrum = Spectrum.measured(real)
    drawn = spectrum.draw(5000, seed=1)
    assert drawn.dtype == np.float32
    assert np.allclose(np.linalg.norm(drawn, axis=1), 1, atol=1e-6)
    along = (drawn @ axes.T.astype(np.float32)).std(axis=0)
    assert along[0] > 1.2 * along[1] > 1.2 * along[2:].max()
    assert np.array_equal(drawn, spectrum.draw(5000, seed=1))
    assert "3,000" in spectrum.source


def test_an_assumed_spectrum_falls() -> None:
    deviations = Spectrum.assumed(64).draw(4000, seed=1).std(axis=0)
    assert deviations[0] > 1.5 * deviations[30] > 1.5 * deviations[63]
