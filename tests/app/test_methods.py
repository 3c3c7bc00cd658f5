"""HEAD, OPTIONS and wrong methods, at every address that the application has."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.live import Snapshot

ADDRESSES = (
    "/", "/search", "/browse", "/about", "/api", "/images/ID", "/images/ID/similar",
    "/images/ID/small.webp", "/nearest/3", "/static/x/base.css", "/healthz", "/readyz",
    "/api/v1/search", "/api/v1/images", "/api/v1/images/ID", "/api/v1/images/ID/similar",
    "/api/v1/model", "/api/v1/openapi.json", "/api/nearest/3", "/compare/ID", "/compare/ID/ID",
    "/images/ID/redrawn.webp", "/api/v1/compare/ID", "/api/v1/images/ID/compare/ID",
    "/map", "/map/x/0/0/0.webp", "/map/x/0/0.json", "/map/x/region/0/0/0.webp", "/api/v1/map",
    "/duplicates", "/api/v1/duplicates", "/language",
)  # fmt: skip
# Where something is only sent to.
SENDING = re.compile(r"/language|/api/v1/search|(/api/v1)?/compare/[^/]+")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"}


@pytest.fixture(params=ADDRESSES)
def address(request: pytest.FixtureRequest, snapshot: Snapshot) -> str:
    found: str = request.param.replace("ID", snapshot.gallery.record(3).id)
    return found


@pytest.fixture
def allowed(address: str) -> set[str]:
    if SENDING.fullmatch(address):
        return {"POST", "OPTIONS"}
    return {"GET", "HEAD", "OPTIONS"} | ({"POST"} if address == "/" else set())


def test_no_address_is_left_out(app: Flask, snapshot: Snapshot) -> None:
    routes = app.url_map.bind("localhost")
    paths = [each.replace("ID", snapshot.gallery.record(3).id) for each in ADDRESSES]
    methods = ("POST" if SENDING.fullmatch(path) else "GET" for path in paths)
    found = {routes.match(path, method)[0] for path, method in zip(paths, methods, strict=True)}
    assert found | {"pages.results"} == {rule.endpoint for rule in app.url_map.iter_rules()}


def test_head_answers_like_get_without_the_body(client: FlaskClient, address: str) -> None:
    whole, head = client.get(address), client.head(address)
    assert (head.status_code, head.data) == (whole.status_code, b"")
    changing = {"X-Request-Id", "Date"}
    if (
        "similar" in address or "nearest" in address
    ):  # how long it took has not always as many digits
        changing.add("Content-Length")
    assert "Content-Length" in head.headers
    assert [each for each in head.headers if each[0] not in changing] == [
        each for each in whole.headers if each[0] not in changing
    ]


def test_options_names_the_methods_and_sends_nothing(
    client: FlaskClient, address: str, allowed: set[str]
) -> None:
    response = client.options(address)
    assert (response.status_code, response.data) == (200, b"")
    assert set(response.headers["Allow"].split(", ")) == allowed
    assert response.headers["Content-Length"] == "0"
    assert "Content-Type" not in response.headers


def test_a_wrong_method_names_the_right_ones(
    client: FlaskClient, address: str, allowed: set[str]
) -> None:
    for method in METHODS - allowed:
        response = client.open(address, method=method)
        assert response.status_code == 405
        assert set(response.headers["Allow"].split(", ")) == allowed
        kind = "application/problem+json" if address.startswith("/api/") else "text/html"
        assert response.mimetype == kind


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path",
    ["/api/", "/api/v1", "/api/v2/images", "/api/v1/images/", "/api/v1/x/y", "/api//v1/model"],
)
@pytest.mark.parametrize("accepted", ["text/html", "image/png", "*/*;q=0"])
def test_an_unknown_address_is_a_problem_whatever_is_accepted(
    client: FlaskClient, method: str, path: str, accepted: str
) -> None:
    response = client.open(path, method=method, headers={"Accept": accepted})
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
