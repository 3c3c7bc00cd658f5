"""Scripts of other sites: kept out, unless the setting names their site."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app

ONE, TWO, OTHER = "https://one.example", "https://two.example:8443", "https://other.example"
ALLOW = "Access-Control-Allow-Origin"
PREFLIGHT = {"Access-Control-Request-Method": "POST"}


def client(bundle: Path, origins: str = "") -> FlaskClient:
    config = {"TESTING": True, "BUNDLE": str(bundle), "ORIGINS": origins}
    return create_app(config).test_client()


def test_nobody_is_allowed_by_default(bundle: Path) -> None:
    closed = client(bundle)
    for response in (
        closed.get("/api/v1/model", headers={"Origin": ONE}),
        closed.options("/api/v1/search", headers={"Origin": ONE, **PREFLIGHT}),
    ):
        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
        assert "Vary" not in response.headers


@pytest.mark.parametrize("origin", [ONE, TWO])
def test_named_sites_may_read_the_answers_and_failures_of_the_api(
    bundle: Path, origin: str
) -> None:
    named = client(bundle, f"{ONE}, {TWO}")
    for path in ("/api/v1/model", "/api/v1/images/none", "/api/nothing"):
        headers = named.get(path, headers={"Origin": origin}).headers
        assert headers[ALLOW] == origin
        assert headers["Vary"] == "Origin"
        assert "X-Request-Id" in headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "origin", [OTHER, "null", "https://one.example.evil", "http://one.example"]
)
def test_others_stay_out_and_caches_know_that_it_depends(bundle: Path, origin: str) -> None:
    headers = client(bundle, ONE).get("/api/v1/model", headers={"Origin": origin}).headers
    assert ALLOW not in headers
    assert headers["Vary"] == "Origin"


def test_a_preflight_is_answered(bundle: Path) -> None:
    asked = {"Origin": ONE, "Access-Control-Request-Headers": "content-type", **PREFLIGHT}
    response = client(bundle, ONE).options("/api/v1/search", headers=asked)
    assert response.status_code == 200
    assert response.headers[ALLOW] == ONE
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_304_may_be_read_too(bundle: Path) -> None:
    headers = {"Origin": ONE, "If-None-Match": "*"}
    response = client(bundle, ONE).get("/api/v1/model", headers=headers)
    assert (response.status_code, response.headers[ALLOW]) == (304, ONE)


def test_all_sites_may_be_allowed(bundle: Path) -> None:
    headers = client(bundle, "*").get("/api/v1/model", headers={"Origin": OTHER}).headers
    assert headers[ALLOW] == "*"


def test_pages_stay_closed_and_thumbnails_may_be_shown(bundle: Path) -> None:
    named = client(bundle, ONE)
    found = named.get("/api/v1/images?limit=1").get_json()["images"][0]
    for path in ("/", "/about", "/api", found["page"], found["thumbnail"]):
        assert ALLOW not in named.get(path, headers={"Origin": ONE}).headers
    policy = "Cross-Origin-Resource-Policy"
    assert named.get(found["thumbnail"]).headers[policy] == "cross-origin"
    assert named.get(found["page"]).headers[policy] == "same-origin"
    assert client(bundle).get(found["thumbnail"]).headers[policy] == "same-origin"
