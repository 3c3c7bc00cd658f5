"""An engine that goes away, or holds something else: that is said, and it recovers by itself."""

import json
import logging
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from benchmarks.milvus.server import Milvus
from model.__main__ import main
from model.bundle import open_bundle
from model.ranking import collection
from model.ranking.collection import ENCODER, Address
from model.ranking.filling import create, fill
from tests.app.test_server import Server


@pytest.fixture(scope="module")
def told_address(milvus: Milvus, told_bundle: Path) -> str:
    address = milvus.collection("told")
    fill(Address.parse(address), open_bundle(told_bundle))
    return address


def visitor(bundle: Path, address: str) -> FlaskClient:
    return create_app({"BUNDLE": str(bundle), "INDEX": address}).test_client()


def readiness(client: FlaskClient) -> str:
    """Return why the server is not ready; "" where it is."""
    answer = client.get("/readyz")
    assert answer.json
    assert (answer.status_code, answer.json["status"]) in {(200, "ready"), (503, "not ready")}
    return str(answer.json.get("reason", ""))


def test_a_missing_a_foreign_and_a_half_filled_collection(
    milvus: Milvus, told_bundle: Path, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "_LOOK_SECONDS", 0.0)
    encoder = open_bundle(told_bundle).manifest.files["encoder"].sha256
    client = visitor(told_bundle, milvus.collection("later"))
    assert "does not exist" in (why := readiness(client))
    assert f"python -m model move --to {milvus.collection('later')}" in why
    answer = client.post("/api/v1/search", data=photo)
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert json.loads(answer.text)["type"] == "urn:imagesearch:problem:index-unavailable"
    assert int(answer.headers["Retry-After"]) > 0

    milvus.client().create_collection("later", dimension=4)
    assert "was not made by imagesearch" in readiness(client)
    milvus.client().drop_collection("later")
    create(Address.parse(milvus.collection("later")), "0" * 64, 256)
    assert "another model" in readiness(client)
    milvus.client().alter_collection_properties("later", {ENCODER: encoder})
    assert "never filled to the end" in readiness(client)

    fill(Address.parse(milvus.collection("later")), open_bundle(told_bundle))
    assert readiness(client) == ""
    assert client.post("/api/v1/search", data=photo).status_code == 200


def test_doctor_asks_the_collection(
    milvus: Milvus, told_bundle: Path, told_address: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for name, value in {"PORT": "0", "PIXELS": "1000000", "INDEX": told_address}.items():
        monkeypatch.setenv(f"IMAGESEARCH_{name}", value)
    assert main(["doctor", "--bundle", str(told_bundle)]) == 0
    assert "ok     index: " in capsys.readouterr().out
    monkeypatch.setenv("IMAGESEARCH_INDEX", milvus.collection("nowhere"))
    assert main(["doctor", "--bundle", str(told_bundle)]) == 1
    found = capsys.readouterr().out
    assert "wrong  index: " in found
    assert "does not exist" in found


def test_a_server_that_is_killed_and_comes_back(
    milvus: Milvus, told_bundle: Path, told_address: str, photo: bytes
) -> None:
    server = Server(told_bundle, INDEX=told_address)
    try:
        found = json.loads(server.ask("POST", "/api/v1/search", photo)[1])["matches"]
        milvus.kill()
        status, problem = server.ask("POST", "/api/v1/search", photo)
        assert (status, json.loads(problem)["status"]) == (503, 503)
        identifier = found[0]["id"]
        status, page = server.ask("GET", f"/images/{identifier}")
        assert status == 503
        assert b"Nothing can be searched right now" in page
        # A worker looks once a second at the most, and this may be the other one.
        deadline = time.monotonic() + 30
        while (found_out := server.ask("GET", "/readyz"))[0] != 503:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert f"{told_address} cannot be asked" in json.loads(found_out[1])["reason"]
        assert server.ask("GET", "/healthz")[0] == server.ask("GET", "/browse")[0] == 200
        milvus.start()
        deadline = time.monotonic() + 120
        # Each worker has a connection of its own: both answer where a dozen in a row do.
        answers = a_dozen(server, photo)
        while {status for status, _ in answers} != {200}:
            assert time.monotonic() < deadline
            time.sleep(0.5)
            answers = a_dozen(server, photo)
        assert server.ask("GET", "/readyz")[0] == 200
        again = json.loads(answers[-1][1])["matches"]
        assert [match["id"] for match in again] == [match["id"] for match in found]
    finally:
        server.process.terminate()
        _, errors = server.process.communicate(timeout=40)
    assert "Traceback" not in errors
    assert errors.count("cannot be asked") <= 12
    assert f"{told_address} answers again." in errors


def a_dozen(server: Server, photo: bytes) -> list[tuple[int, bytes]]:
    return [server.ask("POST", "/api/v1/search", photo) for _ in range(12)]


def test_a_bundle_that_changed_is_searched_on_and_noted(
    milvus: Milvus, told_bundle: Path, told_address: str
) -> None:
    client = visitor(told_bundle, told_address)
    answer = client.get("/readyz").json
    assert answer
    assert "note" not in answer
    (mark,) = milvus.client().describe_collection("told")["aliases"]
    milvus.client().create_alias("told", "told_holds_something_else")
    milvus.client().drop_alias(mark)
    time.sleep(1.1)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json
    assert "The bundle changed" in answer.json["note"]


def test_an_address_that_is_none_and_a_client_that_is_missing(
    told_bundle: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ValueError, match="INDEX cannot be 'milvus://nowhere'"):
        create_app({"BUNDLE": str(told_bundle), "INDEX": "milvus://nowhere"})
    with caplog.at_level(logging.WARNING):
        assert "cannot be asked" in readiness(visitor(told_bundle, "milvus://127.0.0.1:1/none"))
    assert "cannot be asked" in caplog.text
    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(collection.EngineError, match=r"requirements-engine\.txt"):
        create_app({"BUNDLE": str(told_bundle), "INDEX": "milvus://127.0.0.1:1/none"})


def missing(name: str) -> None:
    raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_a_page_says_it_in_its_language_and_the_api_in_english(told_bundle: Path) -> None:
    client = visitor(told_bundle, "milvus://127.0.0.1:1/none")
    identifier = open_bundle(told_bundle).gallery.record(0).id
    german = {"Accept-Language": "de"}
    page = client.get(f"/images/{identifier}", headers=german)
    assert page.status_code == 503
    assert "Die Suche ist gerade nicht möglich" in page.text
    problem = client.get(f"/api/v1/images/{identifier}/similar", headers=german)
    assert problem.status_code == 503
    assert problem.json
    assert problem.json["title"] == "Nothing can be searched right now"
