"""`python -m benchmarks.copies` finds the copies of a folder, and counts what each way misses."""

import subprocess
import sys
from pathlib import Path

from tests import copying
from tests.conftest import ROOT


def test_rates_and_pairs_are_told(tmp_path: Path, shipped: Path) -> None:
    folder = copying.fill(tmp_path / "archive")
    told = run(str(folder), "--bundle", str(shipped), "--changed", "1")
    rows = {line.split("|")[1].strip(): line.split("|")[2:] for line in told if line[:1] == "|"}
    assert [cell.strip() for cell in rows["archive: JPEG, quality 75"]][:2] == ["1", "0"]
    assert rows["archive: all"][0].strip() == "55"  # of eleven files
    assert "- `bridge.png`, `mail.jpg`" in told
    assert not [line for line in told if "lone.png" in line]


def test_speed_is_told() -> None:
    told = run("--speed", "2000")
    assert told[-1].split("|")[1:3] == [" 2,000 ", " 20 "]


def run(*arguments: str) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.copies", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()
