"""The JSON interface: what is sent, what is answered, and the document that says so."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.live import Snapshot
from model.encoder import Encoder
from model.images import load
from tests import drawing


def answer(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.data)
    return found


def search(client: FlaskClient, photo: bytes, query: str = "") -> dict[str, Any]:
    return answer(client.post(f"/api/v1/search{query}", data=photo, content_type="image/jpeg"))


def test_search_answers_as_the_design_lays_down(client: FlaskClient, photo: bytes) -> None:
    found = search(client, photo)
    assert found["query"] == {
        "width": 480, "height": 320, "format": "JPEG", "turned": False, "region": None,
        "mirror": False, "turn": 0,
    }  # fmt: skip
    assert found["searched"] == 24
    milliseconds = found["milliseconds"]
    assert milliseconds.pop("second_look") == 0
    assert set(milliseconds) == {"decode", "encode", "rank", "total"}
    assert all(value > 0 for value in milliseconds.values())
    assert [match["rank"] for match in found["matches"]] == list(range(1, 25))
    first = found["matches"][0]
    assert first["distance"] == pytest.approx(0, abs=1e-5)
    assert first["similarity"] == pytest.approx(1 - first["distance"])
    assert all(
        match["score"] == pytest.approx(match["similarity"], abs=1e-6) for match in found["matches"]
    )
    assert first["likeness"] == "very similar"
    assert client.get(first["page"]).status_code == 200
    assert client.get(first["thumbnail"]).content_type == "image/webp"


def test_matches_are_those_of_encoding_and_comparing_by_hand(
    client: FlaskClient, photo: bytes, snapshot: Snapshot
) -> None:
    encoder = Encoder(snapshot.bundle.path("encoder"))
    embedding = encoder.encode(load(photo).pixels[np.newaxis]).embedding[0]
    distances = 1 - snapshot.bundle.embeddings @ embedding
    order = np.argsort(distances, kind="stable")
    matches = search(client, photo)["matches"]
    assert [match["distance"] for match in matches] == pytest.approx(distances[order], abs=1e-6)
    assert matches[0]["id"] == snapshot.gallery.record(int(order[0])).id


@pytest.mark.parametrize(
    "sent",
    [
        {"data": b"", "content_type": "image/jpeg"},
        {"data": b"", "content_type": "application/octet-stream"},
        # What `curl --data-binary` says of any file.
        {"data": b"", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"", "content_type": None},
    ],
)
def test_a_raw_body_needs_no_particular_content_type(
    client: FlaskClient, photo: bytes, sent: dict[str, Any]
) -> None:
    response = client.post("/api/v1/search", **(sent | {"data": photo}))
    assert answer(response)["query"]["format"] == "JPEG"


def test_multipart_and_raw_bodies_answer_alike(client: FlaskClient, photo: bytes) -> None:
    form = client.post("/api/v1/search", data={"image": (io.BytesIO(photo), "any.name")})
    assert answer(form)["matches"] == search(client, photo)["matches"]


def test_limit_and_offset_cut_one_stable_order(client: FlaskClient, photo: bytes) -> None:
    everything = search(client, photo)["matches"]
    parts = [search(client, photo, f"?limit=7&offset={start}") for start in (0, 7, 14, 21, 28)]
    assert [match for part in parts for match in part["matches"]] == everything
    assert {part["total"] for part in parts} == {24}


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "offset=-1", "offset=1.5"])
def test_a_parameter_out_of_its_range_is_a_problem(
    client: FlaskClient, photo: bytes, query: str
) -> None:
    response = client.post(f"/api/v1/search?{query}", data=photo)
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert query.split("=", maxsplit=1)[0] in json.loads(response.data)["detail"]


def test_similar_leaves_the_picture_itself_out(client: FlaskClient, snapshot: Snapshot) -> None:
    record = snapshot.gallery.record(3)
    found = answer(client.get(f"/api/v1/images/{record.id}/similar"))
    assert found["searched"] == found["total"] == len(found["matches"]) == 23
    assert record.id not in {match["id"] for match in found["matches"]}
    part = answer(client.get(f"/api/v1/images/{record.id}/similar?limit=3&offset=21"))
    assert part["matches"] == found["matches"][21:]
    assert answer(client.get(f"/api/v1/images/{record.id}/similar?offset=99"))["matches"] == []


@pytest.mark.parametrize("given", ["3", "id"])
def test_the_address_of_the_original_demo_answers_like_similar(
    client: FlaskClient, snapshot: Snapshot, given: str
) -> None:
    identifier = snapshot.gallery.record(3).id
    old = answer(client.get(f"/api/nearest/{identifier if given == 'id' else given}?limit=5"))
    new = answer(client.get(f"/api/v1/images/{identifier}/similar?limit=5"))
    assert old["matches"] == new["matches"]


def test_the_document_describes_every_address_and_names_real_definitions(
    client: FlaskClient,
) -> None:
    response = client.get("/api/v1/openapi.json")
    document = json.loads(response.data)
    assert set(document["paths"]) == {
        "/api/v1/search",
        "/api/v1/images",
        "/api/v1/images/{identifier}",
        "/api/v1/map",
        "/api/v1/duplicates",
        "/api/v1/model",
        "/api/v1/images/{identifier}/similar",
        "/api/v1/images/{identifier}/compare/{other}",
        "/api/v1/compare/{identifier}",
        "/api/nearest/{identifier}",
    }
    operation = document["paths"]["/api/v1/search"]["post"]
    assert set(operation["requestBody"]["content"]) == {
        "multipart/form-data", "image/*", "application/octet-stream",
    }  # fmt: skip
    limit = next(each for each in operation["parameters"] if each["name"] == "limit")
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, 100)
    assert "application/problem+json" in operation["responses"]["415"]["content"]
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            expected = {"200", "405", "500"} | ({"304", "412"} if method == "get" else set())
            assert expected <= set(told["responses"])
            shown = [each["schema"] for each in told["parameters"] if each["in"] == "path"]
            pattern = "^([0-9a-f]{12}|[0-9]{1,11})$" if "nearest" in path else "^[0-9a-f]{12}$"
            assert [each["pattern"] for each in shown] == [pattern] * path.count("{")
    named = set(response.text.split("#/components/schemas/")[1:])
    assert {name.split('"')[0] for name in named} <= set(document["components"]["schemas"])


def test_the_answer_is_what_the_document_says(client: FlaskClient, photo: bytes) -> None:
    schemas = json.loads(client.get("/api/v1/openapi.json").data)["components"]["schemas"]
    found = search(client, photo)
    assert set(schemas["SearchAnswer"]["required"]) == set(found)
    assert set(schemas["MatchedImage"]["required"]) == set(found["matches"][0])
    assert answer(client.get(found["matches"][0]["record"]))["id"] == found["matches"][0]["id"]


@pytest.mark.parametrize(("tag", "total"), [("", 24), ("truss", 6), ("nothing", 0)])
def test_images_are_listed_in_one_stable_order_part_by_part(
    client: FlaskClient, snapshot: Snapshot, tag: str, total: int
) -> None:
    everything = snapshot.gallery.page(0, 99)
    wanted = [record.id for record in everything if tag in {"", *record.tags}]
    found, address = [], f"/api/v1/images?limit=5&tag={tag}"
    while address:
        part = answer(client.get(address))
        assert part["total"] == total
        assert len(part["images"]) <= 5
        found += [image["id"] for image in part["images"]]
        address = part["next"]
    assert found == wanted
    assert len(found) == total


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "offset=-1", f"tag={'x' * 201}"])
def test_a_list_has_limits(client: FlaskClient, query: str) -> None:
    response = client.get(f"/api/v1/images?{query}")
    assert response.status_code == 422
    assert query.split("=", maxsplit=1)[0] in json.loads(response.data)["detail"]


def test_a_record_is_told_whole_with_links_that_lead_somewhere(
    make_bundle: Callable[..., Path],
) -> None:
    told = {
        "title": "A truss over the river", "alt": "A dark truss.", "credit": "Ada",
        "licence": "CC0-1.0", "source": "https://pictures.example/7", "date": "2024-03-14",
        "group": "one", "tags": ["truss", "evening"],
    }  # fmt: skip
    folder = make_bundle(told | {"span_m": 120}, {"title": "Another"})
    client = create_app({"TESTING": True, "BUNDLE": str(folder)}).test_client()
    found = answer(client.get(answer(client.get("/api/v1/images"))["images"][0]["record"]))
    assert {name: found[name] for name in told if name != "path"} == {
        name: value for name, value in told.items() if name != "path"
    }
    assert found["details"] == {"span_m": 120}
    assert found["path"] == "0.png"
    assert (found["width"], found["height"], found["format"]) == (*drawing.SIZE, "PNG")
    for link in ("page", "thumbnail", "large", "record", "similar"):
        assert client.get(found[link]).status_code == 200


def test_the_model_card_is_that_of_the_bundle(client: FlaskClient, snapshot: Snapshot) -> None:
    manifest = snapshot.bundle.manifest
    found = answer(client.get("/api/v1/model"))
    assert found["recipe"] == manifest.model.recipe
    assert found["code_shape"] == [4, 4, 512]
    assert found["dimensions"] == manifest.model.dimensions
    assert found["checkpoint_sha256"] == manifest.files["checkpoint"].sha256
    assert found["trained"] == manifest.model.trained
    assert found["measures"] == manifest.model.measures
    assert found["compared"] == json.loads(msgspec.json.encode(manifest.model.compared))
    assert found["worst"] == json.loads(msgspec.json.encode(manifest.model.worst))
    assert found["gallery"]["count"] == 24
    assert found["bundle"] == {
        "generation": snapshot.bundle.generation, "created": manifest.created,
    }  # fmt: skip
