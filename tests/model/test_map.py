"""The map: every picture a place of its own, like beside like, and kept from index to index."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model.bundle import BundleError, open_bundle
from model.indexing import index_folder
from model.mapping.plane import Cells, block, located, numbered
from model.publishing import adopt_model
from tests import drawing
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory, shipped: Path) -> Path:
    """Return a folder with `pictures`, and with `own`, a bundle that holds their index."""
    folder = tmp_path_factory.mktemp("indexed")
    drawing.fill(folder / "pictures")
    adopt_model(folder / "own", shipped)
    index_folder(folder / "pictures", folder / "own", jobs=1)
    return folder


@pytest.fixture
def own(tmp_path: Path, indexed: Path) -> Path:
    """Return a bundle that a test may change; its pictures lie beside it."""
    shutil.copytree(indexed, tmp_path, dirs_exist_ok=True)
    return tmp_path / "own"


@pytest.fixture
def pictures(own: Path) -> Path:
    return own.parent / "pictures"


def places(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the column and line of each file."""
    found = open_bundle(folder)
    assert found.atlas is not None
    cells = found.atlas.cells.tolist()
    return {found.gallery.record(row).path: (x, y) for row, (x, y) in enumerate(cells)}


def model(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_picture_has_a_place_of_its_own_and_they_fill_a_block(own: Path) -> None:
    found = places(own)
    assert len(set(found.values())) == len(found) == 24
    assert set(found.values()) == {(x, y) for x, y in block(24).tolist()}


def test_pictures_of_one_kind_stand_together(own: Path) -> None:
    found = places(own)
    near: list[int] = []
    far: list[int] = []
    for one, (x, y) in found.items():
        for other, (left, top) in found.items():
            apart = max(abs(x - left), abs(y - top))
            if one < other:
                (near if Path(one).parent == Path(other).parent else far).append(apart)
    assert np.mean(near) < np.mean(far) - 0.5


def test_the_same_pictures_have_the_same_places_again(own: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    shutil.copytree(own, again)
    path = again / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["gallery"]["root"] = "elsewhere"  # so that nothing is known of an earlier index
    path.write_text(json.dumps(manifest))
    index_folder(own.parent / "pictures", again, jobs=1)
    assert places(again) == places(own)


def test_a_new_picture_stands_beside_its_nearest_and_the_others_stay(
    own: Path, pictures: Path
) -> None:
    before = places(own)
    # The same drawing once more, saved anew: nothing is nearer to it than the first.
    drawing.draw("arch", 3).save(pictures / "arch" / "99.jpg", quality=80)
    index_folder(pictures, own, jobs=1)
    after = places(own)
    (x, y), (left, top) = after["arch/99.jpg"], after["arch/03.jpg"]
    assert abs(x - left) + abs(y - top) == 1
    assert len(set(after.values())) == 25
    moved = [
        (after[name][0] - column, after[name][1] - line) for name, (column, line) in before.items()
    ]
    # The map may have grown to the left or the top: then all are counted from there.
    usual = max(moved, key=moved.count)
    assert moved.count(usual) > 12
    assert all(abs(right - usual[0]) + abs(down - usual[1]) <= 1 for right, down in moved)


def test_a_picture_that_goes_leaves_its_place_free(own: Path, pictures: Path) -> None:
    before = places(own)
    (pictures / "beam" / "02.jpg").unlink()
    index_folder(pictures, own, jobs=1)
    after = places(own)
    del before["beam/02.jpg"]
    left, top = (min(place[axis] for place in before.values()) for axis in (0, 1))
    assert after == {name: (x - left, y - top) for name, (x, y) in before.items()}


def test_where_more_is_new_than_stays_the_map_is_laid_out_anew(own: Path, pictures: Path) -> None:
    for kind in drawing.KINDS[1:]:
        shutil.rmtree(pictures / kind)
    index_folder(pictures, own, jobs=1)
    assert set(places(own).values()) == {(x, y) for x, y in block(6).tolist()}


def test_the_map_verb_names_what_it_needs_and_changes_nothing_without(
    own: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "without" / "openTSNE").mkdir(parents=True)
    (tmp_path / "without" / "openTSNE" / "__init__.py").write_text(
        "raise ModuleNotFoundError(name='openTSNE')"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "without"))
    before = (own / "manifest.json").read_bytes()
    done = model("map", "--bundle", own)
    assert done.returncode == 1
    assert "requirements-map.txt" in done.stderr
    assert (own / "manifest.json").read_bytes() == before


def test_the_map_verb_lays_out_anew_and_indexing_keeps_it(own: Path, pictures: Path) -> None:
    done = model("map", "--bundle", own, "--jobs", 1)
    assert done.returncode == 0, done.stderr
    gallery = json.loads((own / "manifest.json").read_text())["gallery"]
    assert gallery["map"]["method"].startswith("t-SNE")
    assert gallery["map"]["joined"] == 0
    before = places(own)
    assert len(set(before.values())) == 24
    drawing.draw("truss", 77).save(pictures / "truss" / "77.jpg")
    index_folder(pictures, own, jobs=1)
    gallery = json.loads((own / "manifest.json").read_text())["gallery"]
    assert gallery["map"]["method"].startswith("t-SNE")
    assert gallery["map"]["joined"] == 1


def test_a_small_gallery_is_mapped_without_the_library(own: Path, pictures: Path) -> None:
    for kind in drawing.KINDS[2:]:
        shutil.rmtree(pictures / kind)
    index_folder(pictures, own, jobs=1)
    done = model("map", "--bundle", own)
    assert done.returncode == 0
    assert "12 pictures on 4 by 3 places" in done.stdout


def test_a_bundle_from_before_there_were_maps_gets_one(own: Path) -> None:
    path = own / "manifest.json"
    manifest = json.loads(path.read_text())
    expected = places(own)
    minis = manifest["files"]["minis"]["bytes"]
    del manifest["gallery"]["map"], manifest["files"]["map"], manifest["files"]["minis"]
    path.write_text(json.dumps(manifest))
    assert open_bundle(own).atlas is None
    drawing.draw("arch", 55).save(own.parent / "pictures" / "arch" / "55.jpg")
    index_folder(own.parent / "pictures", own, jobs=1)
    assert len(places(own)) == len(expected) + 1
    assert json.loads(path.read_text())["files"]["minis"]["bytes"] > minis / 2


@pytest.mark.parametrize("role", ["map", "minis"])
def test_a_map_that_was_changed_stops_the_start(own: Path, role: str) -> None:
    name = json.loads((own / "manifest.json").read_text())["files"][role]["name"]
    content = bytearray((own / name).read_bytes())
    content[-1] ^= 1
    (own / name).write_bytes(bytes(content))
    with pytest.raises(BundleError, match=f"damaged {role}"):
        open_bundle(own)


def test_numbers_of_places_keep_squares_together() -> None:
    everywhere: Cells = np.stack(np.meshgrid(range(32), range(32)), axis=-1).reshape(-1, 2)
    numbers = numbered(everywhere)
    assert np.array_equal(located(numbers), everywhere)
    square = (everywhere // 8 == (2, 1)).all(axis=1)
    held = np.sort(numbers[square])
    assert held[-1] - held[0] == 63
    far = np.array([[65_535, 65_535], [65_535, 0], [0, 65_535]])
    assert np.array_equal(located(numbered(far)), far)
