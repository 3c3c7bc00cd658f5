"""A decoder that never ends or dies costs `index` one file, which is told."""

import os
import subprocess
import sys
from pathlib import Path

from model.bundle import open_bundle
from model.publishing import adopt_model
from tests import bad_decoders, drawing
from tests.bad_decoders import DIES, LOOPS, LOOPS_IN_C
from tests.conftest import ROOT


def test_a_run_goes_on_without_the_pictures_whose_decoders_hang_or_die(
    tmp_path: Path, shipped: Path
) -> None:
    folder, bundle = tmp_path / "pictures", tmp_path / "bundle"
    folder.mkdir()
    for seed in range(18):
        drawing.draw("arch", seed, (60, 40)).save(folder / f"good{seed:02}.png")
    for width in (LOOPS, LOOPS_IN_C, DIES):
        (folder / f"{width}.png").write_bytes(bad_decoders.picture(width))
        os.utime(folder / f"{width}.png", (1_600_000_000, 1_600_000_000))
    adopt_model(bundle, shipped)

    command = [sys.executable, "-m", "model", "index", str(folder), "--bundle", str(bundle)]
    env = os.environ | bad_decoders.environment(tmp_path)

    def index() -> "subprocess.CompletedProcess[str]":
        limits = ("--jobs", "2", "--seconds", "3")
        return subprocess.run(
            [*command, *limits], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )

    done = index()
    assert done.returncode == 3, done.stderr
    assert "18 new or changed, 3 unreadable" in done.stdout
    for width in (LOOPS, LOOPS_IN_C):
        assert f"{width}.png: The picture takes more than 3 seconds to decode." in done.stderr
    assert f"{DIES}.png: The picture cannot be decoded: something in it" in done.stderr
    assert open_bundle(bundle).gallery.count == 18

    # What did not end is not tried again as long as it is the same; with the good decoders it is
    # known all the same, and only what died is read.
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "1 new or changed, 18 unchanged, 2 unreadable" in again.stdout, again.stderr
