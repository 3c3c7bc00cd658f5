"""Every answer carries every protecting header, and no cookie."""

import http.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from app import create_app
from app.guessing import MOST
from app.live import Snapshot
from tests.app.sending import MULTIPART, multipart
from tests.app.test_answers import ADDRESSES
from tests.app.test_guessing import basic
from tests.app.test_server import Server

POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# Written out once more: what is taken out of the code must be missed here.
EXPECTED: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), "
    "gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
}


def protected(headers: Any) -> None:
    assert {name: headers.get(name) for name in EXPECTED} == EXPECTED
    assert headers.get("X-Request-Id")
    assert headers.get("Cache-Control")
    assert headers.get("Set-Cookie") is None
    assert headers.get("Server", "").partition("/")[2] == ""  # no version to look mistakes up by


@pytest.fixture
def client(bundle: Path) -> Any:
    more = {"TOKEN": "a-token-that-only-tests-know", "FETCH": True, "PIXELS": 200_000}
    return create_app({"TESTING": True, "BUNDLE": str(bundle), **more}).test_client()


def _answers(client: Any, snapshot: Snapshot, photo: bytes) -> Iterator[tuple[Any, int]]:
    """Yield answers of every kind, and the status of each."""
    identifier = snapshot.gallery.record(3).id
    body = {"data": multipart(photo), "content_type": MULTIPART}
    yield client.post("/", **body), 200
    yield client.post("/api/v1/search", data=photo), 200
    yield client.post(f"/compare/{identifier}", **body), 200
    yield client.head("/browse"), 200
    yield client.options("/browse"), 200
    yield client.get("/upload"), 200
    yield client.get(f"/images/{identifier}/large.webp"), 200
    yield client.get(f"/images/{identifier}/redrawn.webp"), 200
    yield client.get("/nearest/3"), 302
    for path in ("/browse", "/api/v1/images", f"/images/{identifier}/small.webp"):
        tag = client.get(path).headers["ETag"]
        yield client.get(path, headers={"If-None-Match": tag}), 304
    for path in ("/", "/api/v1/search"):
        yield client.post(path, data={}, content_type=MULTIPART), 400
        yield client.delete(path), 405
        yield client.post(path, data=multipart(b"nonsense"), content_type=MULTIPART), 415
    yield client.delete(f"/api/v1/images/{identifier}"), 401
    yield client.post("/upload", data={}), 401
    yield client.post("/language", data={}, headers={"Sec-Fetch-Site": "cross-site"}), 403
    yield client.get("/nothing"), 404
    yield client.get("/images/000000000000/small.webp"), 404
    yield client.get("/static/x/nothing.css"), 404
    yield client.get("/browse", headers={"If-Match": '"x"'}), 412
    yield client.post("/api/v1/search", data=bytes(2**24 + 1)), 413
    yield client.get("/search?q=nonsense"), 422
    yield client.get("/search?url=http://127.0.0.1/"), 422
    yield client.get("/api/v1/search?url=http://127.0.0.1/"), 422
    pool = client.application.extensions["imagesearch"][1].snapshot().encoders
    with pool.borrow(timeout=1), pool.borrow(timeout=1):
        yield client.post("/api/v1/search", data=photo), 503


def test_answers_of_every_kind_are_protected(client: Any, snapshot: Snapshot, photo: bytes) -> None:
    found = list(_answers(client, snapshot, photo))
    assert [answer.status_code for answer, _ in found] == [status for _, status in found]
    for answer, _ in found:
        protected(answer.headers)


def test_a_mistake_of_ours_is_protected_too(
    client: Any, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.by_picture", None)
    monkeypatch.setattr("app.api_search.by_picture", None)
    for path in ("/", "/api/v1/search"):
        answer = client.post(path, data=multipart(photo), content_type=MULTIPART)
        assert answer.status_code == 500
        protected(answer.headers)


def test_who_must_not_come_in_is_told_with_all_headers(bundle: Path) -> None:
    closed = create_app({"TESTING": True, "BUNDLE": str(bundle), "PASSWORD": "x", "HOSTS": "a.b"})
    client: Any = closed.test_client()
    assert client.get("/").status_code == 400
    protected(client.get("/").headers)
    own = {"Host": "a.b"}
    for status in (401,) * MOST + (429,):
        answer = client.get("/", headers=own | basic("wrong"))
        assert answer.status_code == status
        protected(answer.headers)


def test_every_address_is_protected_by_the_real_server(bundle: Path, snapshot: Snapshot) -> None:
    server = Server(bundle, WORKERS="1")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for address in ADDRESSES:
        connection.request("GET", address.replace("ID", snapshot.gallery.record(3).id))
        answer = connection.getresponse()
        answer.read()
        protected(answer.headers)
    connection.close()
    server.stop()


def test_pictures_may_be_shown_elsewhere_only_where_other_sites_may_search(bundle: Path) -> None:
    config = {"TESTING": True, "BUNDLE": str(bundle), "ORIGINS": "https://one.example"}
    client: Any = create_app(config).test_client()
    row = client.get("/api/v1/images").get_json()["images"][0]
    told = client.get(row["thumbnail"]).headers["Cross-Origin-Resource-Policy"]
    assert told == "cross-origin"
    for path in ("/", row["page"], "/static/x/base.css", "/api/v1/images"):
        protected(client.get(path).headers)
