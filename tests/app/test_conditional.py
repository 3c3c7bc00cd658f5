"""Conditional requests, as RFC 9110 says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import conditional, create_app, live
from app.live import Snapshot

ADDRESSES = (
    "/", "/browse", "/browse?tag=truss", "/about", "/api", "/images/ID", "/images/ID/similar",
    "/images/ID/redrawn.webp", "/compare/ID/ID", "/api/v1/images", "/api/v1/images?limit=3",
    "/api/v1/images/ID", "/api/v1/images/ID/similar", "/api/v1/images/ID/compare/ID",
    "/api/v1/map", "/api/v1/model", "/api/v1/openapi.json",
    "/api/nearest/3", "/map?x=0.2&y=0.3&z=1",
    "/duplicates", "/api/v1/duplicates",
)  # fmt: skip
STYLE = "/static/x/base.css"


@pytest.fixture(params=ADDRESSES)
def address(request: pytest.FixtureRequest, snapshot: Snapshot) -> str:
    found: str = request.param.replace("ID", snapshot.gallery.record(3).id)
    return found


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, address: str) -> None:
    first = client.get(address)
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "no-cache"
    for sent in (first.headers["ETag"], f'"other", {first.headers["ETag"]}', "*"):
        again = client.get(address, headers={"If-None-Match": sent})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == "no-cache"
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_state_that_must_match_is_any_or_none(client: FlaskClient, address: str) -> None:
    tag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-Match": "*"}).status_code == 200
    # A weak tag never matches here (RFC 9110, 13.1.1): it does not promise the same bytes.
    for sent in ('"other"', tag, tag.removeprefix("W/")):
        refused = client.get(address, headers={"If-Match": sent, "If-None-Match": tag})
        assert refused.status_code == 412
        assert "ETag" not in refused.headers
        assert "A condition of the request is not met" in refused.text


@pytest.mark.parametrize("address", ["/images/ID/small.webp", "/images/ID/large.webp", STYLE])
def test_what_never_changes_has_a_strong_tag(
    client: FlaskClient, snapshot: Snapshot, address: str
) -> None:
    address = address.replace("ID", snapshot.gallery.record(3).id)
    first = client.get(address)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(address, headers={"If-None-Match": sent})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    for sent in (tag, f'"other", {tag}', "*"):
        assert client.get(address, headers={"If-Match": sent}).data == first.data
    for sent in ('"other"', f"W/{tag}"):
        refused = client.get(address, headers={"If-Match": sent})
        assert (refused.status_code, refused.mimetype) == (412, "text/html")
        assert refused.headers["Cache-Control"] == "no-cache"


def test_every_address_has_a_tag_of_its_own(client: FlaskClient) -> None:
    tags = [client.get(f"/api/v1/images?limit={limit}").headers["ETag"] for limit in (1, 2, 3)]
    tags.append(client.get("/api/v1/model").headers["ETag"])
    assert len(set(tags)) == 4
    assert all(tag.startswith("W/") for tag in tags)


def test_another_bundle_and_other_settings_have_other_tags(
    make_bundle: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.0)
    folder = make_bundle({"title": "First"})
    client, same, other = (_app(folder, RESULTS=n).test_client() for n in (24, 24, 5))
    tag = client.get("/api/v1/images").headers["ETag"]
    assert same.get("/api/v1/images").headers["ETag"] == tag
    assert other.get("/api/v1/images").headers["ETag"] != tag
    make_bundle({"title": "First"}, {"title": "Second"})
    renewed = client.get("/api/v1/images", headers={"If-None-Match": tag})
    assert (renewed.status_code, json.loads(renewed.data)["total"]) == (200, 2)


def test_another_program_has_other_tags(bundle: Path, tmp_path: Path) -> None:
    tags = []
    for content in ("one", "one", "two"):
        (tmp_path / "app").mkdir(exist_ok=True)
        (tmp_path / "app" / "api.py").write_text(content)
        app = _app(bundle)
        conditional.init_app(app, tmp_path)
        tags.append(app.test_client().get("/api/v1/model").headers["ETag"])
    assert tags[0] == tags[1] != tags[2]


def test_a_304_costs_no_search(
    app: Flask, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/api/v1/images/{snapshot.gallery.record(3).id}/similar"
    tag = app.test_client().get(address).headers["ETag"]

    def refuse(*_: object, **__: object) -> Any:
        raise AssertionError("It searched.")

    monkeypatch.setattr("app.api_search.by_record", refuse)
    response = app.test_client().get(address, headers={"If-None-Match": tag})
    assert response.status_code == 304


@pytest.mark.parametrize(
    "address", ["/api/v1/images/0123456789ab", "/api/v1/images?limit=0", "/images/0123456789ab"]
)
def test_failures_and_other_states_are_not_304(client: FlaskClient, address: str) -> None:
    assert client.get(address, headers={"If-None-Match": "*"}).status_code in {404, 422}
    assert "ETag" not in client.get(address).headers


def test_a_failed_precondition_is_a_problem_that_says_what_to_do(client: FlaskClient) -> None:
    problem = client.get("/api/v1/model", headers={"If-Match": '"other"'})
    assert (problem.status_code, problem.content_type) == (412, "application/problem+json")
    assert "Send the request without it" in json.loads(problem.data)["detail"]


def test_answers_to_uploads_are_never_kept(client: FlaskClient, photo: bytes) -> None:
    response = client.post("/api/v1/search", data=photo, headers={"If-None-Match": "*"})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


def _app(bundle: Path, **config: object) -> Flask:
    return create_app({"TESTING": True, "BUNDLE": str(bundle), **config})
