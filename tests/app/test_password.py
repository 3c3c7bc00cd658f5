"""One password for the whole site: who has it sees all, who has not sees nothing."""

import base64
import http.client
import json
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app, settings
from app.live import Snapshot
from app.settings import Settings, SettingsError, load
from tests.app.conftest import ROOT
from tests.app.markup import Page
from tests.app.test_answers import ADDRESSES
from tests.app.test_server import Server

PASSWORD = "Bögen über dem Fluss"
OPEN = ("/healthz", "/readyz", "/static/x/base.css", "/static/x/layout.css")


@pytest.fixture(scope="module")
def closed(bundle: Path) -> Flask:
    config = {"PASSWORD": PASSWORD, "METRICS": True, "ORIGINS": "https://one.example"}
    return create_app({"TESTING": True, "BUNDLE": str(bundle), **config})


@pytest.fixture
def stranger(closed: Flask) -> FlaskClient:
    return closed.test_client()


def basic(password: str, user: str = "anybody") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize("address", [*ADDRESSES, "/metrics", "/images/ID/large.webp"])
def test_who_has_it_sees_what_others_do_not(
    stranger: FlaskClient, client: FlaskClient, snapshot: Snapshot, address: str
) -> None:
    path = address.replace("ID", snapshot.gallery.record(3).id)
    refused, shown = stranger.get(path), stranger.get(path, headers=basic(PASSWORD))
    if address != "/metrics":
        assert shown.status_code == client.get(path).status_code
    if address in OPEN:
        assert refused.status_code == shown.status_code
        return
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Basic realm="imagesearch", charset="UTF-8"'
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.headers["X-Request-Id"] in refused.text
    assert "public" not in shown.headers["Cache-Control"]
    kept = shown.headers["Cache-Control"]
    assert "private" in kept or "no-store" in kept


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic(""),
        basic("wrong"),
        basic(PASSWORD[:-1]),
        basic(PASSWORD + " "),
        basic("anybody", user=PASSWORD),
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode()},
        {"Authorization": f"Bearer {PASSWORD}".encode().decode("latin-1")},
        {"Authorization": f'Digest username="a", password="{PASSWORD}"'.encode().decode("latin-1")},
    ],
)
def test_nothing_but_the_password_opens(stranger: FlaskClient, headers: dict[str, str]) -> None:
    assert stranger.get("/", headers=headers).status_code == 401


def test_who_may_change_the_gallery_may_see_it(bundle: Path) -> None:
    token = "0123456789-a-token-of-tests"
    config = {"PASSWORD": PASSWORD, "TOKEN": token, "BUNDLE": str(bundle)}
    client = create_app({"TESTING": True, **config}).test_client()
    for sent, status in ((token, 200), (token[:-1], 401), (PASSWORD, 401), ("", 401)):
        headers = {"Authorization": f"Bearer {sent}".encode().decode("latin-1")}
        assert client.get("/api/v1/images", headers=headers).status_code == status
    document = client.get("/api/v1/openapi.json", headers=basic(PASSWORD)).get_json()
    assert document["components"]["securitySchemes"].keys() == {"password", "token"}


@pytest.mark.parametrize("user", ["", "a", "jemand anders"])
def test_any_name_will_do(stranger: FlaskClient, user: str) -> None:
    assert stranger.get("/", headers=basic(PASSWORD, user)).status_code == 200


def test_the_page_says_what_to_do_in_the_language_of_the_visitor(stranger: FlaskClient) -> None:
    page = stranger.get("/", headers={"Accept-Language": "de"})
    assert "Diese Seite fragt nach einem Passwort" in page.text
    assert "This site asks for a password" in stranger.get("/").text
    styles = [link["href"] for link in Page(page.text).all("link") if link["rel"] == "stylesheet"]
    assert styles
    assert {stranger.get(style).status_code for style in styles} == {200}


def test_a_program_is_told_in_a_problem_document_and_by_openapi(stranger: FlaskClient) -> None:
    refused = stranger.post("/api/v1/search", data=b"x")
    assert refused.content_type == "application/problem+json"
    problem = json.loads(refused.data)
    assert (problem["status"], problem["title"]) == (401, "This site asks for a password")
    document = stranger.get("/api/v1/openapi.json", headers=basic(PASSWORD)).get_json()
    (name,) = document["security"][0]
    assert document["components"]["securitySchemes"][name]["scheme"] == "basic"


def test_openapi_says_nothing_of_a_password_that_there_is_not(client: FlaskClient) -> None:
    assert not client.get("/api/v1/openapi.json").get_json().get("security")


def test_a_script_of_another_site_may_send_it(stranger: FlaskClient) -> None:
    asking = {"Origin": "https://one.example", "Access-Control-Request-Method": "POST"}
    allowed = stranger.options("/api/v1/search", headers=asking)
    assert allowed.status_code == 200
    assert "Authorization" in allowed.headers["Access-Control-Allow-Headers"]
    plain = stranger.options("/api/v1/search", headers={"Origin": "https://one.example"})
    assert plain.status_code == 401


def test_it_is_shown_nowhere(bundle: Path) -> None:
    chosen = Settings(password=PASSWORD)
    assert PASSWORD not in repr(chosen)
    assert settings.told(chosen)["password"] is True
    with pytest.raises(SettingsError) as refused:
        load({}, {"IMAGESEARCH_PASSWORD": PASSWORD * 20})
    assert PASSWORD not in str(refused.value)
    environ = {"IMAGESEARCH_PASSWORD": PASSWORD, "IMAGESEARCH_BUNDLE": str(bundle)}
    done = subprocess.run(
        [sys.executable, "-m", "app", "--check"], cwd=ROOT, env=environ | {"PATH": "/usr/bin"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["settings"]["password"] is True
    assert PASSWORD not in done.stdout + done.stderr


def test_a_whole_upload_without_it_still_gets_the_answer(bundle: Path) -> None:
    server = Server(bundle, PASSWORD="a long pass phrase", WORKERS="1")
    status, body = server.ask("POST", "/api/v1/search", bytes(5_000_000))
    assert (status, json.loads(body)["status"]) == (401, 401)
    assert server.ask("GET", "/readyz")[0] == 200
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/", headers=basic("a long pass phrase"))
    assert connection.getresponse().status == 200
    connection.close()
    server.stop()
