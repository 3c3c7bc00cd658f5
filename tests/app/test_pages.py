"""Every page, as a visitor without scripts gets it."""

import base64
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from app import create_app
from app.live import Snapshot
from model.bundle import MODEL_FILES, read_manifest
from model.gallery import Gallery
from model.gallery_writing import GalleryWriter
from model.publishing import publish_model
from model.ranking import Ranking
from tests import drawing
from tests.app.markup import Page


@pytest.fixture
def identifier(snapshot: Snapshot) -> str:
    return snapshot.gallery.record(3).id


def get(client: FlaskClient, path: str, status: int = 200) -> Page:
    response = client.get(path)
    assert response.status_code == status
    return Page(response.text)


def search(client: FlaskClient, photo: bytes, name: str = "bridge.jpg") -> Page:
    response = client.post("/", data={"image": (io.BytesIO(photo), name)})
    assert response.status_code == 200
    return Page(response.text)


def test_home_invites_with_a_plain_form_samples_and_a_look_into_the_gallery(
    client: FlaskClient,
) -> None:
    page = get(client, "/")
    form = page.all("form")[0]
    assert (form["method"], form["enctype"], form["action"]) == ("post", "multipart/form-data", "/")
    assert page.all("input")[0]["type"] == "file"
    assert page.all("button")[0]["type"] == "submit"
    assert "the 24 pictures in this gallery" in page.text
    assert len([link for link in page.links() if link.endswith("/similar")]) == 6
    assert len(page.all("li", cls="tile")) == 6 + 18


def test_only_the_gallery_that_ships_is_said_to_be_of_bridges(client: FlaskClient) -> None:
    own, ours = (each.get("/").text for each in (client, create_app({}).test_client()))
    assert "Find pictures that look like yours" in own
    assert "bridge" not in own
    assert "Find bridges that look like yours" in ours
    assert "Choose a photo of a bridge" in ours


def test_results_show_the_query_the_matches_and_how_long_each_stage_took(
    client: FlaskClient, photo: bytes
) -> None:
    page = search(client, photo)
    assert "480 \N{MULTIPLICATION SIGN} 320 pixels, JPEG" in page.text
    assert re.search(
        r"24 pictures searched in \d+ ms \(decode \S+ ms, encode \S+ ms, rank \S+ ms\)", page.text
    )
    assert len(page.all("li", cls="tile")) == 24
    assert "1 This very picture 1.000" in page.text


def test_results_say_that_a_picture_was_turned_upright(client: FlaskClient) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = drawing.encoded(drawing.draw("arch"), exif=exif)
    told = "320 \N{MULTIPLICATION SIGN} 480 pixels, JPEG, turned upright"
    assert told in search(client, content).text


def test_the_preview_is_small_and_carries_nothing_of_the_file_but_its_picture(
    client: FlaskClient,
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home, 48.1 N"
    content = drawing.encoded(drawing.draw("arch", size=(3000, 2000)), exif=exif)
    source = search(client, content, "secret-name.jpg").all("img", cls="preview")[0]["src"]
    with Image.open(io.BytesIO(_data(source))) as preview:
        assert preview.format == "JPEG"
        assert preview.size == (512, 341)
        assert not preview.getexif()
        assert preview.info.keys().isdisjoint({"exif", "xmp", "icc_profile"})


def test_the_results_do_not_repeat_the_name_of_the_file(client: FlaskClient, photo: bytes) -> None:
    response = client.post("/", data={"image": (io.BytesIO(photo), "secret-name.jpg")})
    assert "secret-name" not in response.text
    assert response.headers["Cache-Control"] == "no-store"


def test_a_picture_is_shown_large_with_its_record_and_its_neighbours_near_and_far(
    client: FlaskClient, identifier: str, snapshot: Snapshot
) -> None:
    page = get(client, f"/images/{identifier}")
    first = [image["src"] for image in page.all("img")[:2]]  # of the trail, and of the page
    assert first == [f"/images/{identifier}/{size}.webp" for size in ("small", "large")]
    assert snapshot.gallery.record(3).title in page.text
    assert "480 \N{MULTIPLICATION SIGN} 320 pixels, JPEG" in page.text
    assert len(page.all("section", cls="set")) == 3
    pictures = {link for link in page.links() if re.fullmatch(r"/images/\w{12}", link)}
    neighbours = pictures - {f"/images/{identifier}"}
    assert len(neighbours) == 23
    assert f"/images/{identifier}" not in neighbours


def test_a_picture_tells_everything_that_its_record_holds(
    make_bundle: Callable[..., Path],
) -> None:
    told = {
        "title": "A truss over the river", "alt": "A dark truss in the evening.", "credit": "Ada",
        "licence": "CC0-1.0", "source": "https://pictures.example/7", "date": "2024-03-14",
        "tags": ["truss", "evening"], "span_m": 120,
    }  # fmt: skip
    client = _client(make_bundle(told, {"title": "Another"}))
    page = get(client, client.get("/nearest/0").location)
    for words in ("A truss over the river", "A dark truss in the evening.", "Ada", "CC0-1.0"):
        assert words in page.text
    assert "14 March 2024" in page.text
    assert "Span 120 m" in page.text
    assert {"https://pictures.example/7", "/browse?tag=truss"} <= page.links()


def test_everything_by_similarity_goes_on_page_by_page(bundle: Path, identifier: str) -> None:
    client = _client(bundle, RESULTS=10)
    found: list[str] = []
    for number in (1, 2, 3):
        page = get(client, f"/images/{identifier}/similar?page={number}")
        found += [a["href"] for a in page.all("a") if re.fullmatch(r"/images/\w{12}", a["href"])]
    own = f"/images/{identifier}"
    assert len(set(found) - {own}) == len([link for link in found if link != own]) == 23
    get(client, f"/images/{identifier}/similar?page=4", 404)


def test_browse_shows_all_pictures_page_by_page(bundle: Path) -> None:
    client = _client(bundle, BROWSE=10)
    first, last = get(client, "/browse"), get(client, "/browse?page=3")
    assert "1 to 10 of 24 pictures" in first.text
    assert "Page 3 of 3" in last.text
    assert "/browse?page=2" in first.links()
    assert len(last.all("li", cls="tile")) == 4


def test_browse_filters_by_tag_with_counts(client: FlaskClient) -> None:
    page = get(client, "/browse?tag=truss")
    assert "truss 6" in page.text
    assert len(page.all("li", cls="tile")) == 6


@pytest.mark.parametrize("query", ["page=0", "page=9", "page=x", "page=-1", "tag=nothing"])
def test_browse_says_when_there_is_nothing(client: FlaskClient, query: str) -> None:
    get(client, f"/browse?{query}", 404)


def test_about_is_the_card_of_the_bundle(client: FlaskClient, snapshot: Snapshot) -> None:
    model = snapshot.bundle.manifest.model
    page = get(client, "/about")
    assert model.recipe in page.text
    assert model.checkpoint_sha256[:12] in page.text
    assert model.trained["data"] in page.text
    assert f"Pictures {model.trained['pictures']:,}" in page.text
    assert (
        f"Same bridge: pictures searched with {model.measures['same_bridge queries']:.0f}"
        in page.text
    )
    for row in model.compared:
        head = f"{row.method[0].upper()}{row.method[1:]} {row.note}".strip()
        shown = [row.figures[f"same_bridge {name}"] for name in ("P@1", "P@5", "mAP")]
        told = " ".join(f"{each.value:.3f} {each.low:.2f}\u2013{each.high:.2f}" for each in shown)
        assert f"{head} {told}" in page.text
    assert len(model.compared) > 5
    for weak in model.worst:
        assert f"{weak.name} : the first right picture came at place {weak.rank}" in page.text
        assert weak.reason in page.text
    assert f"Evaluation: redrawing, in dB {model.measures['evaluation PSNR']:.3g}" in page.text
    assert "What it cannot do" in page.text
    assert "Not stated 24" in page.text


def test_about_tells_what_training_on_own_photos_brought(bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(bundle, folder)
    manifest = read_manifest(folder)
    told = {"own photos": "The adapted encoder is better: ...", "adapted from": "0123456789ab"}
    found = {"own photos, after P@1": 0.5, "own photos, after neighbours_kept": 0.75}
    model = msgspec.structs.replace(manifest.model, trained=told, measures=found)
    files = {role: folder / manifest.files[role].name for role in MODEL_FILES}
    publish_model(folder, files, model)
    page = get(_client(folder), "/about")
    assert "Tried on these pictures The adapted encoder is better: ..." in page.text
    assert "Adapted from the checkpoint 0123456789ab" in page.text
    assert "Own photos, after: the nearest is right 0.5" in page.text
    assert "Own photos, after: of the ten nearest are the same as before 0.75" in page.text
    assert "each should find the picture it was cut from" in page.text


@pytest.mark.parametrize("given", ["3", "id"])
def test_the_address_of_the_original_demo_leads_to_the_picture(
    client: FlaskClient, identifier: str, given: str
) -> None:
    response = client.get(f"/nearest/{identifier if given == 'id' else given}")
    assert response.status_code == 302
    assert response.location == f"/images/{identifier}"


@pytest.mark.parametrize(
    "path", ["/nearest/24", "/nearest/-1", "/nearest/x", "/images/0123456789ab"]
)
def test_a_picture_that_is_not_there_is_a_page_that_says_so(client: FlaskClient, path: str) -> None:
    assert "No picture of the gallery has this id" in get(client, path, 404).text


def test_thumbnails_are_sent_once_and_for_ever(client: FlaskClient, identifier: str) -> None:
    response = client.get(f"/images/{identifier}/small.webp")
    assert response.content_type == "image/webp"
    assert "immutable" in response.headers["Cache-Control"]
    again = client.get(
        f"/images/{identifier}/small.webp", headers={"If-None-Match": response.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"/images/{identifier}/huge.webp").status_code == 404


def test_every_link_and_every_file_of_every_page_is_there(client: FlaskClient) -> None:
    seen: set[str] = set()
    waiting = {"/"}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        response = client.get(path)
        assert response.status_code == 200, path
        if response.mimetype == "text/html":
            links = Page(response.text).links(followed=True)
            # One filter at a time: all their combinations would be a test of their own.
            waiting |= {link for link in links if link[0] == "/" and link.count("=") < 2} - seen
    assert len(seen) > 24 * 4


def test_assets_are_kept_by_the_browser_and_change_their_address_with_their_content(
    client: FlaskClient,
) -> None:
    style = next(link for link in get(client, "/").links() if link.endswith(".css"))
    assert "immutable" in client.get(style).headers["Cache-Control"]
    old = re.sub(r"/static/\w+/", "/static/000000000000/", style)
    assert client.get(old).headers["Cache-Control"] == "no-cache"
    for missing in ("base.css+nothing.css", "base.css+base.css", "+"):
        assert client.get(f"/static/x/{missing}").status_code == 404
    assert client.get("/static/x/../wsgi.py").status_code == 404
    assert client.get("/static/x/..%2fwsgi.py").status_code == 404


def test_a_source_that_is_no_address_is_shown_as_it_is(make_bundle: Callable[..., Path]) -> None:
    client = _client(make_bundle({"title": "A", "source": "http://[box 7"}, {"title": "B"}))
    page = get(client, client.get("/nearest/0").location)
    assert "http://[box 7" in page.text
    assert "http://[box 7" not in page.links()


def test_a_title_cannot_become_markup_and_a_source_cannot_become_a_script(
    make_bundle: Callable[..., Path],
) -> None:
    evil = "<script>alert(1)</script>"
    told = {"title": evil, "alt": f'"{evil}', "credit": evil, "source": "javascript:alert(1)",
            "tags": [evil]}  # fmt: skip
    client = _client(make_bundle(told, dict(told)))
    for path in ("/", "/browse", client.get("/nearest/0").location, "/about"):
        page = get(client, path)
        assert evil not in client.get(path).text
        assert all(script["src"].startswith("/static/") for script in page.all("script"))
        assert not any(link.startswith("javascript:") for link in page.links())


def test_a_gallery_of_one_picture_is_meant(make_bundle: Callable[..., Path]) -> None:
    client = _client(make_bundle({"title": "The only one"}))
    page = get(client, client.get("/nearest/0").location)
    assert "It is the only picture in the gallery" in page.text
    similar = get(client, client.get("/nearest/0").location + "/similar")
    assert "It is the only picture in the gallery" in similar.text
    assert "the 1 picture in this gallery" in get(client, "/").text


def test_an_empty_gallery_is_meant(
    bundle: Path, snapshot: Snapshot, tmp_path: Path, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "records", tmp_path / "thumbnails"
    GalleryWriter(*files).close()
    nothing = np.empty((0, snapshot.bundle.manifest.model.dimensions), np.float32)
    empty = replace(snapshot, bundle=replace(snapshot.bundle), ranking=Ranking(nothing))
    vars(empty.bundle).update(gallery=Gallery(files[0], files[1:], tmp_path), embeddings=nothing)
    client = _client(bundle)
    monkeypatch.setattr(client.application.extensions["imagesearch"][1], "snapshot", lambda: empty)
    assert "The gallery is still empty" in get(client, "/").text
    assert "There are no pictures yet" in get(client, "/browse").text
    assert "nothing to compare your picture with" in search(client, photo).text
    assert "0 pictures" in get(client, "/about").text


def test_panoramas_towers_and_long_titles_keep_their_proportions(
    make_bundle: Callable[..., Path],
) -> None:
    long = " ".join(["Donaudampfschifffahrtsgesellschaftsbrücke"] * 40)
    client = _client(
        make_bundle({"title": long, "size": (1600, 200)}, {"title": "A tower", "size": (100, 1000)})
    )
    page = get(client, "/browse")
    assert [tile["class"] for tile in page.all("li", cls="tile")] == [
        "tile aspect-801",
        "tile aspect-30",
    ]
    assert [(image["width"], image["height"]) for image in page.all("img")] == [
        ("640", "80"),
        ("26", "256"),
    ]


def test_health_and_readiness(client: FlaskClient, snapshot: Snapshot) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert json.loads(client.get("/readyz").data) == {
        "status": "ready",
        "bundle": snapshot.bundle.generation,
        "pictures": 24,
    }


def test_not_ready_when_a_file_of_the_bundle_is_gone(make_bundle: Callable[..., Path]) -> None:
    folder = make_bundle({"title": "One"})
    client = _client(folder)
    next(folder.glob("thumbnails-*")).unlink()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert json.loads(response.data) == {"status": "not ready", "missing": ["thumbnails"]}
    assert client.get("/healthz").status_code == 200


def _client(bundle: Path, **config: object) -> FlaskClient:
    return create_app({"TESTING": True, "BUNDLE": str(bundle), **config}).test_client()


def _data(address: str) -> bytes:
    return base64.b64decode(address.removeprefix("data:image/jpeg;base64,"))
