"""What a search says of itself: how rare a match is, and that nothing looks like the picture."""

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageDraw, ImageFont

from app import create_app
from model.bundle import BundleError, read_manifest
from model.calibration import RARITIES, Calibration
from model.indexing import index_folder
from model.publishing import adopt_model, publish_calibration
from tests import drawing
from tests.app.markup import Page

NOTHING = "Nothing here looks like your picture"
HARDLY = "hardly similar"


def noise() -> Image.Image:
    values = np.random.default_rng(7).integers(0, 256, (300, 400, 3), np.uint8)
    return Image.fromarray(values)


def written() -> Image.Image:
    image = Image.new("RGB", (400, 300), "white")
    pen = ImageDraw.Draw(image)
    for top in range(10, 290, 24):
        pen.text((10, top), "not a bridge but a page of text", "black", ImageFont.load_default(18))
    return image


def cropped(content: bytes) -> bytes:
    """Return a part of a picture, smaller, and compressed anew."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    part = image.crop((20, 15, image.width - 30, image.height - 10))
    return drawing.encoded(part.resize((part.width * 2 // 3, part.height * 2 // 3)), quality=60)


def client_of(bundle: Path) -> FlaskClient:
    return create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()


@pytest.fixture(scope="module")
def client(calibrated: Path) -> FlaskClient:
    return client_of(calibrated)


def asked(client: FlaskClient, content: bytes, query: str = "") -> dict[str, Any]:
    response = client.post(f"/api/v1/search{query}", data=content, content_type="image/jpeg")
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.data)
    return found


def shown(client: FlaskClient, content: bytes) -> Page:
    response = client.post("/", data={"image": (io.BytesIO(content), "a.jpg")})
    assert response.status_code == 200
    return Page(response.text)


def opened(page: Page) -> int:
    """Return how many pictures are shown before anything that is folded."""
    folds = ["weak" in attributes.get("class", "") for _, attributes in page.elements]
    until = folds.index(True) if True in folds else len(folds)
    return sum("tile" in attributes.get("class", "") for _, attributes in page.elements[:until])


@pytest.mark.parametrize("picture", [noise, written])
def test_nothing_looks_like_noise_or_text(
    client: FlaskClient, picture: Callable[[], Image.Image]
) -> None:
    content = drawing.encoded(picture())
    for query in ("", "?offset=3&limit=4"):
        found = asked(client, content, query)
        assert found["nothing"] is True
        assert {match["likeness"] for match in found["matches"]} == {HARDLY}
    page = shown(client, content)
    assert NOTHING in page.text
    assert "Try a sharp photo" in page.text
    assert "Show the closest pictures all the same" in page.text
    assert opened(page) == 0
    assert len(page.all("li", cls="tile")) == 24
    assert "/browse" in page.links()


def test_a_picture_of_the_gallery_is_something_however_it_was_cut(
    client: FlaskClient, drawn: Path
) -> None:
    for kind in drawing.KINDS:
        for path in sorted((drawn / kind).iterdir())[:3]:
            for content in (path.read_bytes(), cropped(path.read_bytes())):
                assert asked(client, content)["nothing"] is False
    page = shown(client, cropped((drawn / "arch" / "00.jpg").read_bytes()))
    assert NOTHING not in page.text
    assert "Pictures like yours" in page.text


def test_a_picture_of_the_gallery_never_has_nothing_like_it(client: FlaskClient) -> None:
    images = json.loads(client.get("/api/v1/images").data)["images"]
    for image in images[::6]:
        assert json.loads(client.get(f"{image['record']}/similar").data)["nothing"] is False


def test_a_part_of_one_may_have_nothing_like_it(client: FlaskClient) -> None:
    image = json.loads(client.get("/api/v1/images").data)["images"][0]
    for part, nothing in (("0,0,480,20", True), ("0,0,240,320", False)):
        found = json.loads(client.get(f"{image['record']}/similar?region={part}").data)
        assert found["nothing"] is nothing
        page = Page(client.get(f"{image['page']}/similar?region={part}").text)
        assert ("Nothing else here looks like this" in page.text) is nothing
        assert ("Try another part" in page.text) is nothing
        assert (opened(page) == 0) is nothing


def test_chances_rise_with_the_distance_and_the_words_follow_them(
    client: FlaskClient, photo: bytes
) -> None:
    matches = asked(client, photo)["matches"]
    chances = [match["chance"] for match in matches]
    assert chances == sorted(chances)
    assert all(0 < chance <= 1 for chance in chances)
    assert chances[0] == 1 / RARITIES[-1]
    words = ((3_000, "very similar"), (300, "similar"), (30, "loosely similar"), (0, HARDLY))
    for match in matches:
        assert match["likeness"] == next(word for n, word in words if 1 / match["chance"] >= n)
    assert len({match["likeness"] for match in matches}) > 1


def test_what_is_hardly_similar_is_folded_away_and_everything_else_is_not(
    client: FlaskClient, photo: bytes
) -> None:
    weak = [match["likeness"] for match in asked(client, photo)["matches"]].count(HARDLY)
    assert 0 < weak < 24
    page = shown(client, photo)
    assert opened(page) == 24 - weak
    assert len(page.all("li", cls="tile")) == 24
    assert f"Show {weak} pictures that are hardly similar" in page.text
    assert "1 This very picture 1.000" in page.text


def test_a_page_where_all_is_weak_is_not_folded(calibrated: Path) -> None:
    client = create_app({"TESTING": True, "BUNDLE": str(calibrated), "RESULTS": 6}).test_client()
    image = json.loads(client.get("/api/v1/images").data)["images"][0]
    page = Page(client.get(f"{image['page']}/similar?page=4").text)
    assert "None of these stands out" in page.text
    assert opened(page) == len(page.all("li", cls="tile")) == 5


def test_a_gallery_too_small_to_tell_never_says_nothing(calibrated: Path, tmp_path: Path) -> None:
    folder = drawing.fill(tmp_path / "few", each=4)
    adopt_model(tmp_path / "bundle", calibrated)
    index_folder(folder, tmp_path / "bundle", jobs=1)
    found = asked(client_of(tmp_path / "bundle"), drawing.encoded(noise()))
    assert found["searched"] == 16
    assert found["nothing"] is False


def test_a_gallery_of_something_else_draws_its_own_border(calibrated: Path, tmp_path: Path) -> None:
    folder = tmp_path / "noises"
    folder.mkdir()
    odd = drawing.encoded(drawing.draw("truss", 3), "PNG")
    (folder / "odd.png").write_bytes(odd)
    for seed in range(24):
        values = np.random.default_rng(seed).integers(0, 256, (300, 400, 3), np.uint8)
        Image.fromarray(values).save(folder / f"{seed}.png")
    adopt_model(tmp_path / "bundle", calibrated)
    index_folder(folder, tmp_path / "bundle", jobs=1)
    client = client_of(tmp_path / "bundle")
    assert asked(client, drawing.encoded(noise(), "PNG"))["nothing"] is False
    assert asked(client, drawing.encoded(drawing.draw("arch", 5)))["nothing"] is True
    # One of its kind, in a gallery of others: but there it is.
    assert asked(client, odd)["nothing"] is False


def test_small_pictures_have_a_border_of_their_own(calibrated: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(calibrated, tmp_path / "bundle"))
    name = read_manifest(folder).files["calibration"].name
    kept = Calibration.load(folder / name)
    recalibrate(folder, Calibration(kept.centres, kept.distinct, (kept.least[0], -2.0)))
    client = client_of(folder)
    assert asked(client, drawing.encoded(noise()))["nothing"] is True
    assert asked(client, drawing.encoded(noise().resize((160, 120))))["nothing"] is False


def test_a_model_that_nobody_calibrated_never_says_nothing_and_says_that(
    calibrated: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(calibrated, tmp_path / "bundle"))
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"]["calibration"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    client = client_of(folder)
    assert asked(client, drawing.encoded(noise()))["nothing"] is False
    assert "Nobody has calibrated this model" in Page(client.get("/about").text).text


def test_the_about_page_says_what_the_words_mean_and_how_often_nothing_is_right(
    client: FlaskClient, calibrated: Path
) -> None:
    told = read_manifest(calibrated).model.measures
    page = Page(client.get("/about").text).text
    assert "“Very similar”: fewer than 1 in 3,000 do." in page
    assert f"of {told['nothing wrongly_of']:,.0f} photographs of bridges were told so" in page
    rightly = f"{100 * told['nothing rightly']:.0f} % of {told['nothing rightly_of']:,.0f} pictures"
    assert rightly in page
    assert "in a gallery of fewer than 20 pictures it is never said" in page


@pytest.mark.parametrize("columns", [3, None])
def test_a_calibration_of_another_model_or_no_calibration_at_all_is_refused(
    calibrated: Path, tmp_path: Path, columns: int | None
) -> None:
    folder = Path(shutil.copytree(calibrated, tmp_path / "bundle"))
    if columns:
        centres = np.ones((4, columns), np.float32)
        recalibrate(folder, Calibration(centres, (0.0,) * len(RARITIES), (0.0, 0.0)))
    else:
        np.savez(tmp_path / "other.npz", nothing=np.zeros(3))
        publish_calibration(folder, tmp_path / "other.npz", {})
    with pytest.raises(BundleError) as refused:
        client_of(folder)
    assert refused.value.part == "calibration"
    assert "python -m benchmarks.calibration" in str(refused.value)


def recalibrate(folder: Path, calibration: Calibration) -> None:
    calibration.save(folder.parent / "calibration.npz")
    publish_calibration(folder, folder.parent / "calibration.npz", {})
