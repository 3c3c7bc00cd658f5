"""The fuzzers of `make fuzz` work, and find what there is: a short run of each."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from model import seeing
from model.image_errors import DamagedImage
from model.view import WHOLE
from tests import bad_decoders, corpus
from tests.conftest import ROOT, outside
from tests.crafting import SIDES

# The only machines for which there is a wheel of it.
atheris = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="no atheris here"
)


def fuzz(what: str, *options: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", f"tests.fuzz.{what}", *options],
        cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, check=False,
    )  # fmt: skip


@atheris
def test_the_loader_answers_whatever_grows_out_of_the_corpus() -> None:
    done = fuzz("loader", "--runs", "400")
    assert done.returncode == 0, done.stderr[-3000:]
    # What longer runs have found before is tried first, all of it.
    ended = re.search(r"Done (\d+) runs", done.stderr)
    assert ended, done.stderr[-3000:]
    assert int(ended[1]) >= 400


@atheris
def test_a_loader_that_dies_is_found(tmp_path: Path) -> None:
    bad = bad_decoders.environment(tmp_path)
    sides = f"{bad_decoders.DIES}:", f"{SIDES[0]}:"
    text = (tmp_path / "sitecustomize.py").read_text()
    (tmp_path / "sitecustomize.py").write_text(text.replace(*sides))
    done = fuzz("loader", "--runs", "400", **bad)
    assert done.returncode != 0
    assert "deadly signal" in done.stderr


def test_the_api_answers_as_its_document_says() -> None:
    done = fuzz("api", "--seconds", "1")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "all answered as the document says" in done.stdout


def test_a_damaged_picture_is_one_where_memory_is_not_limited() -> None:
    """Found by the fuzzer: no limit is -1, and a picture would need more than that."""
    with pytest.raises(DamagedImage):
        seeing.light(corpus.whole()["PNG"][:300], 10**8, WHOLE, 0)


def test_the_verb_runs_both_for_as_long_as_is_said() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "fuzz", "MINUTES=3"],
        cwd=ROOT, capture_output=True, text=True, check=True, env=outside(),
    )  # fmt: skip
    assert "-m tests.fuzz.loader --seconds 180" in done.stdout
    assert "-m tests.fuzz.api --seconds 180" in done.stdout
