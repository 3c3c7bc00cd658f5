"""`index --cluster` makes what one machine makes, whatever happens to the workers."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from model.bundle import open_bundle
from model.gallery import BOXES
from model.scans import AT_ONCE_BYTES
from tests.cluster.conftest import COUNT, COUNTED, Cluster, kill_in_the_middle
from tests.cluster.starting import Starter

KILLER = "arch/000.jpg"


@pytest.fixture(scope="session")
def alone(
    tmp_path_factory: pytest.TempPathFactory, shipped: Path, photos: Path, start: Starter
) -> Path:
    """Return a bundle with an index of the pictures that this machine made by itself."""
    bundle = tmp_path_factory.mktemp("alone") / "bundle"
    made = start.start(
        "model", "index", photos, "--model", shipped, "--bundle", bundle, "--jobs", 1
    )
    assert made.wait() == 3
    assert COUNTED in made.said
    return bundle


def assert_same(one: Path, other: Path) -> None:
    """Compare all that two indexes hold."""
    ours, theirs = open_bundle(one), open_bundle(other)
    records = list(ours.gallery.every())
    assert records == list(theirs.gallery.every())
    assert len({record.id for record in records}) == len(records)
    for role in ("embeddings", "signatures", "cells"):
        assert np.array_equal(getattr(ours, role), getattr(theirs, role))
    for record in records:
        for size in BOXES:
            assert ours.gallery.stored(record, size) == theirs.gallery.stored(record, size)


def test_a_worker_that_is_killed_costs_time_and_nothing_else(
    cluster: Cluster, photos: Path, empty: Path, alone: Path
) -> None:
    first, _ = cluster.worker(), cluster.worker()
    run = cluster.index(photos, empty)
    kill_in_the_middle(first, run, empty)
    assert f"indexed: {COUNT + 1} in" in run.said
    assert_same(empty, alone)


def test_workers_that_see_other_files_are_sent_those_that_are_meant(
    cluster: Cluster, tmp_path: Path, photos: Path, empty: Path, alone: Path
) -> None:
    # This path leads each process into the folder that it is in. The worker's has a file less, one
    # more, and others under the same names: a picture, and what was never one.
    shutil.copytree(photos, tmp_path / "here" / "photos")
    shutil.copytree(photos, tmp_path / "far" / "photos")
    changed, refused, gone = (
        tmp_path / "far" / "photos" / "arch" / f"{number}.jpg" for number in ("000", "004", "008")
    )
    shutil.copy(photos / "beam" / "001.jpg", changed)
    refused.write_bytes(b"\xff\xd8\xff\xe0 nothing more")
    gone.rename(gone.with_name("other.jpg"))
    with (tmp_path / "here" / "photos" / "huge.jpg").open("wb") as file:
        file.truncate(AT_ONCE_BYTES + 1)  # too large to be sent, and no picture
    cluster.worker()
    run = cluster.index("/proc/self/cwd/photos", empty, place=tmp_path / "here")
    assert run.wait() == 3, run.said
    assert f"{COUNT} new or changed, 2 unreadable." in run.said
    assert "huge.jpg: This is not a picture that can be read here." in run.said
    assert_same(empty, alone)


def test_a_picture_that_kills_its_workers_is_reported_and_the_others_are_indexed(
    start: Starter, tmp_path: Path, photos: Path, empty: Path
) -> None:
    cluster = Cluster(start, tmp_path, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    (tmp_path / "deadly.py").write_text(DEADLY.format(name=KILLER))
    for _ in range(3):  # one dies of the batch, one of the picture alone
        cluster.worker("--preload", tmp_path / "deadly.py")
    run = cluster.index(photos, empty)
    assert run.wait() == 3, run.said
    assert f"{KILLER}: Every process that read it was killed" in run.said
    assert f"{COUNT - 1} new or changed, 2 unreadable." in run.said
    cluster.worker()
    assert cluster.index(photos, empty).wait() == 3
    assert open_bundle(empty).gallery.find_path(KILLER) is not None


# As what encodes a picture might crash, beside which it is decoded: no sentence, no exception.
DEADLY = """
import os, signal
from model.cluster import at_work
from model.entries import encode

def deadly(job, encoder, **more):
    if job.name == {name!r}:
        os.kill(os.getpid(), signal.SIGKILL)
    return encode(job, encoder, **more)

at_work.encode = deadly
"""
