"""`python -m benchmarks.soak`: a few seconds of what it does in an hour."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.machine import describe
from benchmarks.soak.changing import Changes
from benchmarks.soak.report import Soak, problems
from benchmarks.soak.traffic import Visitors
from benchmarks.soak.watching import Held
from tests.conftest import ROOT


def test_a_few_seconds_of_it_go_well_and_are_told(tmp_path: Path) -> None:
    options = ["--minutes", "0.1", "--pictures", "12", "--pause", "0", "--out", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.soak", *options],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    # So short a time says nothing of what is held; every answer counts.
    assert not [line for line in done.stderr.splitlines() if line.startswith("soak: wrong")]
    page = (tmp_path / "soak.md").read_text()
    assert done.stdout.strip() == page.strip()
    told = re.search(r"(\d+) requests, (\d+) generations of the gallery, (\d+) reloads", page)
    assert told
    assert all(int(count) > 1 for count in told.groups())
    assert "0 answers of 5xx, 0 wrong or missing" in page
    assert re.search(r"\| search \| \d+ of 200 \|", page)
    for name in ("soak.svg", "soak-2.svg"):
        assert f"({name})" in page
        ElementTree.fromstring((tmp_path / name).read_text())


def seen(*later: Held, wrong: str = "") -> list[str]:
    """Return what is wrong with a soak that held a little at first, and later so much."""
    visitors = Visitors(0, [b""], range(1), 1, 0)
    visitors.wrong += [wrong] if wrong else []
    changes = Changes.__new__(Changes)
    changes.failed = []
    points = [WARM._replace(at=12), *later]
    return problems(Soak(describe(), 60, 1, visitors, changes, points, (10, 30, 50), 0))


WARM = Held(10, 250, 100, 11)


def test_what_grows_and_what_was_wrong_is_told() -> None:
    fine = [WARM._replace(at=25), WARM._replace(at=45)]
    assert seen(*fine) == []
    assert seen(*fine, wrong="search: 500 no") == ["wrong: search: 500 no"]
    for grown, told in (({"megabytes": 300}, "300 MB"), ({"handles": 130}, "130 handles"),
                        ({"threads": 40}, "40 threads")):  # fmt: skip
        (found,) = seen(fine[0]._replace(**grown), fine[1])
        assert told in found
        assert "second part" in found
        (found,) = seen(fine[0], fine[1]._replace(**grown))
        assert "reloaded" in found
