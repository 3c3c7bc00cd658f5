"""`python -m benchmarks` from outside: table, figures and charts tell the same."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import ROOT

SVG = "{http://www.w3.org/2000/svg}"


def bench(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks", *arguments]
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    return subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> tuple[Path, str]:
    """Rank, quickly; return the folder of the results and what was printed."""
    out = tmp_path_factory.mktemp("figures")
    done = bench("--quick", "--only", "ranking", "--bundle", str(bundle), "--out", str(out))
    assert done.returncode == 0, done.stderr
    return out, done.stdout


@pytest.fixture(scope="module")
def report(ran: tuple[Path, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ran[0] / "benchmarks.json").read_text())
    return found


def cells(table: str) -> list[list[str]]:
    """Return the cells of every row of every Markdown table."""
    lines = (line for line in table.splitlines() if line.startswith("|"))
    return [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines]


def test_the_figures_name_the_machine_and_the_subject(report: dict[str, Any]) -> None:
    assert report["quick"]
    assert report["machine"]["cores"] >= 1
    assert report["machine"]["python"].startswith("3.")
    assert [section["name"] for section in report["sections"]] == ["ranking"]


def test_ranking_is_compared_with_what_people_would_write(report: dict[str, Any]) -> None:
    rows = report["sections"][0]["rows"]
    hows = {row["how"] for row in rows}
    assert {"imagesearch", "norm(X - q), argsort", "FAISS IndexFlatIP", "read once"} <= hows
    sizes = {row["what"] for row in rows}
    for size in sizes:
        ours = [row for row in rows if row["what"] == size and row["how"] == "imagesearch"]
        assert all(row["note"].startswith("recall ") for row in ours)


def test_a_figure_lies_between_its_lowest_and_highest(report: dict[str, Any]) -> None:
    measured = [row["figure"] for row in report["sections"][0]["rows"] if row["figure"]]
    assert measured
    for figure in measured:
        assert 0 < figure["low"] <= figure["median"] <= figure["high"]
        assert figure["runs"] > 1


def test_the_table_shows_every_row_of_the_figures(
    ran: tuple[Path, str], report: dict[str, Any]
) -> None:
    out, printed = ran
    assert printed.strip() == (out / "benchmarks.md").read_text().strip()
    shown = {(line[0], line[1], line[4]) for line in cells(printed) if len(line) == 8}
    rows = report["sections"][0]["rows"]
    assert {(row["what"], row["how"], row["unit"]) for row in rows} <= shown
    assert "synthetic" in printed


def test_charts_are_well_formed_and_tell_themselves_in_words(
    ran: tuple[Path, str], report: dict[str, Any]
) -> None:
    for path in linked(ran):
        root = ET.parse(path).getroot()
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        title, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None
        assert told is not None
        assert root.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
        whats = {row["what"] for row in report["sections"][0]["rows"]}
        assert all(what in (told.text or "") for what in whats)


def test_charts_have_both_themes_and_stay_inside_their_frame(ran: tuple[Path, str]) -> None:
    for path in linked(ran):
        assert "prefers-color-scheme: dark" in path.read_text()
        root = ET.parse(path).getroot()
        width, height = float(root.attrib["width"]), float(root.attrib["height"])
        for part in root.iter(f"{SVG}rect"):
            right = float(part.get("x", "0")) + float(part.attrib["width"])
            bottom = float(part.get("y", "0")) + float(part.attrib["height"])
            assert right <= width
            assert bottom <= height


def linked(ran: tuple[Path, str]) -> list[Path]:
    """Return the charts that the table links to; each is there."""
    out, printed = ran
    names = [line.split("](")[1].rstrip(")") for line in printed.splitlines() if "](" in line]
    assert names
    assert {path.name for path in out.glob("*.svg")} == set(names)
    return [out / name for name in names]


def test_a_bundle_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    done = bench("--quick", "--only", "ranking", "--bundle", str(tmp_path / "none"))
    assert done.returncode == 1
    assert "To mend it:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_subject_is_refused() -> None:
    done = bench("--only", "nonsense")
    assert done.returncode == 2
    assert "nonsense" in done.stderr
