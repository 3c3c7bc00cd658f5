"""A decoder that never ends, eats the memory or dies costs one picture its answer, and no other."""

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
from tests.app.test_server import Server
from tests.bad_decoders import DIES, EATS, LOOPS, LOOPS_IN_C

SECONDS = 4


@pytest.fixture(scope="module")
def server(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve with bad decoders from one process that decodes three pictures at a time."""
    with pytest.MonkeyPatch.context() as patch:
        bad = bad_decoders.environment(tmp_path_factory.mktemp("bad"))
        for name, value in bad.items():
            patch.setenv(name, value)
        limits = {"WORKERS": "1", "ENCODES": "3", "WAIT": "60"}
        running = Server(bundle, **limits, PICTURE_SECONDS=str(SECONDS))
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
