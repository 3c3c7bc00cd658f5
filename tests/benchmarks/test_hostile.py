"""`python -m benchmarks.hostile`, on one kind of bad client."""

from pathlib import Path

import pytest

from benchmarks import hostile


def test_visitors_are_measured_beside_slow_bodies(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hostile.main(["--bundle", str(bundle), "--seconds", "1", "--only", "slow bodies"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "slow bodies" in line]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1] == "1,000"
    assert cells[3].endswith(" ms")
    assert cells[5] == "0"
