"""Copies are said to be so on every page and in the API, and /duplicates shows them for review."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app import create_app
from model.bundle import open_bundle
from model.indexing import index_folder
from model.publishing import adopt_model
from tests import copying, drawing
from tests.app.markup import Page
from tests.model.test_copies import forget

EXACT, NEAR = "This very picture", "The same picture, resized or recompressed"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copying.fill(tmp_path_factory.mktemp("archive") / "pictures")


@pytest.fixture(scope="module")
def made(folder: Path, shipped: Path) -> Path:
    adopt_model(folder.parent / "bundle", shipped)
    index_folder(folder, folder.parent / "bundle", jobs=1)
    return folder.parent / "bundle"


@pytest.fixture(scope="module")
def archive(made: Path) -> FlaskClient:
    return create_app({"TESTING": True, "BUNDLE": str(made)}).test_client()


@pytest.fixture(scope="module")
def ids(made: Path) -> dict[str, str]:
    """Return the id of each picture by its path."""
    return {record.path: record.id for record in open_bundle(made).gallery.page(0, 99)}


def get(client: FlaskClient, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    return json.loads(response.data) if address.startswith("/api") else Page(response.text)


def search(client: FlaskClient, content: bytes) -> dict[str, str]:
    found = json.loads(client.post("/api/v1/search", data=content).data)
    return {match["id"]: match["copy"] for match in found["matches"] if match["copy"]}


def test_the_very_file_and_its_copies_are_told_apart(
    archive: FlaskClient, folder: Path, ids: dict[str, str]
) -> None:
    expected = {
        ids["bridge.png"]: "exact", ids["mail.jpg"]: "near", ids["scans/bridge.webp"]: "near",
    }  # fmt: skip
    assert search(archive, (folder / "bridge.png").read_bytes()) == expected
    again = drawing.encoded(Image.open(folder / "bridge.png"), "PNG", compress_level=1)
    assert search(archive, again) == dict.fromkeys(expected, "near")


@pytest.mark.parametrize("change", ["half", "bright", "jpeg"])
def test_a_copy_that_is_not_in_the_gallery_is_the_same_picture(
    archive: FlaskClient, folder: Path, ids: dict[str, str], change: str
) -> None:
    picture = Image.open(folder / "lone.png")
    changed = {
        "half": drawing.encoded(picture.resize((240, 160)), "PNG"),
        "bright": drawing.encoded(picture.point(lambda value: round(value * 0.9)), "PNG"),
        "jpeg": drawing.encoded(picture, "JPEG", quality=30),
    }[change]
    assert search(archive, changed) == {ids["lone.png"]: "near"}


@pytest.mark.parametrize("change", ["mirrored", "quarter", "other", "flat", "recoloured"])
def test_other_pictures_are_no_copies(archive: FlaskClient, folder: Path, change: str) -> None:
    picture = Image.open(folder / "lone.png")
    changed = {
        "mirrored": picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "quarter": picture.crop((0, 0, 240, 160)),
        "other": drawing.textured("arch", 7),
        "flat": Image.new("RGB", drawing.SIZE, (1, 1, 1)),
        # Blue makes an eleventh of the grey that the hash is made of.
        "recoloured": picture.convert("RGB", (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.6, 0)),
    }[change]
    assert search(archive, drawing.encoded(changed)) == {}


def test_the_results_say_so_in_the_place_of_the_similarity(
    archive: FlaskClient, folder: Path
) -> None:
    content = (folder / "bridge.png").read_bytes()
    page = Page(archive.post("/", data={"image": (io.BytesIO(content), "mine.png")}).text)
    assert f"1 {EXACT} 1.000" in page.text
    assert (page.text.count(EXACT), page.text.count(NEAR)) == (1, 2)
    assert len(page.all("span", cls="word")) == 9
    assert len(page.all("svg", cls="bar")) == 6


def test_a_picture_of_the_gallery_names_its_copies(
    archive: FlaskClient, ids: dict[str, str]
) -> None:
    address = f"/images/{ids['mail.jpg']}"
    assert get(archive, address).text.count(NEAR) == 2
    assert get(archive, f"{address}/similar").text.count(NEAR) == 2
    found = get(archive, f"/api/v1{address}/similar")["matches"]
    copies = {match["id"] for match in found if match["copy"] == "near"}
    assert copies == {ids["bridge.png"], ids["scans/bridge.webp"]}
    assert {match["copy"] for match in found} == {"near", ""}


def test_the_page_shows_the_groups_side_by_side(archive: FlaskClient, ids: dict[str, str]) -> None:
    page = get(archive, "/duplicates")
    assert "2 pictures that have copies" in page.text
    assert f"/images/{ids['mail.jpg']}" in page.links()
    for words in (
        "480 \N{MULTIPLICATION SIGN} 320 pixels, PNG",
        "240 \N{MULTIPLICATION SIGN} 160 pixels, JPEG",
        "2 files, the same byte for byte: bridge.png scans/again.png", "scans/other (1).jpg",
    ):  # fmt: skip
        assert words in page.text
    assert page.text.count("The largest") == 1
    assert len(page.all("ul", cls="group")) == 2
    assert "/duplicates" in get(archive, "/browse").links()


def test_groups_as_data_part_by_part(archive: FlaskClient, ids: dict[str, str]) -> None:
    found, address = [], "/api/v1/duplicates?limit=1"
    while address:
        part = get(archive, address)
        assert (part["known"], part["total"], len(part["groups"])) == (True, 2, 1)
        found += part["groups"]
        address = part["next"]
    assert [group["count"] for group in found] == [3, 1]
    first, *others = found[0]["images"]
    assert (first["id"], first["largest"]) == (ids["bridge.png"], True)
    assert (first["path"], first["elsewhere"]) == ("bridge.png", ["scans/again.png"])
    assert [each["largest"] for each in others] == [False, False]
    assert get(archive, "/api/v1/duplicates?offset=2")["groups"] == []
    assert archive.get("/api/v1/duplicates?limit=0").status_code == 422


def test_the_page_goes_on_page_by_page(made: Path) -> None:
    client = create_app({"TESTING": True, "BUNDLE": str(made), "RESULTS": 1}).test_client()
    page = get(client, "/duplicates")
    assert "1 to 1 of 2 pictures that have copies" in page.text
    assert "/duplicates?page=2" in page.links()
    assert "scans/other (1).jpg" in get(client, "/duplicates?page=2").text
    assert client.get("/duplicates?page=3").status_code == 404


def test_a_gallery_without_copies_says_so(make_bundle: Callable[..., Path]) -> None:
    bundle = make_bundle({"title": "One"}, {"title": "Another"})
    client = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
    assert "No picture is here twice" in get(client, "/duplicates").text
    assert "/duplicates" not in get(client, "/browse").links()
    assert get(client, "/api/v1/duplicates")["groups"] == []


def test_an_index_of_an_earlier_version_tells_only_the_very_file(
    make_bundle: Callable[..., Path], tmp_path: Path
) -> None:
    bundle = make_bundle({"title": "One"}, {"title": "Another"})
    forget(bundle)
    client = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
    content = (tmp_path / "pictures" / "0.png").read_bytes()
    assert list(search(client, content).values()) == ["exact"]
    assert "Nobody has looked for copies yet" in get(client, "/duplicates").text
    assert get(client, "/api/v1/duplicates")["known"] is False
    assert client.get("/browse").status_code == 200
