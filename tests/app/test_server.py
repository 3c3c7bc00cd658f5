"""The real gunicorn with the real configuration, over a real socket."""

import concurrent.futures
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.app.conftest import ROOT

Body = bytes | Iterator[bytes] | None


class Server:
    """A running server. announced: the line it prints when it answers.

    before: a command that makes its surroundings worse, and becomes the server.
    """

    def __init__(self, bundle: Path, *, before: Sequence[str] = (), **settings: str) -> None:
        environ = {f"IMAGESEARCH_{name}": value for name, value in settings.items()}
        environ |= {"IMAGESEARCH_BUNDLE": str(bundle), "IMAGESEARCH_PORT": "0"}
        self.process = subprocess.Popen(
            [*before, sys.executable, "-m", "gunicorn", "wsgi:app"],
            cwd=ROOT, env={**os.environ, **environ},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout
        self.announced = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.announced)
        assert found, self.announced
        self.port = int(found[1])

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read()

    def workers(self) -> set[int]:
        """Return the process ids of the workers."""
        return self._children() - self.nursery()

    def nursery(self) -> set[int]:
        """Return the process id of what decodes pictures (`model/nursery.py`)."""
        return {pid for pid in self._children() if b"model.nursery" in _command(pid)}

    def _children(self) -> set[int]:
        pid = self.process.pid
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return {int(word) for word in text.split()}

    def tell(self, told: signal.Signals) -> None:
        """Send SIGTERM to the master, or SIGINT to all of them, as Ctrl-C in a terminal does."""
        if told == signal.SIGINT:
            os.killpg(self.process.pid, told)
        else:
            self.process.send_signal(told)

    def stop(self) -> None:
        """Stop it as an operator does."""
        self.process.terminate()
        self.process.communicate(timeout=40)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


@pytest.fixture
def server(bundle: Path) -> Iterator[Server]:
    running = Server(bundle)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def lasting(bundle: Path) -> Iterator[Server]:
    """Serve for all who leave the server as it is."""
    running = Server(bundle)
    yield running
    running.stop()


def test_it_says_where_it_answers_and_searches(server: Server, photo: bytes) -> None:
    assert server.announced == f"imagesearch answers at http://127.0.0.1:{server.port}\n"
    with concurrent.futures.ThreadPoolExecutor(8) as visitors:
        answers = list(
            visitors.map(lambda _: server.ask("POST", "/api/v1/search", photo), range(24))
        )
    assert {status for status, _ in answers} == {200}
    first = [json.loads(body)["matches"][0] for _, body in answers]
    assert {match["distance"] < 1e-5 for match in first} == {True}
    assert len({match["id"] for match in first}) == 1
    assert server.ask("GET", first[0]["page"])[0] == 200
    assert server.ask("GET", "/readyz")[0] == 200
    server.process.terminate()
    errors = server.process.stderr.read() if server.process.stderr else ""
    assert server.process.wait(timeout=30) == 0
    assert "Traceback" not in errors
    assert "error" not in errors.lower()


def test_whoever_sends_too_much_still_gets_the_answer(lasting: Server) -> None:
    status, body = lasting.ask("POST", "/api/v1/search", bytes(20_000_000))
    assert status == 413
    assert b"A request may have 16 MB" in body


def test_a_chunked_body_is_searched_with_and_refused_beyond_the_limit(
    lasting: Server, photo: bytes
) -> None:
    pieces = [photo[start : start + 5000] for start in range(0, len(photo), 5000)]
    assert lasting.ask("POST", "/api/v1/search", iter(pieces))[0] == 200
    assert lasting.ask("POST", "/api/v1/search", iter([bytes(10**6)] * 20))[0] == 413


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_an_upload_in_the_middle_is_finished_before_the_server_stops(
    server: Server, photo: bytes, told: signal.Signals
) -> None:
    head = (
        f"POST /api/v1/search HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: image/jpeg\r\nContent-Length: {len(photo)}\r\n\r\n"
    )
    assert server.ask("GET", "/healthz")[0] == 200  # a worker listens, however busy the machine is
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as sending:
        sending.sendall(head.encode() + photo[:1000])
        time.sleep(0.5)
        server.tell(told)
        time.sleep(0.5)
        sending.sendall(photo[1000:])
        answer = b"".join(iter(lambda: sending.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert server.process.wait(timeout=30) == 0


def test_ctrl_c_is_answered_by_the_master_alone(server: Server) -> None:
    while len(before := server.workers()) < 2:
        time.sleep(0.1)
    time.sleep(1)  # both have come to listen
    for worker in before:
        os.kill(worker, signal.SIGINT)
    time.sleep(1)
    assert server.workers() == before


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_worker_that_has_only_just_begun_stops_when_told(
    told: signal.Signals, bundle: Path, tmp_path: Path
) -> None:
    """A signal that comes before the worker's own handlers must not be lost in the master's."""
    slow = tmp_path / "slow.conf.py"
    slow.write_text(
        f"import time\nexec({(ROOT / 'gunicorn.conf.py').read_text()!r})\n"
        "def post_fork(_server, _worker):\n    print('forked', flush=True)\n    time.sleep(0.5)\n"
    )
    command = [sys.executable, "-m", "gunicorn", "--config", str(slow), "wsgi:app"]
    environ = {"IMAGESEARCH_BUNDLE": str(bundle), "IMAGESEARCH_PORT": "0"}
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environ, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert "forked\n" in iter(process.stdout.readline, "")
        process.send_signal(told)
        assert process.wait(timeout=15) == 0


def test_a_new_bundle_takes_over_without_dropping_a_request(
    make_bundle: Callable[..., Path], photo: bytes
) -> None:
    server = Server(make_bundle({"title": "First"}))
    asked_enough = threading.Event()

    def keep_asking() -> list[tuple[int, bytes]]:
        answers = []
        while not asked_enough.is_set():
            answers.append(server.ask("POST", "/api/v1/search", photo))
        return answers

    with concurrent.futures.ThreadPoolExecutor(3) as visitors:
        asking = [visitors.submit(keep_asking) for _ in range(3)]
        make_bundle({"title": "First"}, {"title": "Second"})
        time.sleep(1.5)
        asked_enough.set()
    answers = [answer for visitor in asking for answer in visitor.result()]
    server.stop()
    assert {status for status, _ in answers} == {200}
    assert {json.loads(body)["searched"] for _, body in answers} == {1, 2}


def test_a_reload_replaces_the_workers_without_dropping_a_request(
    server: Server, photo: bytes
) -> None:
    search = "POST", "/api/v1/search", photo
    assert server.ask(*search)[0] == 200
    while len(before := server.workers()) < 2:
        time.sleep(0.1)
    with concurrent.futures.ThreadPoolExecutor(3) as visitors:
        asking = [
            visitors.submit(lambda: [server.ask(*search) for _ in range(40)]) for _ in range(3)
        ]
        server.process.send_signal(signal.SIGHUP)
        answers = [answer for visitor in asking for answer in visitor.result()]
    assert {status for status, _ in answers} == {200}
    deadline = time.monotonic() + 10
    while server.workers() & before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not server.workers() & before
    assert len(server.workers()) == len(before) == 2


def test_a_request_line_without_end_is_refused(lasting: Server) -> None:
    assert lasting.ask("GET", "/" + "x" * 10_000)[0] in {400, 414}


def test_the_server_as_a_whole_answers_options(lasting: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", lasting.port, timeout=30)
    connection.request("OPTIONS", "*")
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"")
    assert response.getheader("Allow") == "GET, HEAD, OPTIONS, POST"
    assert response.getheader("Content-Length") == "0"
    assert response.getheader("Content-Type") is None
    # It is a question to the server, and no name of a page.
    assert lasting.ask("OPTIONS", "/*")[0] == lasting.ask("GET", "/*")[0] == 404
    connection.close()


def test_requests_are_logged_only_when_asked(bundle: Path) -> None:
    for wanted in ("false", "true"):
        server = Server(bundle, ACCESS_LOG=wanted, WORKERS="1")
        server.ask("GET", "/healthz?q=told-to-nobody")
        server.process.terminate()
        written, _ = server.process.communicate(timeout=40)
        assert ("/healthz" in written) is (wanted == "true")
        assert "told-to-nobody" not in written
