"""Two pictures compared: shares that add up to the similarity, what is remembered, what is sent."""

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from app import create_app
from app.live import Snapshot
from model.bundle import MODEL_FILES, read_manifest
from model.indexing import index_folder
from model.publishing import publish_model
from tests import drawing
from tests.app.markup import Page
from tests.app.sending import MULTIPART, holding

MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def ids(snapshot: Snapshot) -> list[str]:
    """Return the ids of the gallery: six arches, beams, suspension bridges and trusses."""
    return [snapshot.gallery.record(row).id for row in range(snapshot.count)]


def asked(client: FlaskClient, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200
    return json.loads(response.data)


def similarity_of(client: FlaskClient, one: str, other: str) -> float:
    """Return what a search says of the pair."""
    found = asked(client, f"/api/v1/images/{one}/similar?limit=100")["matches"]
    similarity: float = next(match["similarity"] for match in found if match["id"] == other)
    return similarity


def assert_all_adds_up(told: dict[str, Any]) -> None:
    """Hold shares and pairs against the similarity, within the rounding that the API states."""
    pairs = np.array(told["pairs"])
    one, other = (np.array(told[name]["shares"]) for name in ("picture", "other"))
    assert (pairs.shape, one.shape, other.shape) == ((16, 16), (4, 4), (4, 4))
    for shares in (pairs, one, other):
        assert shares.sum() == pytest.approx(told["similarity"], abs=1e-6)
    assert pairs.sum(axis=1) == pytest.approx(one.ravel(), abs=1e-6)
    assert pairs.sum(axis=0) == pytest.approx(other.ravel(), abs=1e-6)
    assert np.ptp(one) > 0.001
    assert told["distance"] == pytest.approx(1 - told["similarity"])


@pytest.mark.parametrize("place", [1, 7, 13, 20])
def test_shares_add_up_to_the_similarity_that_a_search_gives(
    client: FlaskClient, ids: list[str], place: int
) -> None:
    told = asked(client, f"/api/v1/images/{ids[0]}/compare/{ids[place]}")
    assert_all_adds_up(told)
    similarity = similarity_of(client, ids[0], ids[place])
    assert told["similarity"] == pytest.approx(similarity, abs=1e-6)
    assert told["picture"]["record"] == asked(client, f"/api/v1/images/{ids[0]}")
    assert told["other"]["record"] == asked(client, f"/api/v1/images/{ids[place]}")


def test_a_picture_compared_the_other_way_round_has_the_shares_of_the_other(
    client: FlaskClient, ids: list[str]
) -> None:
    there = asked(client, f"/api/v1/images/{ids[2]}/compare/{ids[9]}")
    back = asked(client, f"/api/v1/images/{ids[9]}/compare/{ids[2]}")
    assert np.array(there["pairs"]) == pytest.approx(np.array(back["pairs"]).T)
    assert np.array(there["other"]["shares"]) == pytest.approx(np.array(back["picture"]["shares"]))


def test_a_place_that_only_one_picture_shows_brings_less(
    client: FlaskClient, drawn: Path, ids: list[str], snapshot: Snapshot
) -> None:
    """Half of a picture of the gallery is painted over: that half brings little any more."""
    record = snapshot.gallery.find(ids[14])
    assert record is not None
    with Image.open(drawn / record.path) as image:
        image.paste((120, 120, 120), (0, 0, image.width // 2, image.height))
        content = drawing.encoded(image, "PNG")
    told = json.loads(client.post(f"/api/v1/compare/{record.id}", data=content).data)
    assert_all_adds_up(told)
    shares = np.array(told["picture"]["shares"])
    assert shares[:, 3].sum() > shares[:, 0].sum() + 0.05


def test_a_picture_that_is_sent_is_compared_and_drawn_from_its_code(
    client: FlaskClient, ids: list[str], photo: bytes
) -> None:
    response = client.post(f"/api/v1/compare/{ids[8]}", data=photo)
    assert response.headers["Cache-Control"] == "no-store"
    told = json.loads(response.data)
    assert_all_adds_up(told)
    found = json.loads(client.post("/api/v1/search?limit=100", data=photo).data)["matches"]
    similarity = next(match["similarity"] for match in found if match["id"] == ids[8])
    assert told["similarity"] == pytest.approx(similarity, abs=1e-6)
    assert told["picture"]["record"] is None
    assert (told["picture"]["width"], told["picture"]["height"]) == (480, 320)
    kind, content = told["picture"]["redrawn"].split(",")
    assert kind == "data:image/webp;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as redrawn:
        assert (redrawn.format, redrawn.size) == ("WEBP", (256, 256))


def shown(page: str) -> tuple[int, np.ndarray, np.ndarray]:
    """Return the similarity and the shares that a page shows, in thousandths."""
    similarity = re.search(rf"Similarity ([{MINUS}\d.]+)", page)
    assert similarity is not None
    cells = re.findall(rf"<td>({MINUS}?\d\.\d{{3}})</td>", page)
    one, other = np.array([thousandths(cell) for cell in cells]).reshape(2, 16)
    return thousandths(similarity[1]), one, other


def thousandths(text: str) -> int:
    return round(float(text.replace(MINUS, "-")) * 1000)


@pytest.mark.parametrize("place", [1, 2, 7, 12, 13, 18, 20])
def test_the_numbers_that_a_page_shows_add_up_to_the_similarity_it_shows(
    client: FlaskClient, ids: list[str], place: int
) -> None:
    similarity, one, other = shown(client.get(f"/compare/{ids[0]}/{ids[place]}").text)
    assert similarity == round(similarity_of(client, ids[0], ids[place]) * 1000)
    assert one.sum() == other.sum() == similarity
    told = asked(client, f"/api/v1/images/{ids[0]}/compare/{ids[place]}")
    assert np.abs(one / 1000 - np.ravel(told["picture"]["shares"])).max() < 0.001
    assert np.abs(other / 1000 - np.ravel(told["other"]["shares"])).max() < 0.001


def test_light_falls_on_what_speaks_for_the_likeness_and_what_speaks_against_it_is_hatched(
    client: FlaskClient, ids: list[str]
) -> None:
    seen = set()
    for place in (1, 7, 12, 20):
        source = client.get(f"/compare/{ids[0]}/{ids[place]}").text
        _, *sides = shown(source)
        drawings = re.findall(r'<g class="shade".*?</g>', source)
        for shares, drawing_ in zip(sides, drawings, strict=True):
            shades = [float(each) for each in re.findall(r'fill-opacity="([\d.]+)"', drawing_)]
            dark = np.array(shades)[np.argsort(shares)]
            assert all(dark[step] >= dark[step + 1] - 0.02 for step in range(15))
        against = source.count("url(#hatched)")
        seen.add(against > 0)
        assert ("A hatched place speaks against it." in source) is (against > 0)
        assert abs(against - sum(int((side < 0).sum()) for side in sides)) <= 2
    assert seen == {True, False}


def test_records_stand_side_by_side_and_what_both_say_is_said_once(
    make_bundle: Callable[..., Path],
) -> None:
    one = {"title": "One", "credit": "Ada", "date": "2024-03-14", "tags": ["truss", "fog"],
           "span_m": 120, "deck": "wood"}  # fmt: skip
    two = {"title": "Two", "credit": "Ada", "date": "2023-01-02", "tags": ["truss", "night"],
           "span_m": 90, "author's \"note\"": "<b>"}  # fmt: skip
    client = _client(make_bundle(one, two))
    first, second = (client.get(f"/nearest/{row}").location.split("/")[-1] for row in (0, 1))
    source = client.get(f"/compare/{first}/{second}").text
    page = Page(source)
    assert '<td class="same" colspan="2">Ada</td>' in source
    for words in ("Date 14 March 2024 2 January 2023", "Span 120 m 90 m", "Deck wood",
                  "Tags of both truss", "Tags of its own fog night", "<b>"):  # fmt: skip
        assert words in page.text
    assert "<b>" not in source
    assert {f"/images/{first}", f"/images/{second}"} <= page.links()


def test_every_match_leads_to_its_comparison(client: FlaskClient, ids: list[str]) -> None:
    for path in (f"/images/{ids[3]}", f"/images/{ids[3]}/similar"):
        ways = {
            link
            for link in Page(client.get(path).text).links()
            if link.startswith(f"/compare/{ids[3]}/")
        }
        assert ways == {f"/compare/{ids[3]}/{each}" for each in ids if each != ids[3]}


def test_a_result_leads_to_its_comparison_and_back_without_storing_the_picture(
    client: FlaskClient, photo: bytes
) -> None:
    results = Page(client.post("/", data={"image": (io.BytesIO(photo), "a.jpg")}).text)
    form = next(each for each in results.all("form") if each.get("id") == "asking")
    assert (form["method"], form["enctype"]) == ("post", "multipart/form-data")
    held = next(each for each in results.all("input") if each.get("name") == "held")["value"]
    ways = [
        each["formaction"]
        for each in results.all("button")
        if each.get("formaction", "").startswith("/compare/")
    ]
    assert len(ways) == len(set(ways)) == 24
    response = client.post(ways[0], data=holding(base64.b64decode(held)), content_type=MULTIPART)
    assert response.headers["Cache-Control"] == "no-store"
    similarity, one, other = shown(response.text)
    assert one.sum() == other.sum() == similarity
    # The nearest is the picture itself; what the form holds is a reduced copy.
    assert similarity > 980
    page = Page(response.text)
    back = next(each for each in page.all("form", cls="back"))
    again = next(each for each in page.all("input") if each.get("name") == "held")["value"]
    assert Page(client.post(back["action"], data={"held": again}).text).all("li", cls="tile")


def test_a_file_may_be_sent_to_be_compared_at_once(
    client: FlaskClient, ids: list[str], photo: bytes
) -> None:
    path = f"/compare/{ids[5]}"
    by_file = client.post(path, data={"image": (io.BytesIO(photo), "a.jpg")})
    by_text = client.post(path, data={"held": base64.b64encode(photo).decode()})
    nothing_chosen = {"image": (io.BytesIO(), ""), "held": base64.b64encode(photo).decode()}
    similarity = shown(by_file.text)[0]
    for response in (by_text, client.post(path, data=nothing_chosen)):
        assert shown(response.text)[0] == similarity


@pytest.mark.parametrize(
    ("held", "status"),
    [
        ("", 415),
        ("no base64!", 422),
        ("YQ", 422),
        ("\N{SNOWMAN}", 422),
        (base64.b64encode(b"<svg onload=alert(1)>").decode(), 415),
        (base64.b64encode(drawing.encoded(drawing.draw("arch"))[:4000]).decode(), 422),
        (base64.b64encode(drawing.encoded(drawing.draw("arch", size=(600, 400)))).decode(), 413),
    ],
)
def test_what_a_form_holds_is_as_hostile_as_any_upload(
    bundle: Path, ids: list[str], held: str, status: int
) -> None:
    client = _client(bundle, PIXELS=480 * 320)
    for path in (f"/compare/{ids[0]}", "/"):
        response = client.post(path, data={"held": held})
        assert response.status_code == status
        assert held not in response.text or not held


def test_what_a_form_holds_may_be_as_large_as_a_request(bundle: Path, ids: list[str]) -> None:
    """Werkzeug would refuse a text of more than 500 kB."""
    large = holding(drawing.encoded(drawing.draw("arch", size=(1000, 800)), "BMP"))
    for config, status in (({}, 200), ({"REQUEST_BYTES": 2**20}, 413)):
        client = _client(bundle, **config)
        response = client.post(f"/compare/{ids[0]}", data=large, content_type=MULTIPART)
        assert response.status_code == status


def test_what_is_remembered_resembles_its_picture_most(
    client: FlaskClient, ids: list[str], drawn: Path, snapshot: Snapshot
) -> None:
    some = ids[::6]
    pictures = [_grey(drawn / _path(snapshot, each)) for each in some]
    for number, each in enumerate(some):
        response = client.get(f"/images/{each}/redrawn.webp")
        assert response.content_type == "image/webp"
        redrawn = _grey(io.BytesIO(response.data))
        apart = [float(np.abs(redrawn - picture).mean()) for picture in pictures]
        assert int(np.argmin(apart)) == number


def test_what_is_remembered_may_be_shown_by_sites_that_may_search(
    bundle: Path, ids: list[str]
) -> None:
    path = f"/images/{ids[0]}/redrawn.webp"
    allowed = _client(bundle, ORIGINS="https://one.example").get(path)
    assert allowed.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    refused = _client(bundle).get(path)
    assert refused.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_who_waits_too_long_for_a_drawing_is_told_so(bundle: Path, ids: list[str]) -> None:
    client = _client(bundle, WAIT=0.05)
    held = client.application.extensions["imagesearch"][1].snapshot()
    with held.decoders.borrow(timeout=1):
        assert client.get(f"/images/{ids[0]}/redrawn.webp").status_code == 503
        # What draws nothing waits for no decoder.
        assert client.get(f"/compare/{ids[0]}/{ids[1]}").status_code == 200
        assert client.get(f"/api/v1/images/{ids[0]}/compare/{ids[1]}").status_code == 200
    assert client.get(f"/images/{ids[0]}/redrawn.webp").status_code == 200


def test_a_model_that_tells_no_cells_is_compared_without_light(
    shipped: Path, drawn: Path, tmp_path: Path, photo: bytes
) -> None:
    client = _client(_without_cells(shipped, drawn, tmp_path))
    first, second = (client.get(f"/nearest/{row}").location.split("/")[-1] for row in (0, 9))
    sent = {"image": (io.BytesIO(photo), "a.jpg")}
    for response in (
        client.get(f"/compare/{first}/{second}"),
        client.post(f"/compare/{second}", data=sent),
    ):
        page = Page(response.text)
        assert "This model does not tell what each place of a picture brings" in page.text
        assert "The brighter a place" not in page.text
        assert not page.all("svg", cls="light")
        assert "Both in one place" in page.text
        assert re.search(r"Similarity \d\.\d{3}", page.text)
    told = asked(client, f"/api/v1/images/{first}/compare/{second}")
    assert told["pairs"] is told["picture"]["shares"] is told["other"]["shares"] is None
    similarity = similarity_of(client, first, second)
    assert told["similarity"] == pytest.approx(similarity, abs=1e-6)
    assert client.get(told["other"]["redrawn"]).status_code == 200


@pytest.mark.parametrize("path", ["/compare/ID/0123456789ab", "/compare/0123456789ab/ID"])
def test_a_picture_that_is_not_there_cannot_be_compared(
    client: FlaskClient, ids: list[str], path: str
) -> None:
    response = client.get(path.replace("ID", ids[0]))
    assert response.status_code == 404
    assert "No picture of the gallery has this id" in response.text


def test_a_picture_is_wholly_like_itself(client: FlaskClient, ids: list[str]) -> None:
    told = asked(client, f"/api/v1/images/{ids[0]}/compare/{ids[0]}")
    assert_all_adds_up(told)
    assert told["similarity"] == pytest.approx(1, abs=1e-6)


def _without_cells(shipped: Path, drawn: Path, folder: Path) -> Path:
    """Return a bundle whose encoder calls its output `cells` by another name: it tells none."""
    manifest = read_manifest(shipped)
    files = {role: shipped / manifest.files[role].name for role in MODEL_FILES}
    content = files["encoder"].read_bytes()
    assert content.count(b"cells") == 1
    files["encoder"] = folder / "encoder"
    files["encoder"].write_bytes(content.replace(b"cells", b"other"))
    publish_model(folder / "bundle", files, manifest.model)
    index_folder(drawn, folder / "bundle", jobs=1)
    return folder / "bundle"


def _grey(source: Path | io.BytesIO) -> np.ndarray:
    with Image.open(source) as image:
        return np.asarray(image.convert("L").resize((256, 256)), np.float64)


def _path(snapshot: Snapshot, identifier: str) -> str:
    record = snapshot.gallery.find(identifier)
    assert record is not None
    return record.path


def _client(bundle: Path, **config: object) -> FlaskClient:
    return create_app({"TESTING": True, "BUNDLE": str(bundle), **config}).test_client()
