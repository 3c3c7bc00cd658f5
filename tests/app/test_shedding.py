"""Who cannot be answered in time is told so at once, and the line stays short."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app import create_app, waiting
from tests.app.busy import busy_server
from tests.app.test_metrics import series, value


def test_whoever_has_waited_too_long_for_a_thread_is_sent_away(
    bundle: Path, photo: bytes, tmp_path: Path
) -> None:
    settings = {"THREADS": "1", "WAIT": "1", "METRICS": "true"}
    with busy_server(bundle, tmp_path, **settings) as busy, ThreadPoolExecutor(20) as visitors:
        busy.take()
        asking = [
            visitors.submit(busy.server.ask, "POST", "/api/v1/search", photo) for _ in range(20)
        ]
        answers = [each.result() for each in asking]
        # Whoever watches the server is answered behind all of them.
        assert busy.server.ask("GET", "/healthz")[0] == 200
        busy.free()
        assert busy.server.ask("POST", "/api/v1/search", photo)[0] == 200
        found = series(busy.server.ask("GET", "/metrics")[1].decode())
    assert {status for status, _ in answers} == {503}
    assert {json.loads(body)["type"] for _, body in answers} == {"urn:imagesearch:problem:busy"}
    waited = [value(found, "imagesearch_shed_total", reason=why) for why in ("busy", "queue")]
    assert sum(waited) == 20
    # One held the thread for its second, perhaps a second one too; the others did not.
    assert waited[1] >= 15


def test_it_is_told_as_a_page_and_as_a_problem(bundle: Path, photo: bytes) -> None:
    client = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
    token = waiting._ARRIVED.set(time.monotonic() - 60)
    try:
        page, german = client.get("/"), client.get("/", headers={"Accept-Language": "de"})
        problem = client.post("/api/v1/search", data=photo)
        style = client.get(f"/static/{client.application.extensions['assets'][1]}/base.css")
    finally:
        waiting._ARRIVED.reset(token)
    assert page.status_code == german.status_code == problem.status_code == 503
    assert page.headers["Retry-After"] == problem.headers["Retry-After"] == "2"
    assert "Too many people are searching right now" in page.text
    assert 'data-seconds="2"' in page.text
    assert "Noch einmal versuchen" in german.text
    assert json.loads(problem.data)["type"] == "urn:imagesearch:problem:busy"
    assert style.status_code == 200
