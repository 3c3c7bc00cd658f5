"""A cluster that cannot be used is told of in a sentence, and costs nothing that was done."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from model.bundle import open_bundle
from tests.cluster.conftest import COUNT, Cluster, begun
from tests.cluster.starting import Starter
from tests.conftest import ROOT, free_port

WITHOUT = "import sys; sys.modules['dask'] = sys.modules['distributed'] = None; "
INDEX = "from model.__main__ import main; sys.exit(main(['index', *sys.argv[1:]]))"


def without_dask(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", WITHOUT + INDEX, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_machine_without_dask_indexes_alone_and_says_what_a_cluster_needs(
    drawn: Path, empty: Path
) -> None:
    refused = without_dask(drawn, "--bundle", empty, "--cluster", "tcp://127.0.0.1:1")
    assert refused.returncode == 1
    assert "requirements-cluster.txt" in refused.stderr
    assert "Traceback" not in refused.stderr
    done = without_dask(drawn, "--bundle", empty, "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert "24 new or changed" in done.stdout


def test_an_address_where_nobody_is(start: Starter, drawn: Path, empty: Path) -> None:
    for address in (f"tcp://127.0.0.1:{free_port()}", "no address", "carrier-pigeon://roof:1"):
        told = ["index", drawn, "--bundle", empty, "--cluster", address]
        run = start.start(
            "model", *told, settings={"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"}
        )
        assert run.wait() == 1
        assert f"No Dask scheduler answers at {address}" in run.said
        assert "Traceback" not in run.said


@pytest.mark.parametrize("why", ["another version of imagesearch", "no imagesearch"])
def test_a_worker_that_is_not_the_same_is_refused_by_name(
    start: Starter, tmp_path: Path, photos: Path, empty: Path, why: str
) -> None:
    place = tmp_path / "other"
    place.mkdir()
    if why != "no imagesearch":
        skipped = shutil.ignore_patterns("bundle", "__pycache__")
        shutil.copytree(ROOT / "model", place / "model", ignore=skipped)
        with (place / "model" / "images.py").open("a") as file:
            file.write("# another thought\n")
    cluster = Cluster(start, tmp_path)
    command = [sys.executable, "-m", "dask", *cluster.command()]
    with subprocess.Popen(command, cwd=place, stderr=subprocess.DEVNULL) as worker:
        try:
            if why == "no imagesearch":
                cluster.scheduler.until("Register worker")
            run = cluster.index(photos, empty)  # or the worker comes while it is waited for
            assert run.wait() == 1, run.said
        finally:
            worker.kill()
    assert "The worker tcp://127.0.0.1:" in run.said
    assert why in run.said
    assert "requirements-cluster.txt" in run.said
    assert "Traceback" not in run.said


def test_no_worker_a_lost_scheduler_and_then_all_is_well(
    start: Starter, tmp_path: Path, photos: Path, empty: Path
) -> None:
    cluster = Cluster(start, tmp_path)
    run = cluster.index(photos, empty, DASK_DISTRIBUTED__SCHEDULER__NO_WORKERS_TIMEOUT="1s")
    assert run.wait() == 1
    assert f"The scheduler at {cluster.address} has no worker." in run.said
    assert "Traceback" not in run.said
    worker = cluster.worker()
    run = cluster.index(photos, empty)
    begun(run, empty)
    cluster.scheduler.send(signal.SIGKILL)
    assert run.wait() == 1
    assert f"The scheduler at {cluster.address} was lost." in run.said
    assert "Traceback" not in run.said
    worker.send(signal.SIGKILL)
    again = Cluster(start, tmp_path)
    again.worker()
    run = again.index(photos, empty)
    assert run.wait() == 3
    assert "pictures were encoded by a run that did not end: kept." in run.said
    assert f"{COUNT} new or changed, 1 unreadable." in run.said
    assert len(open_bundle(empty).embeddings) == COUNT
