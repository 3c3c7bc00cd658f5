"""`make evaluate` writes down what it found, wherever that is shown."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from benchmarks.marks import between, replace
from benchmarks.quality.publishing import GALLERY, SUMMARY
from model.bundle import read_manifest
from tests import drawing
from tests.conftest import ROOT, shell

PAGES = (
    "README.md",
    "gallery/README.md",
    "docs/figures/quality.json",
    "docs/figures/quality.md",
    "docs/figures/dimensions.svg",
    "docs/figures/reconstructions.webp",
    "docs/figures/worst.json",
    "model/bundle/manifest.json",
)
AGAIN = ".venv/train/bin/python -m benchmarks.quality --publish --bundle model/bundle"


@pytest.fixture
def pages(checkout: Path) -> Iterator[Path]:
    """Return the copy of the repository, whose pages are afterwards as they were."""
    before = {name: (checkout / name).read_bytes() for name in PAGES}
    yield checkout
    for name, content in before.items():
        (checkout / name).write_bytes(content)


def test_the_pages_are_written_again_from_the_figures(pages: Path) -> None:
    replace(pages / "README.md", SUMMARY, "nothing\n")
    replace(pages / "gallery" / "README.md", GALLERY.format(label="type"), "nothing\n")
    (pages / "docs" / "figures" / "quality.md").unlink()
    done = shell(AGAIN, pages)
    assert done.returncode == 0, done.stderr
    for name in PAGES[:5]:
        assert (pages / name).read_bytes() == (ROOT / name).read_bytes(), name


def test_what_was_measured_stands_on_every_page(pages: Path) -> None:
    drawing.fill(pages / "build" / "more", each=5)
    more = f"--publish --dimensions 8,64 --worst 2 --fewest 4 --also again={pages}/model/bundle"
    done = shell("make evaluate PHOTOS='build/more folder'", pages, ARGS=more)
    assert done.returncode == 0, done.stderr
    report = json.loads((pages / "docs" / "figures" / "quality.json").read_text())
    assert [each["name"] for each in report["sets"]] == ["more", "folder"]
    assert [each["queries"] for each in report["sets"]] == [20, 24]
    check_costs(report)
    readme = between(pages / "README.md", SUMMARY)
    ours = next(row for row in report["sets"][0]["rows"] if row["method"] == "this bundle")
    figure = ours["figures"]["mAP"]
    told = f"{figure['value']:.3f} ({figure['low']:.2f} to {figure['high']:.2f})"
    assert told in next(line for line in readme.splitlines() if "**this bundle**" in line)
    assert f"more {ours['figures']['PSNR']['value']:.1f} dB" in readme
    card = read_manifest(pages / "model" / "bundle").model
    methods = [row.method for row in card.compared]
    assert methods[0] == "this bundle"
    assert "again" in methods
    assert card.compared[0].figures["more mAP"].value == figure["value"]
    check_pictures(pages / "docs" / "figures")
    check_reasons(pages, done, [weak["name"] for weak in report["worst"]])
    check_costs_anew(pages, f"--also again={pages}/model/bundle")


def check_costs(report: dict[str, Any]) -> None:
    costs = {cost["method"]: cost for cost in report["costs"]}
    assert costs["this bundle"]["bytes"] == 4 * 256
    assert costs["this bundle"]["weights"] > 1_000_000
    assert costs["HOG"]["weights"] == 0
    for cost in costs.values():
        times = cost["milliseconds"]
        assert 0 < times["low"] <= times["median"] <= times["high"]


def check_costs_anew(checkout: Path, others: str) -> None:
    path = checkout / "docs" / "figures" / "quality.json"
    before = json.loads(path.read_text())
    refused = shell(f"{AGAIN} --costs", checkout)
    assert refused.returncode == 1
    assert "Not among what is measured now: again." in refused.stderr
    assert shell(f"{AGAIN} --costs {others}", checkout).returncode == 0
    after = json.loads(path.read_text())
    assert after["sets"] == before["sets"]
    assert after["costs"] != before["costs"]
    check_costs(after)


def check_pictures(figures: Path) -> None:
    words = "".join(ET.parse(figures / "dimensions.svg").getroot().itertext())
    assert "more, 8 numbers: 0." in words
    assert re.search(r"folder, 64 numbers: [01]\.\d{3}", words)
    with Image.open(figures / "reconstructions.webp") as image:
        assert image.width > 3 * image.height - 3 * 8


def check_reasons(
    checkout: Path, done: "subprocess.CompletedProcess[str]", worst: list[str]
) -> None:
    assert len(worst) == 2
    for name in worst:
        assert f"worst.json has no reason for {name}." in done.stderr
    reasons = {name: f"Reason {number}." for number, name in enumerate(worst)}
    (checkout / "docs" / "figures" / "worst.json").write_text(json.dumps(reasons))
    again = shell(AGAIN, checkout)
    assert "has no reason" not in again.stderr
    assert "came first. Reason 1." in (checkout / "docs" / "figures" / "quality.md").read_text()
    card = read_manifest(checkout / "model" / "bundle").model
    assert [weak.reason for weak in card.worst] == ["Reason 0.", "Reason 1."]


def test_a_folder_with_a_space_in_its_name_is_one_folder(checkout: Path) -> None:
    drawing.fill(checkout / "build" / "my photos", each=5)
    done = shell("make evaluate PHOTOS='build/my photos'", checkout)
    assert "| this bundle | 20 |" in done.stdout, done.stderr


def test_figures_of_another_model_are_not_published(pages: Path) -> None:
    manifest = pages / "model" / "bundle" / "manifest.json"
    written = manifest.read_text()
    sha = json.loads(written)["model"]["checkpoint_sha256"]
    manifest.write_text(written.replace(sha, "0" * 64))
    done = shell(AGAIN, pages)
    assert done.returncode == 1
    assert "holds another model than the one that was measured" in done.stderr
