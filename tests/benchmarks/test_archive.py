"""`python -m benchmarks.archive`: an archive's layout is indexed, watched, and drawn."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import archive
from benchmarks.curve import Curve, draw


def test_a_small_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(archive, "_SIDE", 2048)
    monkeypatch.setattr(archive, "_SCANS", 2)
    monkeypatch.setattr(archive, "ROOT", tmp_path)
    (tmp_path / "docs" / "figures").mkdir(parents=True)
    assert archive.main(["--folders", "20", "--publish"]) == 0
    outcome, told = capsys.readouterr().out.splitlines()
    # 20 folders with two pictures, two copies, one torn, one that is none, two scans.
    assert "42 new or changed, 2 the same as another, 2 unreadable" in outcome
    assert told.startswith("46 files in 20 folders, 2 scans of 4 megapixels")
    drawn = (tmp_path / "docs" / "figures" / "archive.svg").read_text()
    assert told in drawn
    ElementTree.fromstring(drawn)


def test_a_curve_keeps_to_its_scale() -> None:
    drawn = draw(Curve("Memory", "MB", [(0.0, 0.0), (30.0, 120.0), (60.0, 60.0)], "It rose."))
    root = ElementTree.fromstring(drawn)
    (line,) = root.iter("{http://www.w3.org/2000/svg}polyline")
    places = [tuple(map(float, place.split(","))) for place in line.attrib["points"].split()]
    heights = [300 - y for _, y in places]
    assert heights[0] == 0
    assert heights[1] == pytest.approx(2 * heights[2])
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert places[1][0] - places[0][0] == pytest.approx(places[2][0] - places[1][0])
