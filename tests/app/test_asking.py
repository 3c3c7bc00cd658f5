"""What can be asked: parts of pictures, several, more like this; and going on without storage."""

import base64
import io
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageOps
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app import create_app
from app.live import Snapshot
from model.encoder import Encoder
from model.images import load
from model.query import MOST_CHOSEN, MOST_PICTURES
from tests import drawing
from tests.app.markup import Page
from tests.app.sending import MULTIPART, multipart


def api(client: FlaskClient, *photos: bytes, query: str = "", status: int = 200) -> dict[str, Any]:
    sent = MultiDict([("image", (io.BytesIO(photo), "a.jpg")) for photo in photos])
    response = client.post(f"/api/v1/search{query}", data=sent)
    assert response.status_code == status, response.text
    found: dict[str, Any] = json.loads(response.data)
    return found


def distances(found: dict[str, Any]) -> list[float]:
    return [match["distance"] for match in sorted(found["matches"], key=lambda each: each["id"])]


def post(client: FlaskClient, *photos: bytes, **fields: Any) -> TestResponse:
    sent = MultiDict([("image", (io.BytesIO(photo), "a.jpg")) for photo in photos])
    for name, values in fields.items():
        sent.setlist(name, values if isinstance(values, list) else [values])
    return client.post("/", data=sent, content_type="multipart/form-data")


def page(response: TestResponse, status: int = 200) -> Page:
    assert response.status_code == status, response.text
    return Page(response.text)


def held(shown: Page) -> dict[str, list[str]]:
    """Return what the form of a page would send by itself."""
    names = ("held", "size", "turn", "mirror", "x", "y", "width", "height", "more", "less")
    fields = [field for field in shown.all("input") if field.get("name") in names]
    return {
        name: [field["value"] for field in fields if field["name"] == name]
        for name in names
        if any(field["name"] == name for field in fields)
    }


def tiles(shown: Page) -> list[str]:
    return [a["href"] for a in shown.all("a") if re.fullmatch(r"/images/\w{12}", a["href"])]


def looked_at(shown: Page) -> Image.Image:
    """Return the picture of what is searched with."""
    source = shown.all("img", cls="looked-at")[0]["src"]
    return Image.open(io.BytesIO(base64.b64decode(source.split(",")[1])))


def photo_of(kind: str, size: tuple[int, int] = drawing.SIZE) -> bytes:
    return drawing.encoded(drawing.draw(kind, seed=77, size=size), "PNG")


# Parts


def test_only_the_region_is_searched_with_mirrored_and_turned(client: FlaskClient) -> None:
    image = drawing.draw("truss", seed=77)
    part = ImageOps.mirror(image.crop((60, 80, 360, 280))).rotate(-90, expand=True)
    found = api(client, photo_of("truss"), query="?region=60,80,300,200&mirror=1&turn=90")
    by_hand = api(client, drawing.encoded(part, "PNG"))
    assert distances(found) == pytest.approx(distances(by_hand), abs=1e-6)
    assert distances(found) != pytest.approx(distances(api(client, photo_of("truss"))), abs=1e-3)
    assert found["query"] == {
        "width": 480, "height": 320, "format": "PNG", "turned": False, "mirror": True, "turn": 90,
        "region": {"x": 60, "y": 80, "width": 300, "height": 200},
    }  # fmt: skip


def test_a_region_beyond_the_edges_is_clipped_and_one_outside_is_a_problem(
    client: FlaskClient, photo: bytes
) -> None:
    found = api(client, photo, query="?region=400,300,500,500")
    assert found["query"]["region"] == {"x": 400, "y": 300, "width": 80, "height": 20}
    problem = api(client, photo, query="?region=480,0,10,10", status=422)
    assert problem["type"] == "urn:imagesearch:problem:outside-region"
    assert "480 pixels wide and 320 high" in problem["detail"]


@pytest.mark.parametrize(
    "query", ["region=1,2,3", "region=0,0,0,9", "region=-1,0,9,9", "turn=45", "mirror=2"]
)
def test_what_cannot_be_looked_at_is_a_problem(
    client: FlaskClient, photo: bytes, query: str
) -> None:
    problem = api(client, photo, query=f"?{query}", status=422)
    assert f"The parameter {query.split('=', maxsplit=1)[0]} takes" in problem["detail"]


def test_four_numbers_choose_a_part_without_scripts(client: FlaskClient) -> None:
    content = photo_of("arch", (1500, 1000))
    first = page(post(client, content))
    form = held(first) | {"x": "300", "y": "200", "width": "600", "height": "400"}
    shown = page(post(client, **form))
    assert "1,500 \N{MULTIPLICATION SIGN} 1,000 pixels" in shown.text
    assert "Only the marked part" in shown.text
    assert {name: held(shown)[name] for name in ("x", "y", "width", "height", "size")} == {
        "x": ["300"], "y": ["200"], "width": ["600"], "height": ["400"], "size": ["1500x1000"],
    }  # fmt: skip
    cut = Image.open(io.BytesIO(content)).crop((300, 200, 900, 600))
    seen = looked_at(shown)
    assert seen.size == (205, 137)
    assert np.abs(np.asarray(cut.resize(seen.size), float) - np.asarray(seen)).mean() < 6
    assert held(shown)["held"] == held(first)["held"]
    whole = page(post(client, **held(shown), do="whole-0"))
    # The copy is a JPEG and smaller: what looks most like it is the same, what is far need not be.
    assert tiles(first)[0] in tiles(whole)[:3]


def test_the_browsers_own_original_is_preferred_to_the_copy(client: FlaskClient) -> None:
    first = page(post(client, photo_of("arch", (3000, 2000))))
    part = {"x": "100", "y": "100", "width": "128", "height": "128"}
    original = (io.BytesIO(photo_of("arch", (3000, 2000))), "a.png")
    sharp = page(post(client, **held(first) | part, original=[original]))
    coarse = page(post(client, **held(first) | part))
    assert "3,000 \N{MULTIPLICATION SIGN} 2,000 pixels, PNG" in sharp.text
    assert looked_at(sharp).size == (128, 128)
    assert max(looked_at(coarse).size) < 30


def test_buttons_turn_and_mirror_without_scripts(client: FlaskClient) -> None:
    shown = page(post(client, photo_of("truss")))
    for button, told, turn, mirror in (
        ("turn-0", "Turned by 90°", 90, 0),
        ("mirror-0", "Mirrored and turned by 270°", 270, 1),
        ("turn-0", "Mirrored", 0, 1),
    ):
        shown = page(post(client, **held(shown), do=button))
        assert told in shown.text
        wanted = api(client, photo_of("truss"), query=f"?turn={turn}&mirror={mirror}&limit=1")
        assert tiles(shown)[0] == wanted["matches"][0]["page"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"x": "1"}, "four whole numbers"),
        ({"x": "9999", "y": "0", "width": "5", "height": "5"}, "480 pixels wide and 320 high"),
        ({"turn": "45"}, "0, 90, 180 or 270"),
        ({"held": "not base64!"}, "damaged on its way"),
    ],
)
def test_a_form_that_makes_no_sense_is_a_page_that_says_so(
    client: FlaskClient, photo: bytes, fields: dict[str, str], told: str
) -> None:
    form = held(page(post(client, photo))) | fields
    assert told in page(post(client, **form), 422).text


@pytest.mark.parametrize("content", [b"<svg onload='alert(1)'/>", b"GIF89a", b"x" * 1000])
def test_what_a_page_held_is_as_foreign_as_any_upload(
    client: FlaskClient, photo: bytes, content: bytes
) -> None:
    form = held(page(post(client, photo))) | {"held": base64.b64encode(content).decode()}
    assert "not a picture" in page(post(client, **form), 415).text


def test_the_copy_is_small_upright_and_bare(client: FlaskClient) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "taken at home"
    noise = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), dtype=np.uint8)
    content = drawing.encoded(Image.fromarray(noise), exif=exif, quality=95)
    shown = page(client.post("/", data=multipart(content), content_type=MULTIPART))
    copy = base64.b64decode(held(shown)["held"][0])
    assert len(copy) <= 60_000
    with Image.open(io.BytesIO(copy)) as image:
        assert (image.format, image.size) == ("JPEG", (384, 512))
        assert not image.getexif()


# Several


def test_several_pictures_are_searched_with_their_mean(
    client: FlaskClient, snapshot: Snapshot
) -> None:
    photos = [photo_of("arch"), photo_of("truss")]
    encoder = Encoder(snapshot.bundle.path("encoder"))
    each = [encoder.encode(load(photo).pixels[np.newaxis]).embedding[0] for photo in photos]
    mean = (each[0] + each[1]) / np.linalg.norm(each[0] + each[1])
    wanted = np.sort(1 - snapshot.bundle.embeddings @ mean)
    found = api(client, *photos)
    assert [match["distance"] for match in found["matches"]] == pytest.approx(wanted, abs=1e-6)
    assert [one["format"] for one in found["pictures"]] == ["PNG", "PNG"]
    assert found["query"] == found["pictures"][0]


def test_each_of_several_has_its_own_region_and_the_rest_is_ignored(client: FlaskClient) -> None:
    photos = [photo_of("arch"), photo_of("truss")]
    query = "?region=&region=10,20,300,200&region=1,1,1,1&turn=180"
    found = api(client, *photos, query=query)
    assert [one["region"] for one in found["pictures"]] == [
        None, {"x": 10, "y": 20, "width": 300, "height": 200},
    ]  # fmt: skip
    assert [one["turn"] for one in found["pictures"]] == [180, 0]


def test_the_one_of_several_that_cannot_be_used_is_named(client: FlaskClient) -> None:
    photo = photo_of("arch")
    damaged = photo[: len(photo) // 2]
    alone = api(client, damaged, status=422)["detail"]
    told = api(client, photo, photo, damaged, status=422)
    assert told["type"] == "urn:imagesearch:problem:damaged-picture"
    assert told["detail"] == f"Picture 3 of 3: {alone}"
    german = client.post(
        "/",
        data=MultiDict([("image", (io.BytesIO(each), "a.png")) for each in (b"no picture", photo)]),
        headers={"Accept-Language": "de"},
    )
    assert german.status_code == 415
    assert "Bild 1 von 2: " in german.text


def test_several_are_shown_each_can_be_removed_and_others_added(client: FlaskClient) -> None:
    two = page(post(client, photo_of("arch"), photo_of("truss")))
    assert len(two.all("img", cls="preview")) == 2
    one = page(post(client, **held(two), do="remove-0"))
    assert len(one.all("img", cls="preview")) == 1
    assert held(one)["held"] == held(two)["held"][1:]
    assert "remove-0" not in {button.get("value") for button in one.all("button")}
    more = page(post(client, photo_of("beam"), **held(one)))
    assert held(more)["held"][0] == held(one)["held"][0]
    assert len(held(more)["held"]) == 2


def test_too_many_pictures_are_refused_in_words(client: FlaskClient, photo: bytes) -> None:
    many = [photo] * (MOST_PICTURES + 1)
    assert "8 pictures at most" in api(client, *many, status=422)["detail"]
    assert "8 pictures at most" in page(post(client, *many), 422).text
    assert api(client, *many[1:], query="?limit=1")["matches"]


# Addresses


def test_the_pages_of_an_upload_are_one_list(bundle: Any, photo: bytes) -> None:
    client = create_app({"TESTING": True, "BUNDLE": str(bundle), "RESULTS": 10}).test_client()
    shown = page(post(client, photo))
    found = tiles(shown)
    while following := [a["href"] for a in shown.all("a") if "next" in a.get("rel", "")]:
        shown = page(client.get(following[0]))
        found += tiles(shown)
    assert len(found) == len(set(found)) == 24
    assert "Page 3 of 3" in shown.text
    page(client.get(following_page(shown, 4)), 404)


def following_page(shown: Page, number: int) -> str:
    address = next(a["href"] for a in shown.all("a") if "prev" in a.get("rel", ""))
    return re.sub(r"page=\d+", f"page={number}", address)


def test_an_address_holds_the_numbers_and_not_the_picture(
    client: FlaskClient, photo: bytes
) -> None:
    found = api(client, photo)
    token = parse_qs(urlsplit(found["page"]).query)["q"][0]
    assert len(token) < 400
    response = client.get(found["page"])
    shown = page(response)
    assert tiles(shown)[:5] == [match["page"] for match in found["matches"][:5]]
    assert "Your picture was not kept" in shown.text
    assert not shown.all("img", cls="preview")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_token_of_another_model_says_what_happened(client: FlaskClient, photo: bytes) -> None:
    token = parse_qs(urlsplit(api(client, photo)["page"]).query)["q"][0]
    other = ("B" if token[0] == "A" else "A") + token[1:]
    shown = page(client.get(f"/search?q={other}"), 410)
    assert "made with another model" in shown.text
    assert "Search with the picture again" in shown.text


@pytest.mark.parametrize("change", ["", "=", "!!!!", "AAAA", "half", "longer"])
def test_a_token_that_is_not_whole_says_so(client: FlaskClient, photo: bytes, change: str) -> None:
    token = parse_qs(urlsplit(api(client, photo)["page"]).query)["q"][0]
    sent = {"half": token[: len(token) // 2], "longer": token + "AAAA"}.get(change, change)
    assert "not whole" in page(client.get("/search", query_string={"q": sent}), 422).text


# More like this, less like that


def test_more_and_less_move_the_query_as_rocchio_says(
    client: FlaskClient, snapshot: Snapshot
) -> None:
    rows = {"query": 3, "more": 10, "less": 20}
    ids = {name: snapshot.gallery.record(row).id for name, row in rows.items()}
    stored = {name: snapshot.bundle.embeddings[row] for name, row in rows.items()}
    moved = stored["query"] + 0.75 * stored["more"] - 0.25 * stored["less"]
    wanted = 1 - snapshot.bundle.embeddings @ (moved / np.linalg.norm(moved))
    address = f"/api/v1/images/{ids['query']}/similar?more={ids['more']}&less={ids['less']}"
    found = json.loads(client.get(address).data)
    assert [match["distance"] for match in found["matches"]] == pytest.approx(
        np.sort(np.delete(wanted, rows["query"])), abs=1e-6
    )
    assert ids["query"] not in {match["id"] for match in found["matches"]}
    shown = tiles(page(client.get(found["page"])))
    assert shown[-len(wanted) + 1 :] == [match["page"] for match in found["matches"]]


def test_a_choice_is_shown_beside_the_query_and_can_be_undone(
    client: FlaskClient, photo: bytes
) -> None:
    plain = page(post(client, photo))
    links = [a["href"] for a in plain.all("a", cls="more-like")]
    assert len(links) == 24
    first = page(client.get(links[-1]))
    assert [item["class"] for item in first.all("li") if item.get("class") in {"more", "less"}] == [
        "more"
    ]
    second = page(client.get(first.all("a", cls="less-like")[-1]["href"]))
    assert {item.get("class") for item in second.all("li")} >= {"more", "less"}
    undone = second.all("a", cls="undo")
    assert len(undone) == 2
    assert parse_qs(urlsplit(undone[1]["href"]).query).keys() == {"q", "more"}
    assert tiles(page(client.get(first.all("a", cls="undo")[0]["href"]))) == tiles(plain)


def test_a_new_part_keeps_what_was_chosen(
    client: FlaskClient, photo: bytes, snapshot: Snapshot
) -> None:
    chosen = snapshot.gallery.record(10).id
    shown = page(post(client, photo, more=chosen))
    assert held(shown)["more"] == [chosen]
    turned = page(post(client, **held(shown), do="turn-0"))
    assert held(turned)["more"] == [chosen]
    carried = [f"more={chosen}" in a["href"] for a in turned.all("a", cls="less-like")]
    assert (carried.count(True), carried.count(False)) == (23, 1)


def test_choosing_less_of_a_picture_ends_more_of_it(
    client: FlaskClient, snapshot: Snapshot
) -> None:
    one = snapshot.gallery.record(10).id
    shown = page(client.get(f"/images/{snapshot.gallery.record(3).id}/similar?more={one}"))
    marked = [a for a in shown.all("a", cls="more-like") if "aria-current" in a]
    assert len(marked) == 1
    assert one not in marked[0]["href"].split("?")[-1]
    less = next(a["href"] for a in shown.all("a", cls="less-like") if f"less={one}" in a["href"])
    assert f"more={one}" not in less


def test_what_cannot_be_chosen_is_said(
    client: FlaskClient, photo: bytes, snapshot: Snapshot
) -> None:
    address = f"/images/{snapshot.gallery.record(3).id}/similar"
    missing = "more=0123456789ab"
    assert "not in the gallery" in page(client.get(f"{address}?{missing}"), 404).text
    assert "not in the gallery" in api(client, photo, query=f"?{missing}", status=404)["detail"]
    many = "&".join(f"less={number:012x}" for number in range(MOST_CHOSEN + 1))
    assert "More than 16" in page(client.get(f"{address}?{many}"), 422).text
    assert "at most 16 times" in api(client, photo, query=f"?{many}", status=422)["detail"]
