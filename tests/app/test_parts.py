"""A part of a picture of the gallery as the query: on its pages, by its address, as data."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageOps

from app import create_app
from app.live import Snapshot
from model.gallery import Record
from tests import drawing
from tests.app.markup import Page

VIEW = "region=60,80,300,200&mirror=1&turn=90"


@pytest.fixture
def record(snapshot: Snapshot) -> Record:
    return snapshot.gallery.record(7)


def api(client: FlaskClient, record: Record, query: str, status: int = 200) -> dict[str, Any]:
    response = client.get(f"/api/v1/images/{record.id}/similar?{query}")
    assert response.status_code == status, response.text
    found: dict[str, Any] = json.loads(response.data)
    return found


def sent(client: FlaskClient, image: Image.Image) -> dict[str, float]:
    """Return the similarities of a picture that is sent, by the ids of the matches."""
    content = drawing.encoded(image, "PNG")
    response = client.post("/api/v1/search", data={"image": (io.BytesIO(content), "a.png")})
    return {match["id"]: match["similarity"] for match in json.loads(response.data)["matches"]}


def page(client: FlaskClient, address: str, status: int = 200) -> Page:
    response = client.get(address)
    assert response.status_code == status, response.text
    return Page(response.text)


def fields(shown: Page) -> dict[str, list[str]]:
    """Return what the form that asks for a part would send, without the button pressed."""
    names = ("turn", "mirror", "x", "y", "width", "height", "more", "less", "tag")
    found: dict[str, list[str]] = {}
    for field in shown.all("input"):
        if field.get("name") in names and field.get("type") != "search":
            found.setdefault(field["name"], []).append(field["value"])
    return found


def stored(snapshot: Snapshot, record: Record) -> Image.Image:
    return Image.open(io.BytesIO(snapshot.gallery.thumbnail(record, "large"))).convert("RGB")


def test_only_the_part_is_searched_with_mirrored_and_turned(
    client: FlaskClient, snapshot: Snapshot, record: Record
) -> None:
    part = ImageOps.mirror(stored(snapshot, record).crop((60, 80, 360, 280)))
    wanted = sent(client, part.rotate(-90, expand=True))
    found = api(client, record, VIEW)
    assert found["query"] == {
        "width": 480, "height": 320, "format": "JPEG", "turned": False, "mirror": True, "turn": 90,
        "region": {"x": 60, "y": 80, "width": 300, "height": 200},
    }  # fmt: skip
    similarities = {match["id"]: match["similarity"] for match in found["matches"]}
    del wanted[record.id]
    assert similarities == pytest.approx(wanted, abs=1e-6)
    assert found["page"] == f"/images/{record.id}/similar?{VIEW}"
    whole = api(client, record, "region=0,0,480,320")
    assert whole["query"]["region"] is None
    assert whole["matches"] == api(client, record, "")["matches"]


def test_a_region_is_of_the_original_and_its_stored_picture_is_smaller(
    make_bundle: Callable[..., Path],
) -> None:
    bundle = make_bundle({"size": (3000, 2000)}, {"title": "Another"}, {"title": "A third"})
    client = create_app({"TESTING": True, "BUNDLE": str(bundle), "PIXELS": 200_000}).test_client()
    snapshot = client.application.extensions["imagesearch"][1].snapshot()
    record = next(each for each in snapshot.gallery.page(0, 3) if each.width == 3000)
    copy = stored(snapshot, record)
    assert copy.size == (1000, 667)
    part = copy.crop((300, 200, 700, 467))
    found = api(client, record, "region=900,600,1200,800")
    wanted = sent(client, part)
    similarities = {match["id"]: match["similarity"] for match in found["matches"]}
    del wanted[record.id]
    assert similarities == pytest.approx(wanted, abs=1e-6)
    shown = page(client, found["page"])
    assert "3,000 \N{MULTIPLICATION SIGN} 2,000 pixels, PNG" in shown.text
    source = shown.all("img", cls="looked-at")[0]["src"]
    looked = Image.open(io.BytesIO(base64.b64decode(source.split(",")[1])))
    assert looked.size == part.size
    assert np.abs(np.asarray(looked, float) - np.asarray(part)).mean() < 3


@pytest.mark.parametrize("start", ["", "/similar"])
def test_four_numbers_lead_to_an_address_that_can_be_shared(
    client: FlaskClient, record: Record, start: str
) -> None:
    form = fields(page(client, f"/images/{record.id}{start}"))
    assert form == {name: [""] for name in ("x", "y", "width", "height")} | {
        "turn": ["0"], "mirror": ["0"],
    }  # fmt: skip
    numbers = {"x": ["60"], "y": ["80"], "width": ["300"], "height": ["200"]}
    response = client.get(f"/images/{record.id}/similar", query_string=form | numbers)
    assert response.status_code == 302
    assert response.location == f"/images/{record.id}/similar?region=60,80,300,200"
    shown = page(client, response.location)
    assert "Only the marked part" in shown.text
    assert "Pictures like this part" in shown.text
    assert fields(shown) == form | numbers
    found = api(client, record, "region=60,80,300,200")["matches"]
    assert [a["href"] for a in shown.all("a") if a["href"] in {each["page"] for each in found}] == [
        each["page"] for each in found
    ]
    assert client.get(f"/images/{record.id}/similar", query_string=form).location == (
        f"/images/{record.id}/similar"
    )


def test_buttons_turn_mirror_and_take_all_of_it(client: FlaskClient, record: Record) -> None:
    address = f"/images/{record.id}/similar?region=60,80,300,200"
    for button, query in (
        ("turn-0", "region=60,80,300,200&turn=90"),
        ("mirror-0", "region=60,80,300,200&mirror=1&turn=270"),
        ("whole-0", "mirror=1&turn=270"),
        ("turn-0", "mirror=1"),
    ):
        form = fields(page(client, address)) | {"do": [button]}
        address = client.get(f"/images/{record.id}/similar", query_string=form).location
        assert address == f"/images/{record.id}/similar?{query}"
    assert "Mirrored" in page(client, address).text


def test_every_way_on_carries_the_part_and_the_form_carries_the_rest(
    bundle: Path, snapshot: Snapshot, record: Record
) -> None:
    client = create_app({"TESTING": True, "BUNDLE": str(bundle), "RESULTS": 5}).test_client()
    more, tag = snapshot.gallery.record(20).id, next(iter(snapshot.gallery.facets.tags))
    address = f"/images/{record.id}/similar?{VIEW}&more={more}&tag={tag}&per_group=0"
    shown = page(client, address)
    ways = [urlsplit(a["href"]) for a in shown.all("a") if "similar?" in a["href"]]
    steps = [a for a in shown.all("a") if a.get("rel") in {"next nofollow", "nofollow"}]
    assert len(ways) > 5
    assert len(steps) > 10
    for query in (each.query for each in ways):
        assert set(parse_qsl(VIEW)) <= set(parse_qsl(query))
    compared = [a["href"] for a in steps if a["href"].startswith("/compare/")]
    assert len(compared) == 5
    assert all(each.endswith(f"?{VIEW}") for each in compared)
    form = fields(shown)
    assert (form["more"], form["tag"]) == ([more], [tag])
    turned = client.get(f"/images/{record.id}/similar", query_string=form | {"do": "turn-0"})
    assert turned.location.split("?")[1] == (
        f"region=60,80,300,200&mirror=1&turn=180&more={more}&tag={tag}"
    )


def test_the_part_is_what_is_compared(client: FlaskClient, record: Record) -> None:
    match = api(client, record, VIEW)["matches"][3]
    shown = page(client, f"/compare/{record.id}/{match['id']}?{VIEW}")
    assert f"Similarity {match['similarity']:.3f}" in shown.text
    assert "Only the marked part, mirrored and turned by 90°" in shown.text


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("region=480,0,10,10", "480 pixels wide and 320 high"),
        ("region=1,2,3", "four whole numbers"),
        ("region=0,0,0,9", "four whole numbers"),
        ("x=1&y=2", "four whole numbers"),
        ("turn=45", "0, 90, 180 or 270"),
    ],
)
def test_a_part_that_cannot_be_is_the_same_problem_as_of_an_upload(
    client: FlaskClient, record: Record, query: str, told: str
) -> None:
    follow = client.get(f"/images/{record.id}/similar?{query}", follow_redirects=True)
    assert follow.status_code == 422
    assert told in Page(follow.text).text


def test_the_api_says_so_too(client: FlaskClient, record: Record) -> None:
    outside = api(client, record, "region=480,0,10,10", 422)
    assert outside["type"] == "urn:imagesearch:problem:outside-region"
    for query in ("region=1,2,3", "region=-1,0,9,9", "turn=45", "mirror=2"):
        name = query.split("=", maxsplit=1)[0]
        assert f"The parameter {name} takes" in api(client, record, query, 422)["detail"]
    twice = api(client, record, "region=1,1,9,9&region=2,2,9,9", 422)["detail"]
    assert "only once" in twice
    nearest = json.loads(client.get("/api/nearest/7?region=1,1,90,90").data)
    assert nearest["query"]["region"] == {"x": 1, "y": 1, "width": 90, "height": 90}
