"""How long a start takes, where nobody else can be measured beside it."""

from pathlib import Path

import pytest

from benchmarks import startup
from benchmarks.options import Options
from benchmarks.results import OURS


def test_our_start_is_measured_and_why_theirs_is_not_is_told(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup, "why_absent", lambda name: f"{name} is not installed")
    ours, theirs = startup.run(Options(shipped, quick=True)).rows
    assert (ours.what, ours.how, ours.unit) == ("start to first answer", OURS, "s")
    assert ours.figure is not None
    assert 0 < ours.figure.median < 60
    assert theirs.figure is None
    assert theirs.note == "tensorflow is not installed"
