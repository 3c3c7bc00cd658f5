"""Who guesses the password or the token learns nothing, and soon has to wait."""

import base64
import hmac
import time
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask

from app import create_app, guessing
from app.guessing import MOST
from tests.app.changing import BEARER, TOKEN, Site
from tests.app.sending import MULTIPART, form

PASSWORD: Final = "over the river"


@pytest.fixture(scope="module")
def closed(bundle: Path) -> Flask:
    config = {"PASSWORD": PASSWORD, "TOKEN": TOKEN, "BUNDLE": str(bundle)}
    return create_app({"TESTING": True, **config})


@pytest.fixture
def client(closed: Flask) -> Any:
    """Return a client of a server at which nobody has guessed yet."""
    guessing.init_app(closed)
    return closed.test_client()


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"any:{password}".encode()).decode()}


def sent_by(address: str) -> dict[str, dict[str, str]]:
    return {"environ_overrides": {"REMOTE_ADDR": address}}


def test_after_many_wrong_passwords_not_even_the_right_one_is_looked_at(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = [client.get("/", headers=basic(f"wrong {number}")) for number in range(MOST)]
    assert {each.status_code for each in tries} == {401}
    for path, headers in (("/", basic(PASSWORD)), ("/api/v1/model", BEARER), ("/", basic("x"))):
        refused = client.get(path, headers=headers)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert "That was wrong too often" in refused.text
        assert refused.headers["Cache-Control"] == "no-store"
    assert client.get("/").status_code == 401  # who sends none guesses nothing
    assert client.get("/healthz").status_code == 200
    assert client.get("/", headers=basic(PASSWORD), **sent_by("192.0.2.7")).status_code == 200
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)
    assert client.get("/", headers=basic(PASSWORD)).status_code == 200


def test_who_has_the_password_is_not_counted(client: Any) -> None:
    for _ in range(MOST + 5):
        assert client.get("/about", headers=basic(PASSWORD)).status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "", True),
    ],
)
def test_who_has_many_addresses_of_one_network_is_one(
    client: Any, one: str, other: str, *, same: bool
) -> None:
    for number in range(MOST):
        client.get("/", headers=basic(f"wrong {number}"), **sent_by(one))
    status = client.get("/", headers=basic(PASSWORD), **sent_by(other)).status_code
    assert status == (429 if same else 200)


def test_wrong_tokens_are_counted_in_pages_and_in_the_interface_alike(changeable: Site) -> None:
    wrong, client = {"Authorization": f"Bearer {TOKEN[:-1]}x"}, changeable.client
    before, identifier = changeable.generation(), changeable.records()[0].id
    page, image = f"/images/{identifier}/edit", f"/api/v1/images/{identifier}"
    for _ in range(MOST // 2):
        body = form(token=TOKEN + "x", title="Guessed")
        assert client.post(page, data=body, content_type=MULTIPART).status_code == 401
        assert client.patch(image, json={"title": "Guessed"}, headers=wrong).status_code == 401
    body = form(token=TOKEN, title="Guessed")
    refused = client.post(page, data=body, content_type=MULTIPART)
    assert refused.status_code == 429
    assert "That was wrong too often" in refused.text
    assert "Retry-After" in refused.headers
    problem = client.patch(image, json={"title": "Guessed"}, headers=BEARER)
    assert problem.status_code == 429
    assert problem.get_json()["type"] == "urn:imagesearch:problem:guessing"
    assert changeable.generation() == before
    assert (
        client.patch(image, json={"title": "a"}, headers=BEARER, **sent_by("192.0.2.7")).status_code
        == 200
    )


def test_comparing_takes_as_long_whatever_is_sent(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `hmac.compare_digest` is given, and that nothing else decides."""
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, two: bytes) -> bool:
        compared.append((one, two))
        return False

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for password in (PASSWORD, "", PASSWORD[:-1], "x" * 5000):
        assert client.get("/", headers=basic(password)).status_code == 401
    assert client.delete("/api/v1/images/0123456789ab", headers=BEARER).status_code == 401
    assert len(compared) == 5
    assert {len(each) for pair in compared[:4] for each in pair} == {32}
