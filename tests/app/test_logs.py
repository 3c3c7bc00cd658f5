"""Log lines: one an event, as text or JSON, with the request's number and nothing of its sender."""

import base64
import http.client
import json
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from tests.app.sending import MULTIPART, multipart
from tests.app.test_server import Server

# In everything that a visitor may send, and nowhere in a log.
MARKER = "marker7391"
TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warning|error) [\w.]+ \[\d+\] .+")


class Visit:
    """What a visitor did at a server whose thumbnails were lost, and what that logged."""

    def __init__(self, bundle: Path, kind: str, photo: bytes) -> None:
        server = Server(bundle, LOG_FORMAT=kind, ACCESS_LOG="true", PROXIES="1")
        self._port = server.port
        row = json.loads(server.ask("GET", "/api/v1/images?limit=1")[1])["images"][0]
        thumbnails = next(bundle.glob("thumbnails-*"))
        thumbnails.unlink()
        thumbnails.mkdir()  # what nobody has thought of: a file that is gone would be a 503
        self.failed, self.page = self._send("GET", row["thumbnail"])
        self._send("GET", f"/{MARKER}%0A{MARKER}?q={MARKER}")
        self._send("GET", f"/images/{MARKER}")
        self._send("MARKER7391", "/")
        body = multipart(photo).replace(b"a.bmp", f"{MARKER}.bmp".encode())
        assert b"marker" in body
        self._send("POST", f"/?next={MARKER}", body)
        self._refused(f"GET /?q={MARKER} HTTP/1.1\r\nBad {MARKER}: x\r\n\r\n")
        self._refused(f"GET /{MARKER} HTTP/1.1\r\nHost: {MARKER}\r\n{MARKER}\r\n\r\n")
        server.process.terminate()
        written, errors = server.process.communicate(timeout=40)
        self.announced = server.announced
        self.access, self.errors = written.splitlines(), errors.splitlines()

    def _send(self, method: str, path: str, body: bytes | None = None) -> tuple[str, str]:
        headers = {
            "User-Agent": MARKER,
            "Referer": f"http://{MARKER}.example/",
            "X-Forwarded-For": f"203.0.113.7, {MARKER}",
            "Authorization": "Basic " + base64.b64encode(f"{MARKER}:{MARKER}".encode()).decode(),
            "Cookie": f"language={MARKER}",
            "Content-Type": MULTIPART,
            "X-Request-Id": "from-the-proxy",
        }
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        page = response.read().decode(errors="replace")
        connection.close()
        return response.headers["X-Request-Id"], page

    def _refused(self, text: str) -> None:
        with socket.create_connection(("127.0.0.1", self._port), timeout=30) as sending:
            sending.sendall(text.encode())
            assert b" 400 " in sending.recv(1000)


@pytest.fixture(scope="module", params=["text", "json"])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def visit(kind: str, bundle: Path, tmp_path_factory: pytest.TempPathFactory, photo: bytes) -> Visit:
    folder = tmp_path_factory.mktemp("visited") / "bundle"
    return Visit(Path(shutil.copytree(bundle, folder)), kind, photo)


def test_every_line_is_an_event_and_tells_nothing_of_who_asked(kind: str, visit: Visit) -> None:
    written = "\n".join([*visit.access, *visit.errors])
    assert MARKER not in written.lower()
    assert "203.0.113.7" not in written
    assert "127.0.0.1" not in written
    assert "Traceback" not in written
    assert len(visit.access) == 6  # a request each; what is refused is none
    for line in (*visit.access, *visit.errors):
        if kind == "json":
            told = json.loads(line)
            assert {"time", "level", "logger", "process", "message"} <= told.keys()
        else:
            assert TEXT.fullmatch(line), line
    refused = [line for line in visit.errors if "that no client may send was refused" in line]
    assert len(refused) == 2
    assert "InvalidHeader" in refused[0]


def test_a_failure_stands_in_page_and_log_under_one_number(kind: str, visit: Visit) -> None:
    assert visit.failed == "from-the-proxy"
    assert "from-the-proxy" in visit.page
    (line,) = [line for line in visit.errors if "app.errors" in line]
    assert "from-the-proxy" in line
    assert "IsADirectoryError" in line
    assert "app/pictures.py" in line
    if kind == "json":
        told = json.loads(line)
        assert (told["level"], told["request_id"]) == ("error", "from-the-proxy")
        assert told["error"][0]["type"] == "IsADirectoryError"


def test_an_access_line_tells_route_status_and_time(kind: str, visit: Visit) -> None:
    if kind == "json":
        told = [json.loads(line) for line in visit.access]
        facts = [(each["method"], each["route"], each["status"]) for each in told]
        assert [each["request_id"] for each in told].count("from-the-proxy") == 5
        assert all(each["milliseconds"] > 0 < each["bytes"] for each in told)
    else:
        pattern = r"\] (\S+) (.+) (\d+), \d+ bytes in [\d.]+ ms \(request \S+\)$"
        found = [match for line in visit.access if (match := re.search(pattern, line))]
        facts = [(match[1], match[2], int(match[3])) for match in found]
    assert sorted(facts) == [  # two workers write them
        ("-", "-", 405),
        ("GET", "-", 404),
        ("GET", "/api/v1/images", 200),
        ("GET", "/images/<identifier>", 404),
        ("GET", "/images/<identifier>/<any(small, large):size>.webp", 500),
        ("POST", "/", 200),
    ]


def test_the_announcement_is_a_line_of_the_same_kind(kind: str, visit: Visit) -> None:
    told = json.loads(visit.announced)["message"] if kind == "json" else visit.announced
    assert told.startswith("imagesearch answers at http://")


@pytest.fixture
def lines(
    bundle: Path, photo: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[list[dict[str, Any]]]:
    def fail(*_: object, **__: object) -> None:
        try:
            int(MARKER)
        except ValueError as error:
            raise RuntimeError(f"sent by {MARKER}") from error

    monkeypatch.setattr("app.api_search.by_picture", fail)
    app = create_app({"TESTING": True, "BUNDLE": str(bundle), "LOG_FORMAT": "json"})
    capsys.readouterr()
    assert app.test_client().post("/api/v1/search", data=photo).status_code == 500
    written = capsys.readouterr().err
    assert MARKER not in written
    yield [json.loads(line) for line in written.splitlines()]
    create_app({"TESTING": True, "BUNDLE": str(bundle)})  # the others log text


def test_an_exception_is_told_by_where_it_came_from_and_not_by_what_it_says(
    lines: list[dict[str, Any]],
) -> None:
    (line,) = lines
    assert [error["type"] for error in line["error"]] == ["RuntimeError", "ValueError"]
    assert line["error"][0]["frames"][0].endswith(" fail")
    assert "message" not in line["error"][0]


def test_every_error_page_and_problem_has_the_number(client: FlaskClient) -> None:
    for path in ("/nowhere", "/images/none", "/api/nowhere", "/api/v1/images?limit=x"):
        response = client.get(path)
        assert response.headers["X-Request-Id"] in response.text
