"""/metrics: what is measured, added up over all workers, and the dashboard that shows it."""

import concurrent.futures
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from app.live import Snapshot
from tests.app.busy import busy_server
from tests.app.conftest import ROOT
from tests.app.raw import connect, upload
from tests.app.test_server import Server

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def measured(bundle: Path) -> Flask:
    """Return an application that measures, and where a picture does not wait for its turn."""
    config = {"METRICS": True, "ENCODES": 1, "WAIT": 0, "SECOND_LOOK": True}
    return create_app({"TESTING": True, "BUNDLE": str(bundle), **config})


def series(text: str) -> Series:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Series, name: str, **labels: str) -> float:
    """Return the sum of the series of this name that have these labels, with the others of them."""
    wanted = set(labels.items())
    return sum(each for (known, own), each in found.items() if known == name and wanted <= own)


def asked(client: FlaskClient) -> Series:
    return series(client.get("/metrics").text)


def test_nothing_is_measured_unless_asked(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 404


def test_stages_failures_and_what_is_served_are_told(
    measured: Flask, snapshot: Snapshot, photo: bytes
) -> None:
    client = measured.test_client()
    identifier = snapshot.gallery.record(3).id
    assert client.post("/", data={"image": (io.BytesIO(photo), "a.jpg")}).status_code == 200
    assert client.post(f"/api/v1/compare/{identifier}", data=photo).status_code == 200
    assert client.post(f"/compare/{identifier}", data=form(photo)).status_code == 200
    assert client.post("/api/v1/search", data=b"no picture").status_code == 415
    with measured.extensions["imagesearch"][1].snapshot().encoders.borrow(timeout=1):
        assert client.post("/api/v1/search", data=photo).status_code == 503
    assert client.get("/nowhere").status_code == 404
    found = asked(client)
    count = "imagesearch_stage_duration_seconds_count"
    assert value(found, count, stage="rank") == 1
    for stage in ("wait", "decode", "encode", "rank", "second_look", "redraw", "render"):
        assert value(found, count, stage=stage) >= 1, stage
    assert value(found, "imagesearch_stage_duration_seconds_sum", stage="decode") > 0
    kinds = {"unsupported-format": 1, "busy": 1, "404": 1, "internal": 0}
    for kind, times in kinds.items():
        assert value(found, "imagesearch_errors_total", kind=kind) == times, kind
    assert value(found, "imagesearch_shed_total", reason="busy") == 1
    assert value(found, "imagesearch_requests_total", route="pages.results", status="200") == 1
    assert value(found, "imagesearch_request_duration_seconds_count", route="api.search") == 2
    assert value(found, "imagesearch_requests_in_progress") == 1  # this one
    assert value(found, "imagesearch_pictures_waiting") == 0
    assert value(found, "imagesearch_gallery_pictures") == 24
    assert value(found, "imagesearch_ready") == 1
    told = {"model": snapshot.bundle.manifest.model.checkpoint_sha256[:12],
            "bundle": snapshot.bundle.generation}  # fmt: skip
    assert value(found, "imagesearch_model_info", **told) == 1


def form(photo: bytes) -> dict[str, object]:
    return {"image": (io.BytesIO(photo), "a.jpg")}


def test_what_is_not_ready_is_told_as_readyz_tells_it(make_bundle: Callable[..., Path]) -> None:
    folder = make_bundle({"title": "One"})
    config = {"TESTING": True, "BUNDLE": str(folder), "METRICS": True}
    client = create_app(config).test_client()
    assert value(asked(client), "imagesearch_ready") == 1
    next(folder.glob("thumbnails-*")).unlink()
    assert client.get("/readyz").status_code == 503
    assert value(asked(client), "imagesearch_ready") == 0


def test_no_series_is_made_of_what_a_visitor_sends(measured: Flask) -> None:
    client = measured.test_client()
    for path in ("/nowhere", "/images/none", "/api/v1/images/none"):
        client.get(path)
    before = asked(client)
    client.get("/marker?q=marker", headers={"User-Agent": "marker", "Host": "marker"})
    client.get("/images/marker")
    client.get("/api/v1/images/marker")
    client.open("/", method="MARKER")
    after = asked(client)
    assert "marker" not in str(after).lower()
    new = {own for name, own in after.keys() - before.keys() if name.endswith("_total")}
    assert new == {
        frozenset({("route", "none"), ("status", "405")}),
        frozenset({("kind", "405")}),
        frozenset({("route", "metrics.metrics"), ("status", "200")}),
    }


def test_openmetrics_is_spoken_where_it_is_asked_for(measured: Flask) -> None:
    accepted = {"Accept": "application/openmetrics-text; version=1.0.0"}
    response = measured.test_client().get("/metrics", headers=accepted)
    assert response.content_type.startswith("application/openmetrics-text")
    families = openmetrics.text_string_to_metric_families(response.text)  # type: ignore[no-untyped-call]
    assert "imagesearch_errors" in {family.name for family in families}


def test_every_query_of_the_dashboard_finds_what_it_asks_for(measured: Flask, photo: bytes) -> None:
    client = measured.test_client()
    client.post("/", data=form(photo))
    client.get("/nowhere")
    found = asked(client)
    labels: dict[str, set[str]] = {}
    for name, own in found:
        labels.setdefault(name, set()).update(label for label, _ in own)
    panels = json.loads((ROOT / "docs" / "grafana" / "imagesearch.json").read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    assert len(queries) >= 15
    for query in queries:
        (name,) = set(re.findall(r"imagesearch_\w+", query))
        asked_for = re.search(r"by \(([^)]*)\)", query)
        by = set(asked_for[1].split(", ")) if asked_for else set()
        by |= {label for label in re.findall(r'(\w+)[=!]~?"', query) if label != "job"}
        assert name in labels, query
        assert by <= labels[name], query
    shown = {name for query in queries for name in re.findall(r"imagesearch_\w+", query)}
    assert {_family(name) for name in shown} == {_family(name) for name in labels}


def _family(name: str) -> str:
    return re.sub("_(bucket|sum|count|created|total)$", "", name)


def of_server(server: Server) -> Series:
    status, body = server.ask("GET", "/metrics")
    assert status == 200
    return series(body.decode())


def searches(server: Server) -> float:
    return value(of_server(server), "imagesearch_requests_total", route="api.search", status="200")


def search(server: Server, photo: bytes, times: int) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as visitors:
        asking = [
            visitors.submit(server.ask, "POST", "/api/v1/search", photo) for _ in range(times)
        ]
        assert {each.result()[0] for each in asking} == {200}


def folder_of(server: Server) -> Path:
    """Return where a server's processes keep what they measure: the master holds it open."""
    handles = Path(f"/proc/{server.process.pid}/fd").iterdir()
    held = [handle.readlink() for handle in handles]
    return next(each for each in held if each.name.startswith("imagesearch-metrics-"))


def wait_for_others(server: Server, before: set[int]) -> None:
    """Return as soon as two other workers answer."""
    deadline = time.monotonic() + 30
    while len(server.workers() - before) < 2 or server.workers() & before:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert server.ask("GET", "/readyz")[0] == 200


def test_workers_are_added_up_and_what_they_counted_outlives_them(
    bundle: Path, tmp_path: Path, photo: bytes
) -> None:
    settings = {"METRICS": "true", "WORKERS": "2", "WAIT": "60"}
    with busy_server(bundle, tmp_path, **settings) as busy:
        server = busy.server
        folder, total = folder_of(server), 0
        while not all(b"api.search" in counted(folder, place) for place in (0, 1)):
            search(server, photo, 8)
            total += 8
            assert total < 800
        assert {searches(server) for _ in range(6)} == {total}  # whichever of them is asked
        first = server.workers()
        busy.take()
        with connect(server.port) as sending:
            sending.sendall(upload(len(photo)) + photo)
            while value(of_server(server), "imagesearch_requests_in_progress") < 2:
                time.sleep(0.05)
            for worker in first:
                os.kill(worker, signal.SIGKILL)
            wait_for_others(server, first)
        busy.file.unlink()
        assert searches(server) == total
        assert value(of_server(server), "imagesearch_requests_in_progress") == 1
        second = server.workers()
        server.process.send_signal(signal.SIGHUP)
        wait_for_others(server, second)
        search(server, photo, 8)
        assert searches(server) == total + 8
        assert len(list(folder.glob("counter_*"))) == 5  # the master's, and two for each worker
        sizes = [file.stat() for file in folder.iterdir()]
        # None lacks room.
        assert all(size.st_blocks * 512 >= size.st_size >= 1 << 16 for size in sizes)
    assert not folder.exists()


def counted(folder: Path, place: int) -> bytes:
    """Return what one of the workers has counted, as it lies there."""
    return (folder / f"counter_{place}.db").read_bytes()


def test_what_a_killed_server_left_is_cleared_away_by_the_next(bundle: Path) -> None:
    server = Server(bundle, METRICS="true", WORKERS="1")
    folder = folder_of(server)
    start_another()
    assert folder.exists()
    assert server.ask("GET", "/metrics")[0] == 200
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.communicate()
    assert folder.exists()
    start_another()
    assert not folder.exists()


def start_another() -> None:
    """Do what another server does first, and end."""
    code = "from app import metric_files; metric_files.prepare(1)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
