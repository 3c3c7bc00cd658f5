"""Copies are found when a folder is indexed, and `python -m model duplicates` lists them."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from model import bundle as bundles
from model.__main__ import main
from model.bundle import GalleryInfo, Manifest, generation, open_bundle, read_manifest
from model.copies import WORDS
from model.duplicates import find_groups
from model.hamming import close_pairs, differing
from model.indexing import index_folder
from model.publishing import adopt_model, publish_index
from tests import copying


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copying.fill(tmp_path_factory.mktemp("archive") / "pictures")


@pytest.fixture(scope="module")
def made(folder: Path, shipped: Path) -> Path:
    """Return a bundle with an index of the folder."""
    adopt_model(folder.parent / "bundle", shipped)
    index_folder(folder, folder.parent / "bundle", jobs=1)
    return folder.parent / "bundle"


@pytest.fixture
def copy(made: Path, folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the bundle, with a copy of the folder beside it."""
    shutil.copytree(folder, tmp_path / "pictures")
    return Path(shutil.copytree(made, tmp_path / "bundle"))


def listed(capsys: pytest.CaptureFixture[str], bundle: Path, *more: str) -> Any:
    capsys.readouterr()
    assert main(["duplicates", "--bundle", str(bundle), "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


def test_groups_are_listed_with_the_largest_first(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = listed(capsys, made)
    assert found["total"] == 2
    paths = [[each["path"] for each in group["pictures"]] for group in found["groups"]]
    assert paths == [["bridge.png", "scans/bridge.webp", "mail.jpg"], ["other.jpg"]]
    first, second, third = found["groups"][0]["pictures"]
    assert [each["largest"] for each in (first, second, third)] == [True, False, False]
    assert first["elsewhere"] == ["scans/again.png"]
    assert (third["width"], third["height"], third["format"]) == (240, 160, "JPEG")
    assert first["similarity"] == pytest.approx(1, abs=1e-5)
    assert 0.3 < third["similarity"] < 1
    assert found["groups"][1]["pictures"][0]["elsewhere"] == ["scans/other (1).jpg"]


def test_only_files_that_are_the_same_byte_for_byte(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = listed(capsys, made, "--exact")
    told = [(each["path"], each["elsewhere"]) for g in found["groups"] for each in g["pictures"]]
    assert told == [("bridge.png", ["scans/again.png"]), ("other.jpg", ["scans/other (1).jpg"])]


def test_the_list_is_readable(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["duplicates", "--bundle", str(made)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("1.000  bridge.png")
    assert "480 x 320  PNG" in lines[0]
    assert lines[1].split("  ")[-2:] == ["the same file", "scans/again.png"]
    assert lines[-1] == "2 groups of copies, 6 files."


def test_a_gallery_without_copies_says_so(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = copy.parent / "pictures"
    shutil.rmtree(pictures / "scans")
    (pictures / "mail.jpg").unlink()
    assert main(["index", str(pictures), "--bundle", str(copy), "--jobs", "1"]) == 0
    capsys.readouterr()
    assert main(["duplicates", "--bundle", str(copy)]) == 0
    assert capsys.readouterr().out == "There are no copies.\n"


def test_an_index_of_an_earlier_version_is_served_but_has_no_list(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forget(copy)
    assert open_bundle(copy).signatures is None
    assert main(["duplicates", "--bundle", str(copy)]) == 1
    assert "python -m model index FOLDER" in capsys.readouterr().err
    assert main(["index", str(copy.parent / "pictures"), "--bundle", str(copy), "--jobs", "1"]) == 0
    assert listed(capsys, copy)["total"] == 2


def test_the_same_file_again_and_its_going_are_seen_without_decoding_anything_else(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = copy.parent / "pictures"
    command = ["index", str(pictures), "--bundle", str(copy), "--jobs", "1"]
    assert main(command) == 0
    shutil.copy(pictures / "lone.png", pictures / "twice.png")
    assert main(command) == 0
    assert "9 unchanged, 3 the same as another" in capsys.readouterr().out
    assert listed(capsys, copy)["groups"][1]["pictures"][0]["elsewhere"] == ["twice.png"]
    before = generation(copy)
    assert main(command) == 0
    assert generation(copy) == before
    (pictures / "twice.png").unlink()
    assert main(command) == 0
    assert listed(capsys, copy)["total"] == 2


def test_signatures_of_another_number_of_pictures_are_refused(copy: Path) -> None:
    manifest = read_manifest(copy)
    path = copy / manifest.files["signatures"].name
    np.save(copy / "fewer.npy", np.load(path)[1:])
    files = {role: copy / manifest.files[role].name for role in bundles.INDEX_FILES}
    publish_index(copy, files | {"signatures": copy / "fewer.npy"}, _without_map(manifest))
    with pytest.raises(bundles.BundleError, match=r"signatures.* not \(9, 10\)"):
        open_bundle(copy)


@pytest.mark.parametrize("most", [0, 7, 15, 16, 31])
def test_close_pairs_are_those_of_comparing_each_with_each(most: int) -> None:
    hashes = some_hashes(400)
    expected = {
        (one, one + 1 + int(other))
        for one in range(len(hashes))
        for other in np.flatnonzero(differing(hashes[one], hashes[one + 1 :]) <= most)
    }
    found = {
        (min(pair), max(pair))
        for ours, theirs in close_pairs(hashes, most)
        for pair in zip(ours.tolist(), theirs.tolist(), strict=True)
    }
    assert found == expected
    assert len(expected) > 2


def test_pairs_too_far_apart_for_the_pieces_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 16 bits"):
        next(close_pairs(np.zeros((2, 1), np.uint64), 32))


def test_a_copy_of_a_copy_is_in_the_group_however_many_there_are() -> None:
    signatures = np.zeros((402, WORDS), np.uint64)
    signatures[:, :4] = some_hashes(1)
    for place in range(1, 200):  # a bit further from the first than the one before it, to 64
        signatures[place] = signatures[place - 1]
        signatures[place, 0] ^= np.uint64(1) << np.uint64(place % 64)
    signatures[400, 4:] = 2**64 - 1  # the same in other colours
    signatures[401, 2] ^= np.uint64(2**64 - 1)
    assert find_groups(signatures) == [list(range(400))]


def test_nothing_is_said_of_pictures_with_nothing_in_them() -> None:
    assert find_groups(np.zeros((1000, WORDS), np.uint64)) == []


def some_hashes(count: int) -> np.ndarray:
    """Return hashes of which every other one differs from the one before it in a few bits."""
    chance = np.random.default_rng(5)
    hashes = chance.integers(0, 2**64, (count, 4), np.uint64)
    for place in range(1, count, 2):
        bits = np.zeros(256, np.uint8)
        bits[chance.choice(256, place % 41, replace=False)] = 1
        hashes[place] = hashes[place - 1] ^ np.packbits(bits).view(np.uint64)
    return hashes


def forget(bundle: Path) -> None:
    """Make of an index what an earlier version made: no signatures, and no tables of copies."""
    manifest = read_manifest(bundle)
    files = {role: bundle / manifest.files[role].name for role in (*bundles.INDEX_FILES, "cells")}
    records = bundle / "old.sqlite"
    shutil.copy(files["records"], records)
    with sqlite3.connect(records) as database:
        database.executescript("DROP TABLE copies; DROP TABLE elsewhere;")
    database.close()
    publish_index(bundle, files | {"records": records}, _without_map(manifest))


def _without_map(manifest: Manifest) -> GalleryInfo:
    assert manifest.gallery is not None
    return msgspec.structs.replace(manifest.gallery, map=None)
