"""Every limit is a setting, and each is answered by a page and a problem that say what to do."""

import io
import json
import threading
from pathlib import Path

import pytest
from flask import request
from flask.testing import FlaskClient

from app import create_app
from tests.app.sending import MULTIPART, multipart


def client(bundle: Path, **config: object) -> FlaskClient:
    return create_app({"TESTING": True, "BUNDLE": str(bundle), **config}).test_client()


def test_a_request_with_too_many_bytes(bundle: Path) -> None:
    small = client(bundle, REQUEST_BYTES=2**20)
    page = small.post("/", data=multipart(bytes(2**20)), content_type=MULTIPART)
    assert page.status_code == 413
    assert "A request may have 1 MB" in page.text
    raw = small.post("/api/v1/search", data=b"x" * (2**20 + 1))
    assert raw.status_code == json.loads(raw.data)["status"] == 413


@pytest.mark.parametrize("kind", ["image/jpeg", MULTIPART])
def test_a_body_that_does_not_tell_its_length_is_refused_at_the_limit(
    bundle: Path, kind: str
) -> None:
    response = client(bundle, REQUEST_BYTES=2**20).post(
        "/api/v1/search",
        input_stream=io.BytesIO(multipart(bytes(2**22))),
        content_type=kind,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert response.status_code == 413


def test_a_picture_with_too_many_pixels(bundle: Path, photo: bytes) -> None:
    response = client(bundle, PIXELS=480 * 320 - 1).post("/api/v1/search", data=photo)
    problem = json.loads(response.data)
    assert problem["status"] == 413
    assert problem["type"] == "urn:imagesearch:problem:too-many-pixels"
    assert client(bundle, PIXELS=480 * 320).post("/api/v1/search", data=photo).status_code == 200


def test_a_form_with_too_many_parts(bundle: Path, photo: bytes) -> None:
    parts = {f"field{number}": "x" for number in range(3)}
    for most, status in ((3, 413), (4, 200)):
        data = {**parts, "image": (io.BytesIO(photo), "a.jpg")}
        response = client(bundle, FORM_PARTS=most).post("/", data=data)
        assert response.status_code == status


def test_results_on_a_page_and_in_an_answer(bundle: Path, photo: bytes) -> None:
    limited = client(bundle, RESULTS=5, RESULTS_MOST=10)
    assert len(json.loads(limited.post("/api/v1/search", data=photo).data)["matches"]) == 5
    assert limited.post("/api/v1/search?limit=10", data=photo).status_code == 200
    assert limited.post("/api/v1/search?limit=11", data=photo).status_code == 422
    page = limited.post("/", data={"image": (io.BytesIO(photo), "a.jpg")}).text
    assert page.count('<li class="tile') == 5


def test_a_picture_that_waits_too_long_for_its_turn(bundle: Path, photo: bytes) -> None:
    busy = client(bundle, ENCODES=1, WAIT=0.05)
    pool = busy.application.extensions["imagesearch"][1].snapshot().encoders
    with pool.borrow(timeout=1):
        problem = busy.post("/api/v1/search", data=photo)
        page = busy.post("/", data={"image": (io.BytesIO(photo), "a.jpg")})
    assert problem.status_code == page.status_code == 503
    assert problem.headers["Retry-After"] == page.headers["Retry-After"] == "2"
    assert "Too many people are searching right now" in page.text
    assert busy.post("/api/v1/search", data=photo).status_code == 200


def test_a_picture_that_waits_a_moment_is_answered(bundle: Path, photo: bytes) -> None:
    patient = client(bundle, ENCODES=1, WAIT=10)
    pool = patient.application.extensions["imagesearch"][1].snapshot().encoders
    with pool.borrow(timeout=1):
        answers: list[int] = []
        thread = threading.Thread(
            target=lambda: answers.append(patient.post("/api/v1/search", data=photo).status_code)
        )
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
    thread.join(10)
    assert answers == [200]


@pytest.mark.parametrize(("proxies", "scheme"), [(0, "http"), (1, "https")])
def test_forwarded_headers_are_believed_only_from_as_many_proxies_as_set(
    bundle: Path, proxies: int, scheme: str
) -> None:
    behind = client(bundle, PROXIES=proxies)
    seen: list[str] = []
    behind.application.before_request(lambda: seen.append(request.scheme))
    behind.get("/healthz", headers={"X-Forwarded-Proto": "https"})
    assert seen == [scheme]
