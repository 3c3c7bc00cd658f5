"""A second look, from the network's export to the answer: like things in like places come first."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageDraw, ImageEnhance

from app import create_app
from model import tuning
from model.__main__ import main
from model.bundle import BundleError, hash_of, open_bundle
from model.encoder import Encoder
from model.images import load
from model.indexing import index_folder
from model.publishing import adopt_model
from model.second_look import DIMENSIONS, packed
from model.training.autoencoder import build, head_of
from model.training.configuration import Teaching
from model.training.export import encode_graph
from model.training.projection import Projection
from model.training.train import Result
from tests.training.test_taught import RECIPE

SCENES: Final = 6
TILE: Final = 64
PLACES: Final = [(x * TILE, y * TILE) for y in range(4) for x in range(4)]


def tiles(chance: random.Random) -> list[Image.Image]:
    """Draw the sixteen things of a scene."""
    found = []
    for _ in PLACES:
        one, other, third = ((*(chance.randrange(256) for _ in range(3)),) for _ in range(3))
        tile = Image.new("RGB", (TILE, TILE), one)
        pen = ImageDraw.Draw(tile)
        left, top = chance.randrange(8, 24), chance.randrange(8, 24)
        pen.rectangle((left, top, left + 32, top + 32), fill=other)
        pen.ellipse((left + 8, top + 8, left + 24, top + 24), fill=third)
        found.append(tile)
    return found


def put_together(things: list[Image.Image]) -> Image.Image:
    picture = Image.new("RGB", (4 * TILE, 4 * TILE))
    for tile, place in zip(things, PLACES, strict=True):
        picture.paste(tile, place)
    return picture


def in_other_places(things: list[Image.Image], turn: int) -> list[Image.Image]:
    """Change places within each row, so that its average stays: row by row another way."""
    orders = [(1, 3, 0, 2), (2, 0, 3, 1), (3, 2, 1, 0), (1, 0, 3, 2), (2, 3, 0, 1)]
    rows = [things[at : at + 4] for at in range(0, 16, 4)]
    return [row[at] for y, row in enumerate(rows) for at in orders[(y + turn) % len(orders)]]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a gallery: each scene, the same in less light, and its things in other places."""
    folder = tmp_path_factory.mktemp("scenes")
    for number in range(SCENES):
        things = tiles(random.Random(number))
        scene = put_together(things)
        scene.save(folder / f"{number}-scene.png")
        ImageEnhance.Brightness(scene).enhance(0.6).save(folder / f"{number}-dusk.png")
        for turn in range(3):
            put_together(in_other_places(things, turn)).save(folder / f"{number}-other{turn}.png")
    return folder


@pytest.fixture(scope="module")
def looking(tmp_path_factory: pytest.TempPathFactory, straight: Result, scenes: Path) -> Path:
    """Return a bundle of the scenes whose encoder tells cells."""
    bundle = tmp_path_factory.mktemp("looking") / "bundle"
    job_dir = str(straight.checkpoint.parent)
    assert main(["export", "--job-dir", job_dir, "--out", str(bundle)]) == 0
    assert main(["index", str(scenes), "--bundle", str(bundle), "--jobs", "1"]) == 0
    return bundle


def client(bundle: Path, *, second_look: bool) -> FlaskClient:
    settings = {"TESTING": True, "BUNDLE": str(bundle), "SECOND_LOOK": second_look}
    return create_app(settings).test_client()


def answer(client: FlaskClient, picture: Path, part: str = "") -> Any:
    response = client.post(f"/api/v1/search{part}", data=picture.read_bytes())
    assert response.status_code == 200, response.text
    return json.loads(response.data)


def test_the_same_in_its_place_comes_before_the_same_elsewhere(looking: Path, scenes: Path) -> None:
    off, on = (client(looking, second_look=second_look) for second_look in (False, True))
    second = {False: 0, True: 0}
    for number in range(SCENES):
        for client_, looked in ((off, False), (on, True)):
            found = answer(client_, scenes / f"{number}-scene.png")["matches"]
            titles = [match["title"] for match in found]
            assert titles[0] == f"{number} scene"
            second[looked] += titles[1] == f"{number} dusk"
    assert second == {False: 0, True: SCENES}


def test_the_answer_says_what_it_is_ordered_by(looking: Path, scenes: Path) -> None:
    plain, looked = (
        answer(client(looking, second_look=second_look), scenes / "0-scene.png")
        for second_look in (False, True)
    )
    scores = [match["score"] for match in looked["matches"]]
    assert scores == sorted(scores, reverse=True)
    assert [match["rank"] for match in looked["matches"]] == list(range(1, 25))
    similarities = {match["id"]: match["similarity"] for match in plain["matches"]}
    for match in looked["matches"]:
        assert match["similarity"] == pytest.approx(1 - match["distance"])
        assert similarities.get(match["id"], match["similarity"]) == match["similarity"]
        assert match["similarity"] <= match["score"] <= match["similarity"] + 1 + 1e-6
    assert looked["milliseconds"]["second_look"] > 0
    assert plain["milliseconds"]["second_look"] == 0


@pytest.mark.parametrize("few", [7, 100])
def test_parts_put_together_are_one_order(
    looking: Path, scenes: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    for module in ("model.search", "model.second_look"):
        monkeypatch.setattr(f"{module}.LOOKED", few)  # so that the gallery is larger than a look
    on, picture = client(looking, second_look=True), scenes / "3-scene.png"
    whole = answer(on, picture, "?limit=30")["matches"]
    assert len(whole) == 30
    parts = [answer(on, picture, f"?limit=4&offset={at}")["matches"] for at in range(0, 32, 4)]
    assert [match for part in parts for match in part] == whole
    assert sum(match["score"] - match["similarity"] > 1e-3 for match in whole) <= few


def test_a_picture_of_the_gallery_is_searched_with_as_if_it_was_sent(
    looking: Path, scenes: Path
) -> None:
    on = client(looking, second_look=True)
    first, *sent = answer(on, scenes / "2-scene.png", "?limit=30")["matches"]
    known = json.loads(on.get(f"/api/v1/images/{first['id']}/similar?limit=30").data)["matches"]
    assert [match["id"] for match in known] == [match["id"] for match in sent]
    shown = on.get(first["page"]).text
    places = [shown.index(match["page"]) for match in known[:12]]
    assert places == sorted(places)


def test_the_page_tells_how_long_the_second_look_took(looking: Path, scenes: Path) -> None:
    content = (scenes / "0-scene.png").open("rb")
    page = client(looking, second_look=True).post("/", data={"image": (content, "scene.png")})
    assert ", second look " in page.text


def test_the_cells_of_a_picture_add_up_to_its_embedding(looking: Path, scenes: Path) -> None:
    bundle = open_bundle(looking)
    pixels = np.stack([load(path).pixels for path in sorted(scenes.glob("*.png"))])
    found = Encoder(bundle.path("encoder")).encode(pixels)
    assert found.cells is not None
    assert np.abs(found.cells.sum(axis=1) - found.embedding).max() < 1e-5
    assert bundle.cells is not None
    kept = min(DIMENSIONS, bundle.manifest.model.dimensions)
    assert bundle.cells.shape == (len(pixels), 16, kept)
    assert np.abs(bundle.cells - packed(found.cells).astype(int)).max() <= 1


def test_a_taught_head_tells_the_share_of_each_cell() -> None:
    chance = np.random.default_rng(8)
    autoencoder = build(RECIPE.network, Teaching(dimensions=12))
    axes = np.linalg.qr(chance.normal(size=(12, 6)))[0].astype(np.float32)
    fitted = Projection(chance.normal(size=12).astype(np.float32), axes)
    pixels = chance.integers(0, 256, (3, 256, 256, 3), np.uint8)
    found = {
        name: value.numpy() for name, value in encode_graph(autoencoder, fitted)(pixels).items()
    }
    head = head_of(autoencoder)
    assert head is not None
    length = np.linalg.norm(head(found["code"]), axis=1)
    each = head(found["code"].reshape(-1, 1, 1, 128)).numpy().reshape(3, 16, 12)
    shares = (each / length[:, None, None] - fitted.mean) @ axes
    shares /= np.linalg.norm(shares.sum(axis=1), axis=1)[:, None, None]
    assert np.abs(found["cells"] - shares).max() < 1e-4
    assert np.abs(found["cells"].sum(axis=1) - found["embedding"]).max() < 1e-5


@pytest.fixture
def own(looking: Path, scenes: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Return a folder of four pictures and the bundle of its index, to change."""
    folder, bundle = tmp_path / "pictures", tmp_path / "bundle"
    folder.mkdir()
    for path in sorted(scenes.glob("*-scene.png"))[:4]:
        shutil.copyfile(path, folder / path.name)
    adopt_model(bundle, looking)
    index_folder(folder, bundle, jobs=1)
    return folder, bundle


def test_the_only_picture_of_a_gallery_has_nothing_to_look_at(own: tuple[Path, Path]) -> None:
    folder, bundle = own
    for path in sorted(folder.iterdir())[1:]:
        path.unlink()
    index_folder(folder, bundle, jobs=1)
    on = client(bundle, second_look=True)
    assert json.loads(on.get("/api/nearest/0").data)["matches"] == []
    assert on.get("/nearest/0", follow_redirects=True).status_code == 200
    assert len(answer(on, folder / "0-scene.png")["matches"]) == 1


def test_unchanged_pictures_keep_their_cells(own: tuple[Path, Path]) -> None:
    folder, bundle = own
    before = open_bundle(bundle).cells
    (folder / "1-scene.png").unlink()
    outcome = index_folder(folder, bundle, jobs=1)
    assert (outcome.unchanged, outcome.indexed, outcome.removed) == (3, 0, 1)
    after = open_bundle(bundle).cells
    assert before is not None
    assert after is not None
    assert np.array_equal(np.delete(before, 1, axis=0), after)


def rewritten(bundle: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the files that a manifest names."""
    manifest = msgspec.json.decode((bundle / "manifest.json").read_bytes())
    change(manifest["files"])
    (bundle / "manifest.json").write_bytes(msgspec.json.encode(manifest))


def test_an_index_from_before_is_served_and_then_made_anew(own: tuple[Path, Path]) -> None:
    folder, bundle = own
    rewritten(bundle, lambda files: files.pop("cells"))
    assert open_bundle(bundle).cells is None
    found = answer(client(bundle, second_look=True), folder / "0-scene.png")
    assert found["milliseconds"]["second_look"] == 0
    assert index_folder(folder, bundle, jobs=1).indexed == 4
    assert open_bundle(bundle).cells is not None
    assert index_folder(folder, bundle, jobs=1).unchanged == 4


def _changed(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def _of_fewer(path: Path) -> None:
    np.save(path.with_suffix(".npy"), np.load(path)[:-1])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_changed, "content of cells-.* was changed"),
        (Path.unlink, "lacks its cells file"),
        (_of_fewer, r"has cells \(3, 16, \d+\) of int8, not \(4, 16, 'd'\)"),
        (lambda path: np.save(path, np.load(path).astype(np.float32)), "of float32, not"),
        (lambda path: path.write_bytes(b"no array"), "has a cells file that cannot be read"),
    ],
)
def test_damaged_cells_are_named_with_the_command_that_mends_them(
    own: tuple[Path, Path], damage: Callable[[Path], object], told: str
) -> None:
    _, bundle = own
    path = open_bundle(bundle).path("cells")
    damage(path)
    if not told.startswith(("content", "lacks")):  # a whole file, as its hash says
        entry = {"name": path.name, "bytes": path.stat().st_size, "sha256": hash_of(path)}
        rewritten(bundle, lambda files: files.update(cells=entry))
    with pytest.raises(BundleError, match=told) as caught:
        open_bundle(bundle)
    assert caught.value.part == "cells"
    assert "python -m model index" in str(caught.value)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory, scenes: Path) -> Path:
    """Return the scenes as `evaluate` takes them: each with its dusk, the others as distractors."""
    folder = tmp_path_factory.mktemp("labelled")
    for path in scenes.iterdir():
        number, kind = path.stem.split("-")
        label = number if kind in {"scene", "dusk"} else "_other"
        (folder / label).mkdir(exist_ok=True)
        shutil.copyfile(path, folder / label / path.name)
    return folder


def test_evaluate_measures_what_a_second_look_brings(
    looking: Path, labelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = [str(labelled), "--bundle", str(looking), "--fewest", "2"]
    assert main(["evaluate", *told, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["methods"]
    assert rows["+ second look"]["queries"] == 2 * SCENES
    assert rows["+ second look"]["mAP"] > rows["this bundle"]["mAP"] + 0.3
    assert {"+ mirrored query", "+ query expansion", "+ augmented gallery"} <= set(rows)
    assert tuning.main(told) == 0
    shown = capsys.readouterr().out
    assert "| second look: weight 0.5, d 16 |" in shown
    assert "| second look: weight 1, d 24 |" in shown
