"""`index s3://... --cluster`: the workers read the objects themselves."""

import hashlib
import os
from pathlib import Path

import pytest

from model.bundle import open_bundle
from tests.cluster.conftest import BROKEN, COUNTED, ODD, Cluster, kill_in_the_middle
from tests.conftest import ROOT
from tests.objects.store import LISTER, Store, settings

ADDRESS = "s3://photos/cluster"


@pytest.fixture(scope="session")
def contents(store: Store, photos: Path) -> dict[str, str]:
    """Put all pictures into the store; return the SHA-256 of each that is one, by its path."""
    found: dict[str, str] = {}
    for path in filter(Path.is_file, photos.rglob("*")):
        name, content = path.relative_to(photos).as_posix(), path.read_bytes()
        name = os.fsencode(name).decode("latin-1") if name == ODD else name
        store.put(f"cluster/{name}", content)
        if name != BROKEN:
            found[name] = hashlib.sha256(content).hexdigest()
    return found


def indexed(bundle: Path) -> dict[str, str]:
    return {record.path: record.sha256 for record in open_bundle(bundle).gallery.every()}


def test_a_worker_that_is_killed_while_it_reads_costs_time_and_nothing_else(
    cluster: Cluster, store: Store, contents: dict[str, str], empty: Path
) -> None:
    theirs, ours = settings(store.address), settings(store.address, LISTER)  # we may not read
    first, _ = cluster.worker(**theirs), cluster.worker(**theirs)
    run = cluster.index(ADDRESS, empty, place=ROOT, **ours)
    kill_in_the_middle(first, run, empty)
    assert indexed(empty) == contents
    assert (
        cluster.index(ADDRESS, empty, place=ROOT, **ours).wait() == 3
    )  # nothing is left to be read
    assert indexed(empty) == contents


def test_workers_that_cannot_ask_the_store_are_sent_the_objects(
    cluster: Cluster, store: Store, contents: dict[str, str], empty: Path, tmp_path: Path
) -> None:
    (tmp_path / "bare.py").write_text("import sys\nsys.modules['botocore'] = None\n")
    cluster.worker("--preload", tmp_path / "bare.py")
    run = cluster.index(ADDRESS, empty, place=ROOT, **settings(store.address))
    assert run.wait() == 3, run.said
    assert run.said.count("it reads them, and sends them.") == 1
    assert COUNTED in run.said
    assert indexed(empty) == contents
