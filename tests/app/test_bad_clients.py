"""What clients do that mean ill, or know no better, keeps nobody else from an answer.

The server has one process with two threads, so that two clients that hold one each would stop it.
"""

import http.client
import os
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.raw import (
    PATIENCE,
    answer,
    asked,
    closed,
    connect,
    connections,
    crowd,
    head,
    statuses,
    unsent,
    upload,
)
from tests.app.test_server import Server
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def server(bundle: Path) -> Iterator[Server]:
    running = Server(bundle, WORKERS="1", THREADS="2")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def impatient(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve with a second in place of every ten, and room for few."""
    config = tmp_path_factory.mktemp("impatient") / "gunicorn.conf.py"
    config.write_text(
        f"exec({(ROOT / 'gunicorn.conf.py').read_text()!r})\n"
        "Worker.patience = Worker.patience._replace(head=1, body=1, parting=1, draining=1)\n"
        "Worker.patience = Worker.patience._replace(of_one_address=20)\n"
        "keepalive = 1\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "GUNICORN_CMD_ARGS", f"--config {config}")
        running = Server(bundle, WORKERS="1", THREADS="2")
    yield running
    running.stop()


def visit(server: Server, photo: bytes) -> None:
    """Do as a visitor does who has nothing to do with them."""
    assert server.ask("GET", "/")[0] == 200
    assert server.ask("POST", "/api/v1/search", photo)[0] == 200


def much(server: Server) -> bytes:
    """Return requests whose answers fill what the system keeps for a connection, and more."""
    found = re.search(rb'href="(/static/[^"]+css)"', server.ask("GET", "/")[1])
    assert found
    return head("GET", found[1].decode()) * 200


def fill(server: Server) -> None:
    """Wait until no client takes any more of what is sent to it."""
    before, end = 0, time.monotonic() + PATIENCE
    while not before or before != unsent(server.port):
        assert time.monotonic() < end
        before = unsent(server.port)
        time.sleep(0.5)


def test_slow_bodies(server: Server, photo: bytes) -> None:
    with crowd(server.port, 60, upload(len(photo), "Connection: close") + photo[:500]) as slow:
        visit(server, photo)
        # They were waited for meanwhile, and are answered when they are done.
        for client in slow[:3]:
            client.sendall(photo[500:])
            assert statuses(answer(client)) == [200]


@pytest.mark.parametrize(
    "sent",
    [b"", b"G", head()[:-2] + b"X-More: 1"],
    ids=["silent", "one byte", "a head without end"],
)
def test_slow_heads_and_silence(server: Server, photo: bytes, sent: bytes) -> None:
    with crowd(server.port, 60, sent) as slow:
        visit(server, photo)
        slow[-1].sendall(head("GET", "/healthz", "Connection: close")[len(sent) :])
        assert answer(slow[-1])


def test_slow_readers(server: Server, photo: bytes) -> None:
    with crowd(server.port, 8, much(server), window=2048):
        fill(server)
        visit(server, photo)
        assert connections(server.port) >= 8


def test_a_body_that_nobody_reads(server: Server, photo: bytes) -> None:
    for path in ("/healthz", "/nowhere"):
        asking = head("POST", path, f"Content-Length: {len(photo)}")
        with crowd(server.port, 20, asking + photo[:100]):
            visit(server, photo)


def test_chunks_without_end(server: Server, photo: bytes) -> None:
    chunked = head("POST", "/api/v1/search", "Transfer-Encoding: chunked")
    with crowd(server.port, 20, chunked + b"5\r\nabcde\r\n"):
        visit(server, photo)
    million = b"100000\r\n" + bytes(2**20) + b"\r\n"
    assert statuses(asked(server.port, chunked + million * 17)) == [413]
    assert statuses(asked(server.port, chunked + b"1\r\n1\r\n" * 50_000)) == [400]
    endless = chunked + b"1;" + b"x" * 20_000
    assert statuses(asked(server.port, endless)) == [400]
    trailers = chunked + b"0\r\n" + b"".join(b"X-%d: 1\r\n" % each for each in range(100))
    assert statuses(asked(server.port, trailers)) == [431]


def test_heads_without_end(server: Server, photo: bytes) -> None:
    fields = b"".join(b"X-%d: 1\r\n" % each for each in range(100))
    assert statuses(asked(server.port, head()[:-2] + fields)) == [431]
    assert statuses(asked(server.port, head()[:-2] + b"X: " + b"x" * 9000)) == [431]
    assert statuses(asked(server.port, b"GET /" + b"x" * 9000)) == [414]
    visit(server, photo)


def test_pipelined_requests_are_answered_in_their_order(server: Server, photo: bytes) -> None:
    asking = [
        head(),
        upload(len(photo)) + photo,
        head("GET", "/nowhere"),
        head("POST", "/api/v1/search", "Transfer-Encoding: chunked")
        + b"%x\r\n%b\r\n0\r\n\r\n" % (len(photo), photo),
        head("GET", "/healthz", "Connection: close"),
        head(),
    ]
    assert statuses(asked(server.port, b"".join(asking))) == [200, 200, 404, 200, 200]


def test_a_wrong_length(server: Server, photo: bytes) -> None:
    # Too long: the client goes away before the end, and nothing is answered.
    with connect(server.port) as client:
        client.sendall(upload(len(photo) + 1000) + photo)
        client.shutdown(1)
        assert answer(client) == b""
    # Too short: what is left over is no request.
    answers = statuses(asked(server.port, upload(len(photo) - 1000) + photo + b"\r\n"))
    assert len(answers) == 2
    assert answers[1] == 400
    # Longer than may be: told before it is sent.
    with connect(server.port) as client:
        client.sendall(upload(10**12))
        assert statuses(answer(client)) == [413]
    visit(server, photo)


def test_whoever_waits_for_a_word_before_the_body_gets_it(server: Server, photo: bytes) -> None:
    asking = upload(len(photo), "Expect: 100-continue")
    with connect(server.port) as client:
        for _ in range(2):
            client.sendall(asking)
            assert client.recv(25, socket.MSG_WAITALL) == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.sendall(photo)
            found = http.client.HTTPResponse(client)
            found.begin()
            assert found.status == 200
            assert found.read()
    assert statuses(asked(server.port, upload(10**9, "Expect: 100-continue"))) == [413]


HIDDEN = "GET /about HTTP/1.1\r\nHost: localhost\r\n\r\n"
LENGTH, CHUNKED = f"Content-Length: {len(HIDDEN)}", "Transfer-Encoding: chunked"
SMUGGLED = {
    "CL.TE": [LENGTH, CHUNKED],
    "TE.CL": [CHUNKED, LENGTH],
    "TE.TE": [CHUNKED, "Transfer-Encoding: x"],
    "two lengths": [LENGTH, "Content-Length: 0"],
    "the same length twice": [LENGTH, LENGTH],
    "a list of lengths": ["Content-Length: 0, 5"],
    "a signed length": ["Content-Length: +5"],
    "a length with a line": ["Content-Length: 1_0"],
    "a length that is none": ["Content-Length: five"],
    "a negative length": ["Content-Length: -1"],
    "a folded header": ["X-One: 1", f" {CHUNKED}"],
    "a space before the colon": ["Content-Length : 5"],
    "an unknown coding": ["Transfer-Encoding: xchunked"],
    "chunked twice": ["Transfer-Encoding: chunked, chunked"],
    "identity after chunked": ["Transfer-Encoding: chunked, identity"],
    "a coding without chunked": ["Transfer-Encoding: gzip"],
    "a bare LF": [f"X-One: 1\n{CHUNKED}"],
    "a bare CR": [f"X-One: 1\r{CHUNKED}"],
    "a NUL": ["X-One: \0"],
    "two hosts": ["Host: elsewhere"],
    "no colon": ["Content-Length"],
}


@pytest.mark.parametrize("lines", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_what_could_be_read_in_two_ways_is_refused(server: Server, lines: list[str]) -> None:
    sent = head("POST", "/api/v1/search", *lines) + b"0\r\n\r\n" + HIDDEN.encode()
    answers = statuses(asked(server.port, sent))
    assert len(answers) == 1  # whatever follows is not answered: nobody knows where it begins
    assert answers[0] in {400, 501}


@pytest.mark.parametrize(
    "chunks",
    [
        b"5 \r\nabcde\r\n",
        b"0x5\r\nabcde\r\n",
        b"-1\r\n",
        b"5\nabcde\r\n",
        b"5\r\nabcdefg\r\n",
        b"\r\n",
    ],
)
def test_chunks_that_are_none_are_refused(server: Server, chunks: bytes) -> None:
    chunked = head("POST", "/api/v1/search", CHUNKED)
    answers = statuses(asked(server.port, chunked + chunks + b"0\r\n\r\n" + HIDDEN.encode()))
    assert answers == [400]


@pytest.mark.parametrize("version", ["0.9", "1.2", "2.0", "3"])
def test_other_versions_of_http_are_refused(server: Server, version: str) -> None:
    sent = f"GET / HTTP/{version}\r\nHost: localhost\r\n\r\n".encode()
    assert statuses(asked(server.port, sent)) in ([400], [505])


def test_chunks_are_not_taken_from_http_1_0(server: Server) -> None:
    sent = b"POST /api/v1/search HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert statuses(asked(server.port, sent)) == [400]


def test_what_is_refused_is_one_line_of_the_log_without_a_word_of_it(bundle: Path) -> None:
    server = Server(bundle, WORKERS="1")
    asked(server.port, head("GET", "/", "Content-Length: told-to-nobody"))
    asked(server.port, head("POST", "/", CHUNKED) + b"told-to-nobody\r\n")
    server.process.terminate()
    _, told = server.process.communicate(timeout=40)
    assert "refused: InvalidHeader." in told
    assert "refused: InvalidChunkSize." in told
    assert "told-to-nobody" not in told
    assert "Traceback" not in told


def test_slow_ones_are_told_and_cut_off(impatient: Server, photo: bytes) -> None:
    with crowd(impatient.port, 2, upload(len(photo)) + photo[:500]) as slow:
        assert [statuses(answer(client)) for client in slow] == [[408], [408]]
    assert statuses(asked(impatient.port, b"GET / HTTP/1.1\r\n")) == [408]
    assert asked(impatient.port, b"") == b""
    # Who has been answered may go on, and is told nothing when it does not.
    assert statuses(asked(impatient.port, head())) == [200]


def test_slow_readers_are_cut_off(impatient: Server) -> None:
    with crowd(impatient.port, 2, much(impatient), window=2048):
        end = time.monotonic() + PATIENCE
        while connections(impatient.port):
            assert time.monotonic() < end
            time.sleep(0.05)


def test_one_address_has_a_share_of_the_connections(impatient: Server, photo: bytes) -> None:
    with crowd(impatient.port, 60, b"") as clients:
        visit(impatient, photo)
        assert connections(impatient.port) <= 20
        # The oldest made room.
        assert answer(clients[0]) == b""


def test_a_new_connection_takes_the_place_of_the_one_that_waits_longest(
    bundle: Path, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is with thousands: more connections than a process can have, and all stay open."""
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--worker-connections 50")
    server = Server(bundle, WORKERS="1", THREADS="2")
    with crowd(server.port, 300, b"POST / HTTP/1.1\r\n"):
        visit(server, photo)
        assert connections(server.port) <= 50
    server.stop()


def test_bodies_that_come_in_part_fill_no_more_memory_than_may_be(
    bundle: Path, photo: bytes
) -> None:
    server = Server(bundle, WORKERS="1", THREADS="2", REQUEST_BYTES=str(2**20))
    with crowd(server.port, 40, upload(2**20) + bytes(2**20 - 1)) as slow:
        visit(server, photo)
        assert 0 < sum(not closed(client) for client in slow) <= 8
    server.stop()
