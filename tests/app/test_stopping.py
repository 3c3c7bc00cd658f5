"""A decoder that never ends, takes long, eats the memory or dies costs one request its answer."""

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.processes import family
from tests import bad_decoders
from tests.app.changing import BEARER, TOKEN
from tests.app.elsewhere import Elsewhere, listening, told
from tests.app.sending import MULTIPART, form
from tests.app.test_server import Server
from tests.bad_decoders import DIES, EATS, LOOPS, LOOPS_IN_C, SLOW

SECONDS = 4


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with listening() as found:
        found.answers["/slow.png"] = told(bad_decoders.picture(LOOPS_IN_C), "image/png")
        yield found


@pytest.fixture(scope="module")
def server(
    bundle: Path, tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere
) -> Iterator[Server]:
    """Serve with bad decoders from one process that decodes four pictures at a time."""
    with pytest.MonkeyPatch.context() as patch:
        bad = bad_decoders.environment(tmp_path_factory.mktemp("bad"))
        for name, value in bad.items():
            patch.setenv(name, value)
        limits = {"WORKERS": "1", "ENCODES": "4", "WAIT": "60"}
        limits |= {"PICTURE_SECONDS": str(SECONDS), "TOKEN": TOKEN, "FETCH": "true"}
        limits |= {"FETCH_PORTS": str(elsewhere.port), "FETCH_NETWORKS": "127.0.0.1/32"}
        running = Server(bundle, **limits)
    yield running
    running.stop()


def test_who_never_ends_is_ended_and_told_while_others_are_answered(
    server: Server, photo: bytes
) -> None:
    with ThreadPoolExecutor(2) as visitors:
        endless = [
            visitors.submit(server.ask, "POST", "/api/v1/search", bad_decoders.picture(width))
            for width in (LOOPS, LOOPS_IN_C)
        ]
        answered = 0
        while not any(each.done() for each in endless):
            assert server.ask("POST", "/api/v1/search", photo)[0] == 200
            assert server.ask("GET", "/")[0] == 200
            answered += 1
        answers = [each.result() for each in endless]
    assert answered
    assert [status for status, _ in answers] == [422, 422]
    for _, body in answers:
        problem = json.loads(body)
        assert problem["type"] == "urn:imagesearch:problem:too-slow"
        assert f"takes more than {SECONDS} seconds" in problem["detail"]


@pytest.mark.parametrize(
    ("width", "expected", "words"),
    [
        (EATS, (413, "too-much-memory"), "takes more than 268 MB of memory"),
        (DIES, (422, "deadly-picture"), "brings its decoder down"),
    ],
)
def test_who_eats_the_memory_or_dies_is_told(
    server: Server, photo: bytes, width: int, expected: tuple[int, str], words: str
) -> None:
    answer = server.ask("POST", "/api/v1/search", bad_decoders.picture(width))
    problem = json.loads(answer[1])
    assert answer[0] == problem["status"]
    assert (problem["status"], problem["type"].rpartition(":")[2]) == expected
    assert words in problem["detail"]
    assert server.ask("POST", "/api/v1/search", photo)[0] == 200


def test_all_pictures_of_a_request_have_the_time_of_one(server: Server, photo: bytes) -> None:
    """Each of the slow ones is in time alone, and so are two, but not three."""
    slow = ("slow.png", bad_decoders.picture(SLOW))
    eight, three = [slow] * 8, [slow, ("photo.jpg", photo), slow, slow]
    typed = {"Content-Type": MULTIPART}
    requests = (
        ("/api/v1/search", form(slow, slow), typed),
        ("/api/v1/search", form(*eight), typed),
        ("/", form(*eight), typed | {"Accept-Language": "de"}),
        ("/api/v1/images", form(*three), typed | BEARER),
    )
    with ThreadPoolExecutor(len(requests)) as visitors:
        asked = [visitors.submit(server.ask, "POST", *each) for each in requests]
        good, searched, page, added = (each.result() for each in asked)
    assert good[0] == 200
    assert [searched[0], page[0], added[0]] == [422] * 3
    problem = json.loads(searched[1])
    assert problem["type"] == "urn:imagesearch:problem:too-slow"
    assert problem["detail"].startswith("Picture 3 of 8 was not decoded in time: ")
    assert f"have {SECONDS} seconds together" in problem["detail"]
    assert "Bild 3 von 8 war nicht rechtzeitig dekodiert" in page[1].decode()
    assert json.loads(added[1])["detail"].startswith("Picture 4 of 4 was not decoded in time: ")
    status, body = server.ask("POST", "/api/v1/search", photo)
    assert (status, json.loads(body)["searched"]) == (200, 24)


def test_who_never_ends_is_told_of_on_every_way_that_a_picture_comes(
    server: Server, photo: bytes, elsewhere: Elsewhere
) -> None:
    """It is told which one of several it was, whatever would have come after it."""
    endless = ("endless.png", bad_decoders.picture(LOOPS_IN_C))
    match = json.loads(server.ask("POST", "/api/v1/search", photo)[1])["matches"][0]["id"]
    typed = {"Content-Type": MULTIPART}
    ways = (
        ("POST", "/api/v1/search", form(("photo.jpg", photo), endless, endless), typed),
        ("POST", f"/compare/{match}", form(endless, endless), typed),
        ("POST", f"/api/v1/compare/{match}", form(endless, endless), typed),
        ("GET", f"/api/v1/search?url={elsewhere.address('/slow.png')}"),
    )
    with ThreadPoolExecutor(len(ways)) as visitors:
        answers = list(visitors.map(lambda way: server.ask(*way), ways))
    assert [status for status, _ in answers] == [422] * len(ways)
    alone = f"takes more than {SECONDS} seconds to decode"
    for (_, body), words in zip(answers, ("Picture 2 of 3 was", *[alone] * 3), strict=True):
        assert words in body.decode()
    assert server.ask("POST", "/api/v1/search", photo)[0] == 200


def test_what_decodes_is_there_again_after_it_was_killed(server: Server, photo: bytes) -> None:
    assert server.ask("POST", "/api/v1/search", photo)[0] == 200
    (nursery,) = server.nursery()
    for pid in family(nursery):
        os.kill(pid, signal.SIGKILL)
    assert server.ask("POST", "/api/v1/search", photo)[0] == 200


def test_nothing_that_decodes_outlives_the_server(bundle: Path, photo: bytes) -> None:
    running = Server(bundle, WORKERS="1")
    assert running.ask("POST", "/api/v1/search", photo)[0] == 200
    pids = family(running.process.pid)
    assert len(pids) >= 4  # gunicorn, its worker, the nursery and what it forked
    os.killpg(running.process.pid, signal.SIGTERM)
    running.process.communicate(timeout=40)
    for _ in range(600):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return
        time.sleep(0.1)
    pytest.fail("Something goes on without the server.")
