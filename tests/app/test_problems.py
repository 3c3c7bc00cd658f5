"""What programs are told when something goes wrong: problem documents as RFC 9457 writes them."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from tests import drawing

KIND = "urn:imagesearch:problem:"
WHOLE = drawing.encoded(drawing.draw("arch"))


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [
        (b"", 400, "about:blank"),
        (b"This is no picture at all.", 415, KIND + "unsupported-format"),
        (WHOLE[: len(WHOLE) // 2], 422, KIND + "damaged-picture"),
    ],
)
def test_every_kind_of_bad_picture_has_a_name(
    client: FlaskClient, content: bytes, status: int, kind: str
) -> None:
    response = client.post("/api/v1/search", data=content)
    assert (response.status_code, problem(response)["type"]) == (status, kind)


def test_a_busy_server_and_a_mistake_of_ours_have_names(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = create_app({"TESTING": True, "BUNDLE": str(bundle), "ENCODES": 1, "WAIT": 0})
    with busy.extensions["imagesearch"][1].snapshot().encoders.borrow(timeout=1):
        response = busy.test_client().post("/api/v1/search", data=WHOLE)
    assert (response.status_code, problem(response)["type"]) == (503, KIND + "busy")
    monkeypatch.setattr("app.api_search.by_picture", None)
    response = busy.test_client().post("/api/v1/search", data=WHOLE)
    assert (response.status_code, problem(response)["type"]) == (500, KIND + "internal")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=0", "The parameter limit takes a whole number from 1 to 100, and only once."),
        ("limit=x", "The parameter limit takes a whole number from 1 to 100, and only once."),
        (
            "limit=1&limit=2",
            "The parameter limit takes a whole number from 1 to 100, and only once.",
        ),
        (
            "offset=-1",
            "The parameter offset takes a whole number from 0 to 2147483647, and only once.",
        ),
        (
            f"tag={'x' * 201}",
            "The parameter tag takes text of at most 200 characters, and at most 50 times.",
        ),
    ],
)
def test_a_wrong_parameter_is_named_with_what_it_takes(
    client: FlaskClient, query: str, sentence: str
) -> None:
    response = client.get(f"/api/v1/images?{query}")
    assert response.status_code == 422
    assert problem(response)["detail"] == sentence


def test_an_unknown_parameter_is_ignored(client: FlaskClient) -> None:
    known = client.get("/api/v1/images?limit=3")
    assert client.get("/api/v1/images?limit=3&new=1&new=2").data == known.data


@pytest.mark.parametrize("accepted", ["text/html", "image/png", "*/*;q=0"])
def test_answers_are_json_whatever_is_accepted(client: FlaskClient, accepted: str) -> None:
    response = client.get("/api/v1/model", headers={"Accept": accepted})
    assert (response.status_code, response.content_type) == (200, "application/json")


@pytest.mark.parametrize(
    ("path", "instance"),
    [
        ("/api/v1/images/none", "/api/v1/images/none"),
        ("/api/v1/images/a%20b%22", "/api/v1/images/a%20b%22"),
        ("/api/v1/images/br%C3%BCcke", "/api/v1/images/br%C3%BCcke"),
    ],
)
def test_a_problem_names_the_address_as_an_address(
    client: FlaskClient, path: str, instance: str
) -> None:
    assert problem(client.get(path))["instance"] == instance


def test_every_address_in_an_answer_leads_through_the_proxy(bundle: Path) -> None:
    config = {"TESTING": True, "BUNDLE": str(bundle), "PROXIES": 1}
    client = create_app(config).test_client()

    def get(path: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            client.get(path, headers={"X-Forwarded-Prefix": "/bridges"}).data
        )
        return found

    part = get("/api/v1/images?limit=1")
    record = get(part["images"][0]["record"].removeprefix("/bridges"))
    addresses = [
        part["next"],
        *(record[name] for name in ("page", "thumbnail", "large", "similar")),
    ]
    addresses += [get("/api/nothing")["instance"], get("/api/v1/openapi.json")["servers"][0]["url"]]
    assert [each for each in addresses if not each.startswith("/bridges")] == []


def problem(response: Any) -> dict[str, Any]:
    assert response.content_type == "application/problem+json"
    found: dict[str, Any] = json.loads(response.data)
    assert found["status"] == response.status_code
    assert found["request_id"] == response.headers["X-Request-Id"]
    return found
