"""Changes of the gallery while the real gunicorn serves it from several processes."""

import concurrent.futures
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from model.locking import holding
from tests.app.changing import BEARER, TOKEN, Site, picture
from tests.app.conftest import ROOT
from tests.app.test_server import Server


@pytest.fixture
def running(changeable: Site) -> Iterator[Server]:
    server = Server(changeable.bundle, TOKEN=TOKEN, WAIT="30")
    yield server
    server.stop()


def added(server: Server, seed: int) -> tuple[int, str]:
    status, body = server.ask("POST", "/api/v1/images", picture(seed), BEARER)
    return status, json.loads(body)["images"][0]["id"]


def test_every_process_finds_what_was_added_and_no_request_fails(
    running: Server, changeable: Site
) -> None:
    first = picture(0)
    done = threading.Event()

    def keep_asking() -> list[tuple[int, str]]:
        answers = []
        while not done.is_set():
            status, body = running.ask("POST", "/api/v1/search?limit=1", first)
            answers.append((status, json.loads(body)["matches"][0]["copy"]))
        return answers

    with concurrent.futures.ThreadPoolExecutor(5) as visitors:
        asking = [visitors.submit(keep_asking) for _ in range(2)]
        # Three at once: one after another they all get there.
        sending = [visitors.submit(added, running, seed) for seed in range(3)]
        new = [each.result() for each in sending]
        # Whichever process is asked knows them at once.
        pages = [running.ask("GET", f"/images/{name}")[0] for _, name in new for _ in range(4)]
        time.sleep(1.5)
        last = [running.ask("POST", "/api/v1/search?limit=1", first) for _ in range(8)]
        done.set()
        answers = [answer for each in asking for answer in each.result()]
    assert [status for status, _ in new] == [201] * 3
    assert set(pages) == {200}
    assert {status for status, _ in answers} == {200}
    assert {copy for _, copy in answers} >= {"exact"}
    assert {json.loads(body)["matches"][0]["id"] for _, body in last} == {new[0][1]}
    for _, name in new:
        status, _ = running.ask("PATCH", f"/api/v1/images/{name}", b'{"title": "Seen"}', BEARER)
        assert status == 200
    status, _ = running.ask("DELETE", f"/api/v1/images/{new[2][1]}", None, BEARER)
    assert status == 200
    indexing = [sys.executable, "-m", "model", "index", str(changeable.folder), "--bundle"]
    before = changeable.generation()
    command = [*indexing, str(changeable.bundle)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "10 unchanged." in told
    assert changeable.generation() == before
    running.process.terminate()
    _, log = running.process.communicate(timeout=40)
    assert (log.count("Gallery: added"), log.count("Gallery: changed")) == (3, 3)
    assert log.count("Gallery: removed") == 1
    assert TOKEN not in log
    assert "Traceback" not in log


def test_while_the_gallery_is_indexed_one_is_told_to_wait(changeable: Site) -> None:
    server = Server(changeable.bundle, TOKEN=TOKEN, WAIT="0.1", WORKERS="1")
    with holding(changeable.bundle):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("POST", "/api/v1/images", picture(), BEARER)
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Retry-After")) == (503, "2")
        assert server.ask("POST", "/api/v1/search", picture())[0] == 200
        connection.close()
    # Somebody without the token, who sends much, gets an answer and not a broken connection.
    assert server.ask("POST", "/api/v1/images", bytes(20_000_000))[0] == 401
    assert added(server, 0)[0] == 201
    server.stop()


def test_a_token_that_is_too_short_stops_the_start_and_is_not_told() -> None:
    environ = os.environ | {"IMAGESEARCH_TOKEN": "a-short-secret"}
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "wsgi:app"], cwd=ROOT, env=environ,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "imagesearch cannot start. The setting IMAGESEARCH_TOKEN cannot be" in done.stderr
    assert "`openssl rand -hex 24` makes one." in done.stderr
    assert "a-short-secret" not in done.stdout + done.stderr
