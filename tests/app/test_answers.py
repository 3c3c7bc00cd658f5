"""What every answer carries: protecting headers, a number, and nothing of our insides."""

import io
import itertools
import json
import logging
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app, pages
from app.headers import HEADERS
from app.live import Snapshot
from tests.app.markup import Page

ADDRESSES = (
    "/", "/search", "/browse", "/map", "/about", "/nearest/3", "/images/ID", "/images/ID/similar",
    "/images/ID/small.webp", "/static/x/base.css", "/static/x/layout.css", "/healthz", "/readyz",
    "/api", "/api/v1/openapi.json", "/api/v1/images", "/api/v1/images/ID", "/api/v1/model",
    "/api/v1/map", "/api/v1/images/ID/similar", "/api/nearest/3", "/nothing",
    "/api/nothing", "/api/v1/search",
)  # fmt: skip


@pytest.fixture(params=ADDRESSES)
def address(request: pytest.FixtureRequest, snapshot: Snapshot) -> str:
    found: str = request.param.replace("ID", snapshot.gallery.record(3).id)
    return found


def test_every_answer_carries_the_headers(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert re.fullmatch(r"[0-9a-f]{16}", headers["X-Request-Id"])
    assert "Cache-Control" in headers
    assert "Set-Cookie" not in headers


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; img-src 'self' data:;")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_no_page_has_inline_style_or_script_or_loads_from_elsewhere(
    client: FlaskClient, address: str, photo: bytes
) -> None:
    posted = client.post("/", data={"image": (io.BytesIO(photo), "a.jpg")})
    for response in (client.get(address), posted):
        if response.mimetype != "text/html":
            continue
        page = Page(response.text)
        for tag, attributes in page.elements:
            assert tag != "style"
            assert "style" not in attributes
            assert not any(name.startswith("on") for name in attributes)
            assert tag != "script" or attributes["src"].startswith("/static/")
        assert not any("//" in link for link in page.links())


def test_every_page_can_be_read_aloud_and_used_by_keyboard(
    client: FlaskClient, address: str, photo: bytes
) -> None:
    posted = client.post("/", data={"image": (io.BytesIO(photo), "a.jpg")})
    for response in (client.get(address), posted):
        if response.mimetype != "text/html" or response.status_code == 302:
            continue
        page = Page(response.text)
        assert page.all("html")[0]["lang"] == "en"
        assert page.all("a")[0] == {"class": "skip", "href": "#main"}
        assert len(page.all("main")) == len(page.all("h1")) == 1
        levels = [int(tag[1]) for tag, _ in page.elements if tag in {"h1", "h2", "h3"}]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert all("alt" in image for image in page.all("img"))
        labelled = {label.get("for") for label in page.all("label")}
        fields = [field for field in page.all("input") if field.get("type") != "hidden"]
        assert all(field["id"] in labelled | {"numbers"} for field in fields)
        names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(names) == len(set(names))


def test_every_module_that_a_script_imports_is_sent(client: FlaskClient) -> None:
    home = Page(client.get("/").text)
    waiting = [script["src"] for script in home.all("script")]
    seen = set()
    while waiting:
        address = waiting.pop()
        response = client.get(address)
        assert response.status_code == 200
        assert response.mimetype == "text/javascript"
        seen.add(address)
        imports = re.findall(r'from "\./([\w.]+)"', response.text)
        waiting += [address.rsplit("/", 1)[0] + "/" + name for name in imports]
    assert {"early.js", "main.js", "photos.js"} < {name.rsplit("/", 1)[1] for name in seen}


def test_an_address_that_does_not_exist_is_a_page_or_a_problem(client: FlaskClient) -> None:
    page, problem = client.get("/nothing"), client.get("/api/nothing")
    assert page.status_code == problem.status_code == 404
    assert "There is nothing here" in page.text
    assert page.headers["X-Request-Id"] in page.text
    assert problem.content_type == "application/problem+json"
    assert json.loads(problem.data) == {
        "type": "about:blank",
        "title": "There is nothing here",
        "status": 404,
        "detail": "The address may be mistyped, or the picture is no longer in the gallery.",
        "instance": "/api/nothing",
        "request_id": problem.headers["X-Request-Id"],
    }


@pytest.mark.parametrize("path", ["/", "/api/v1/search"])
def test_a_failure_of_ours_shows_its_number_and_is_logged_with_it(
    app: Flask,
    photo: bytes,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(pages, "by_picture", fail)
    monkeypatch.setattr("app.api_search.by_picture", fail)
    with caplog.at_level(logging.ERROR):
        response = app.test_client().post(path, data={"image": (io.BytesIO(photo), "a.jpg")})
    number = response.headers["X-Request-Id"]
    assert response.status_code == 500
    assert number in response.text
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert number in caplog.text
    assert "the secret inside" in caplog.text


@pytest.mark.parametrize(
    ("proxies", "sent", "kept"),
    [(0, "from-outside", False), (1, "from-outside", True), (1, "bad id<script>", False)],
)
def test_a_number_from_outside_is_kept_only_behind_a_proxy(
    snapshot: Snapshot, proxies: int, sent: str, *, kept: bool
) -> None:
    config = {"TESTING": True, "BUNDLE": str(snapshot.bundle.folder), "PROXIES": proxies}
    response = create_app(config).test_client().get("/healthz", headers={"X-Request-Id": sent})
    assert (response.headers["X-Request-Id"] == sent) is kept
