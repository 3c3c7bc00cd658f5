"""Indexing is killed at any moment, or the disk gets full: an index is there, whole."""

import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest

from model.bundle import generation, hash_of, open_bundle, read_manifest
from model.locking import holding
from model.publishing import publish_model
from tests import drawing
from tests.conftest import ROOT
from tests.model.starting import Starter, starter

KILLS = 200
LANES = 2


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, shipped: Path) -> Path:
    """Return a bundle with the encoder that ships and nothing else of any size, and no index."""
    folder = tmp_path_factory.mktemp("small")
    for role in ("checkpoint", "decoder"):
        (folder / role).write_bytes(b"not read by indexing")
    manifest = read_manifest(shipped)
    files = {role: folder / role for role in ("checkpoint", "decoder")}
    files["encoder"] = shipped / manifest.files["encoder"].name
    checkpoint = hash_of(folder / "checkpoint")
    model = msgspec.structs.replace(manifest.model, checkpoint_sha256=checkpoint)
    publish_model(folder / "bundle", files, model)
    return folder / "bundle"


@pytest.fixture
def bundle(small: Path, tmp_path: Path) -> Path:
    shutil.copytree(small, tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture(scope="module")
def start() -> Iterator[Starter]:
    with starter() as found:
        yield found


def draw(folder: Path, number: int) -> None:
    folder.mkdir(exist_ok=True)
    kind = drawing.KINDS[number % len(drawing.KINDS)]
    drawing.textured(kind, number, (64, 48)).save(folder / f"{number:03}.png")


def fill(folder: Path, count: int) -> Path:
    for number in range(count):
        draw(folder, number)
    return folder


def state(bundle: Path) -> dict[str, str]:
    """Return the content of each file as the bundle, verified in all its parts, has it."""
    found = open_bundle(bundle)
    for record in found.gallery.every():
        assert found.gallery.stored(record, "large")
    return {record.path: record.sha256 for record in found.gallery.every()}


def held(folder: Path) -> dict[str, str]:
    return {path.name: hash_of(path) for path in folder.iterdir()}


def change(folder: Path, number: int, chance: random.Random) -> None:
    """Add a picture or two; let others go, move, or get another's content."""
    names = sorted(path.name for path in folder.iterdir())
    draw(folder, 100 + number)
    if chance.random() < 0.5:
        draw(folder, 400 + number)
    gone, moved, changed = chance.sample(names, 3)
    if len(names) > 10:
        (folder / gone).unlink()
    if chance.random() < 0.5:
        (folder / moved).rename(folder / f"moved-{number}.png")
    if chance.random() < 0.3:
        drawing.textured("arch", 800 + number, (48, 64)).save(folder / changed)


def kill_again_and_again(place: Path, small: Path, seed: int) -> tuple[int, int]:
    """Return how often a run was killed, and of these how often the old index stood."""
    chance = random.Random(seed)
    bundle = place / "bundle"
    shutil.copytree(small, bundle)
    folder = fill(place / "pictures", 8)
    killed, old = 0, 0
    with starter() as start:
        assert start.index(folder, bundle)[0] == 0
        took = 0.5
        for number in range(KILLS // LANES):
            before = held(folder)
            change(folder, number, chance)
            status, _ = start.index(folder, bundle, chance.uniform(0, 1.1 * took))
            after = state(bundle)
            assert after in (before, held(folder))
            killed += status != 0
            old += status != 0 and after == before
            status, took = start.index(folder, bundle)
            assert status == 0
            assert state(bundle) == held(folder)
            assert [path.name for path in (bundle / ".index").iterdir()] == ["index.lock"]
        shutil.copytree(small, place / "made")
        assert start.index(folder, place / "made")[0] == 0
    grown, made = open_bundle(bundle), open_bundle(place / "made")
    assert np.array_equal(grown.embeddings, made.embeddings)
    assert list(grown.gallery.identifiers()) == list(made.gallery.identifiers())
    return killed, old


def test_killed_at_200_moments_an_index_is_whole_and_the_next_run_ends_it(
    tmp_path: Path, small: Path
) -> None:
    places = [tmp_path / str(lane) for lane in range(LANES)]
    for place in places:
        place.mkdir()
    with ThreadPoolExecutor(LANES) as pool:
        ran = pool.map(kill_again_and_again, places, [small] * LANES, range(LANES))
        killed, old = (sum(each) for each in zip(*ran, strict=True))
    assert killed > KILLS / 2
    assert old > KILLS / 4


def test_what_was_encoded_before_a_kill_is_not_encoded_again(bundle: Path, tmp_path: Path) -> None:
    folder = fill(tmp_path / "pictures", 40)
    command = [sys.executable, "-m", "model", "index", str(folder), "--bundle", str(bundle)]
    with subprocess.Popen([*command, "--jobs", "1"], stderr=subprocess.DEVNULL) as begun:
        while not (journals := list(bundle.glob(".index/encoded-*"))) or _size(journals) < 50_000:
            assert begun.poll() is None
        begun.kill()
    with journals[0].open("ab") as journal:  # as if the kill had come in the middle of writing
        journal.write(journals[0].read_bytes()[:1000])
    done = subprocess.run([*command, "--jobs", "1"], capture_output=True, text=True, check=True)
    kept = int(done.stderr.split(" pictures were encoded by a run that did not end")[0].split()[-1])
    assert kept > 0
    assert f"indexed: {40 - kept} in" in done.stderr
    assert "40 new or changed" in done.stdout
    assert state(bundle) == held(folder)


def _size(paths: list[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def runs(process: str) -> bool:
    """Say whether a process goes on; one that has ended may wait for somebody to ask why."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def test_the_workers_of_a_killed_run_end_with_it(bundle: Path, tmp_path: Path) -> None:
    folder = fill(tmp_path / "pictures", 60)
    command = [sys.executable, "-m", "model", "index", str(folder), "--bundle", str(bundle)]
    with subprocess.Popen([*command, "--jobs", "2"], stderr=subprocess.DEVNULL) as begun:
        children = Path(f"/proc/{begun.pid}/task/{begun.pid}/children")
        while not list(bundle.glob(".index/encoded-*")) or len(children.read_text().split()) < 2:
            assert begun.poll() is None
        workers = children.read_text().split()
        begun.kill()
    for _ in range(600):
        if not any(map(runs, workers)):
            return
        time.sleep(0.1)
    pytest.fail("A worker goes on without its parent.")


def test_a_second_run_says_that_there_is_one_and_leaves(
    bundle: Path, tmp_path: Path, start: Starter
) -> None:
    folder = fill(tmp_path / "pictures", 3)
    command = [sys.executable, "-m", "model", "index", str(folder), "--bundle", str(bundle)]
    with holding(bundle):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Another command is writing into" in done.stderr
    assert start.index(folder, bundle)[0] == 0  # the lock ended with its holder


def full(command: list[str], most: int) -> "subprocess.CompletedProcess[str]":
    """Run a command that cannot write files of more than so many bytes."""
    return subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )


@pytest.mark.parametrize("most", [3_000, 30_000, 50_000])
def test_no_room_is_one_sentence_and_the_old_index_stays(
    bundle: Path, tmp_path: Path, start: Starter, most: int
) -> None:
    folder = fill(tmp_path / "pictures", 4)
    assert start.index(folder, bundle)[0] == 0
    before = generation(bundle)
    for number in range(4, 30):
        draw(folder, number)
    command = [sys.executable, "-m", "model", "index", str(folder), "--bundle", str(bundle)]
    done = full([*command, "--jobs", "1"], most)
    assert done.returncode == 1
    assert "is full. The old index stays" in done.stderr
    assert "Traceback" not in done.stderr
    assert generation(bundle) == before
    assert len(state(bundle)) == 4
    assert start.index(folder, bundle)[0] == 0
    assert state(bundle) == held(folder)
