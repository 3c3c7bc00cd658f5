"""`python -m benchmarks.calibration`: what it fits, what it prints, and what it publishes."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from benchmarks.calibration import chart, fitting, measuring, publishing, tables
from benchmarks.calibration.kinds import KINDS
from benchmarks.marks import between
from benchmarks.quality.publishing import FIGURES
from model.bundle import read_manifest
from model.calibration import RARITIES, Calibration
from tests.conftest import ROOT


def test_it_prints_the_rates_of_kinds_that_did_not_fit(calibrated: Path) -> None:
    printed = (calibrated.parent / "printed.md").read_text()
    assert "| arch bridges " in printed
    assert "| coarse noise " in printed
    assert "40 of anything" in printed
    section = printed.split("## How often nothing is said")[1].split("##")[0]
    assert "fine noise" not in section
    assert "under 192 px" in printed


def test_what_it_fits_is_in_the_bundle_and_its_rates_are_on_the_card(calibrated: Path) -> None:
    manifest = read_manifest(calibrated)
    kept = Calibration.load(calibrated / manifest.files["calibration"].name)
    lengths = np.linalg.norm(kept.centres, axis=1)
    assert lengths == pytest.approx(np.ones(len(lengths)), abs=1e-5)
    assert list(kept.distinct) == sorted(kept.distinct)
    measures = manifest.model.measures
    assert 0 <= measures["nothing wrongly"] < measures["nothing rightly"] <= 1
    assert measures["nothing wrongly_of"] == 16


def test_a_folder_without_any_of_its_folders_is_a_sentence(
    calibrated: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "benchmarks.calibration", str(tmp_path)]
    command += ["--bundle", str(calibrated)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "has none of the folders of benchmarks/calibration/kinds.py" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_published_shares_no_folder_with_what_fits() -> None:
    used: dict[str, list[str]] = {"general": [], "like": [], "found": [], "nothing": []}
    for kind in KINDS:
        used[kind.use] += kind.folders
    fits, published = used["general"] + used["like"], used["found"] + used["nothing"]
    assert not set(fits) & set(published)
    assert len(fits) == len(set(fits))
    assert len(published) == len(set(published))


def test_the_tail_of_a_known_distribution_is_found_again() -> None:
    chance = np.random.default_rng(0)
    for shape, scale in ((-0.2, 1.0), (0.25, 2.0)):
        drawn = scale / shape * (chance.random(200_000) ** -shape - 1)
        found = fitting.pareto(np.sort(drawn))
        assert found == pytest.approx((shape, scale), abs=0.02)
    drawn = chance.exponential(size=1_000_000)
    curve = dict(zip(RARITIES, fitting.curve(drawn), strict=True))
    for rarity in (2, 30, 1_000, 10_000):
        assert curve[rarity] == pytest.approx(np.log(rarity), rel=0.02)


def test_at_most_one_in_twenty_is_lost_even_when_others_are_drawn() -> None:
    chance = np.random.default_rng(0)
    lost = [np.mean(chance.normal(size=400) < fitting.cautious(chance.normal(size=400)))
            for _ in range(400)]  # fmt: skip
    assert 0.02 < np.mean(lost) < 0.05
    assert np.mean(np.array(lost) > 0.06) < 0.1


def test_centres_lie_where_embeddings_do() -> None:
    chance = np.random.default_rng(0)
    axes = np.eye(80, dtype=np.float32)[np.arange(800) % 80]
    cloud = axes + 0.02 * chance.normal(size=axes.shape).astype(np.float32)
    cloud /= np.linalg.norm(cloud, axis=1, keepdims=True)
    nearest = (cloud @ fitting.centres(cloud).T).max(axis=1)
    assert np.mean(nearest > 0.98) > 0.4
    assert nearest.min() >= -1


@pytest.mark.parametrize(("hits", "low", "high"), [(0, 0.0, 0.161), (5, 0.112, 0.469)])
def test_intervals_are_those_of_wilson(hits: int, low: float, high: float) -> None:
    assert measuring.wilson(hits, 20) == pytest.approx((low, high), abs=0.001)


def test_what_is_published_is_what_was_measured_last() -> None:
    report = publishing.read()
    assert tables.markdown(report) == (FIGURES / "calibration.md").read_text()
    assert chart.draw(report.rates) == (FIGURES / tables.CHART).read_text()
    told = between(ROOT / "README.md", publishing.README_MARK)
    assert told.strip() == tables.summary(report).strip()
    words = "".join(ET.parse(FIGURES / tables.CHART).getroot().itertext())
    for rate in report.rates:
        assert rate.small or f"{rate.kind}: {100 * rate.said:.0f} %" in words


def test_the_bundle_that_ships_has_the_calibration_that_is_published(shipped: Path) -> None:
    report, manifest = publishing.read(), read_manifest(shipped)
    again = "python -m benchmarks.calibration PHOTOS --publish"
    assert "calibration" in manifest.files, again
    assert report.checkpoint == manifest.model.checkpoint_sha256, again
    kept = Calibration.load(shipped / manifest.files["calibration"].name)
    assert kept.distinct == report.distinct, again
    told = publishing.measures(report)
    assert told == {name: manifest.model.measures[name] for name in told}
    json.loads((FIGURES / "calibration.json").read_bytes())
