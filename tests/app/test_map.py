"""The map as it is served: the page and its regions, tiles, places, and marks."""

import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from app import create_app
from app.live import Snapshot
from app.regions import whereabouts
from tests.app.markup import Page


def get(client: FlaskClient, path: str) -> Page:
    response = client.get(path)
    assert response.status_code == 200, path
    return Page(response.text)


def stage(page: Page) -> dict[str, str]:
    return page.all("div", cls="stage")[0]


def small_pages(bundle: Path, size: int) -> FlaskClient:
    """Return a client of a server that shows so many pictures on a page."""
    return create_app({"TESTING": True, "BUNDLE": str(bundle), "BROWSE": size}).test_client()


def identifiers(page: Page) -> list[str]:
    found = [re.fullmatch(r"/images/(\w{12})", a["href"]) for a in page.all("a") if "href" in a]
    return [match[1] for match in found if match]


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    assert image.format == "WEBP"
    return image.convert("RGBA")


def test_the_page_is_in_the_navigation_and_light(client: FlaskClient) -> None:
    assert "/map" in get(client, "/").links()
    assert len(client.get("/map").data) < 100_000


def test_every_picture_is_reached_from_the_map_by_links_alone(bundle: Path) -> None:
    client = small_pages(bundle, 3)
    seen: set[str] = set()
    waiting, found = {"/map"}, set[str]()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        page = get(client, path)
        found |= set(identifiers(page))
        waiting |= {link for link in page.links() if link.startswith("/map?")} - seen
        picture = page.all("img")[0]["src"]
        assert client.get(picture).mimetype == "image/webp", picture
    assert len(found) == 24


def test_a_region_shows_its_own_pictures_and_leads_to_those_beside_it(bundle: Path) -> None:
    client = small_pages(bundle, 3)
    placed = json.loads(client.get("/api/v1/map").data)["places"]
    corner = {each["id"] for each in placed if each["column"] < 2 and each["line"] < 2}
    found = set()
    for number in (1, 2):
        found |= set(identifiers(get(client, f"/map?x=0.1&y=0.1&z=1&page={number}")))
    assert found == corner
    beside = get(client, "/map?x=0.1&y=0.1&z=1")
    words = [word for word in ("Left", "Right", "Up", "Down", "Farther out") if word in beside.text]
    assert words == ["Right", "Down", "Farther out"]


@pytest.mark.parametrize("query", ["x=nan&y=2&z=99", "x=&y=a&z=-1", "x=1&y=1&z=1e9"])
def test_an_address_that_was_written_by_hand_leads_somewhere(
    client: FlaskClient, query: str
) -> None:
    get(client, f"/map?{query}")


def test_tiles_show_the_pictures_at_their_places_and_nothing_elsewhere(
    client: FlaskClient, snapshot: Snapshot
) -> None:
    told = stage(get(client, "/map"))
    assert (told["data-columns"], told["data-lines"]) == ("5", "5")
    answer = client.get(f"{told['data-tiles']}/0/0/0.webp")
    assert "immutable" in answer.headers["Cache-Control"]
    tile = np.asarray(opened(answer.data)).astype(int)
    assert tile.shape == (384, 512, 4)
    assert not tile[5 * 48 :, :, 3].any()
    assert not tile[:, 5 * 64 :, 3].any()
    for place in json.loads(client.get("/api/v1/map").data)["places"]:
        left, top = place["column"] * 64, place["line"] * 48
        shown = tile[top + 8 : top + 40, left + 8 : left + 56, :3].mean(axis=(0, 1))
        record = snapshot.gallery.find(place["id"])
        assert record is not None
        known = [int(record.colour[start : start + 2], 16) for start in (1, 3, 5)]
        assert np.abs(shown - known).max() < 25, record.path


def test_links_are_told_part_by_part(client: FlaskClient, snapshot: Snapshot) -> None:
    told = stage(get(client, "/map"))
    answer = client.get(f"{told['data-tiles']}/0/0.json")
    assert "immutable" in answer.headers["Cache-Control"]
    placed = json.loads(client.get("/api/v1/map").data)["places"]
    expected = {each["id"]: [each["column"], each["line"]] for each in placed}
    told_of = json.loads(answer.data)
    assert {found[0]: found[1:3] for found in told_of} == expected
    titles = {found[0]: found[3] for found in told_of}
    assert titles == {r.id: r.title for r in snapshot.gallery.page(0, 24)}


@pytest.mark.parametrize(
    "path", ["{}/1/0/0.webp", "{}/0/1/0.webp", "{}/0/1.json", "{}/region/0/1/0.webp",
             "/map/000000000000/0/0/0.webp", "/map/000000000000/0/0.json"]
)  # fmt: skip
def test_what_the_map_does_not_have_is_not_there(client: FlaskClient, path: str) -> None:
    tiles = stage(get(client, "/map"))["data-tiles"]
    assert client.get(path.format(tiles)).status_code == 404


def test_a_picture_is_marked_at_its_place(client: FlaskClient, snapshot: Snapshot) -> None:
    record = snapshot.gallery.record(7)
    page = get(client, f"/map?at={record.id}")
    place = json.loads(client.get("/api/v1/map?offset=7&limit=1").data)["places"][0]
    assert stage(page)["data-mark"] == f"{place['column']},{place['line']}"
    assert f"/images/{record.id}" in page.links()
    assert client.get("/map?at=0123456789ab").status_code == 404
    for path in (f"/images/{record.id}", f"/images/{record.id}/similar"):
        assert f"/map?at={record.id}" in get(client, path).links()


def test_an_upload_leads_to_its_place_which_is_beside_its_best_matches(
    client: FlaskClient, photo: bytes, snapshot: Snapshot
) -> None:
    answer = client.post("/", data={"image": (io.BytesIO(photo), "photo.jpg")})
    link = next(each for each in Page(answer.text).links() if each.startswith("/map?near="))
    column, line = map(float, stage(get(client, link))["data-mark"].split(","))
    own = snapshot.gallery.find_path("arch/00.jpg")
    assert own is not None
    tiles = snapshot.tiles
    assert tiles is not None
    assert np.abs(tiles.atlas.cells[own.row] - (column, line)).max() <= 1
    assert "data-mark" not in stage(get(client, "/map?near=0123456789ab,,x"))


def test_a_query_stands_in_the_crowd_and_not_between_two() -> None:
    cells = np.array([[0, 0], [1, 0], [0, 1], [90, 90], [91, 90]])
    column, line = whereabouts(cells, [0, 3, 1, 2, 4])
    assert max(column, line) < 1


def test_a_gallery_without_a_map_says_so_and_names_the_command(
    bundle: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "without"
    shutil.copytree(bundle, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["gallery"]["map"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    client = create_app({"TESTING": True, "BUNDLE": str(folder)}).test_client()
    assert "python -m model map --bundle" in get(client, "/map").text
    assert client.get("/map/0/0/0/0.webp").status_code == 404
    told = json.loads(client.get("/api/v1/map").data)
    assert (told["total"], told["places"], told["next"]) == (0, [], None)
    assert "See it on the map" not in get(client, client.get("/nearest/0").location).text


def test_the_api_tells_every_place_part_by_part(client: FlaskClient, snapshot: Snapshot) -> None:
    path, found = "/api/v1/map?limit=10", []
    while path:
        told = json.loads(client.get(path).data)
        found += told["places"]
        path = told["next"]
    assert told["total"] == len(found) == 24
    assert [each["id"] for each in found] == [r.id for r in snapshot.gallery.page(0, 24)]
    assert len({(each["column"], each["line"]) for each in found}) == 24
    assert (told["columns"], told["lines"], told["joined"]) == (5, 5, 0)
    assert told["method"] == "self-sorting map"
    assert client.get("/api/v1/map?limit=10001").status_code == 422
