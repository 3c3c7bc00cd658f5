"""Two contents whose hashes begin alike are two pictures, however the index came to them."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from model.__main__ import main
from model.bundle import open_bundle
from model.gallery import Record
from model.indexing import Outcome, index_folder
from model.publishing import adopt_model
from tests import drawing
from tests.colliding import ONE, OTHER

HASHES = [hashlib.sha256(content).hexdigest() for content in (ONE, OTHER)]
FIRST, SECOND = (HASHES[1][start : start + 12] for start in (0, 12))


@pytest.fixture
def place(tmp_path: Path, shipped: Path) -> Path:
    """Return a folder with a bundle that has a model, and `photos` with a drawn picture."""
    adopt_model(tmp_path / "bundle", shipped)
    (tmp_path / "photos").mkdir()
    drawing.draw("arch").save(tmp_path / "photos" / "m.jpg")
    return tmp_path


def index(place: Path, **files: bytes | None) -> Outcome:
    """Write files, or delete them, and index; none is too new to be believed."""
    for name, content in files.items():
        path = place / "photos" / f"{name}.png"
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
            os.utime(path, (1e9, 1e9))
    return index_folder(place / "photos", place / "bundle", jobs=1)


def ids(place: Path) -> dict[str, str]:
    gallery = open_bundle(place / "bundle").gallery
    return {record.path[0]: record.id for record in gallery.every() if record.format == "PNG"}


def test_the_hashes_begin_alike_and_differ() -> None:
    assert HASHES[0] != HASHES[1]
    assert HASHES[0][:12] == HASHES[1][:12] == FIRST


def test_both_are_pictures_of_their_own(place: Path) -> None:
    outcome = index(place, a=ONE, z=OTHER)
    assert (outcome.indexed, outcome.duplicates) == (3, 0)
    assert ids(place) == {"a": FIRST, "z": SECOND}
    bundle = open_bundle(place / "bundle")
    other = bundle.gallery.find(SECOND)
    assert other is not None
    assert other.sha256 == HASHES[1]
    assert not np.array_equal(*bundle.embeddings[[0, other.row]])


@pytest.mark.parametrize("later", ["a", "z"])
def test_one_that_comes_later_leaves_the_id_to_the_one_that_is_there(
    place: Path, later: str
) -> None:
    index(place, k=ONE)
    assert index(place, **{later: OTHER}).indexed == 1
    assert ids(place) == {"k": FIRST, later: SECOND}


def test_it_keeps_its_id_when_the_first_goes_and_when_it_moves(place: Path) -> None:
    index(place, a=ONE, z=OTHER)
    assert index(place, a=None).removed == 1
    assert ids(place) == {"z": SECOND}
    moved = index(place, z=None, b=OTHER)
    assert (moved.indexed, moved.moved) == (0, 1)
    copied = index(place, c=OTHER)
    assert (copied.indexed, copied.duplicates) == (0, 1)
    index(place, x=ONE)
    assert ids(place) == {"b": SECOND, "x": FIRST}


def test_both_can_be_exported_and_imported(place: Path) -> None:
    index(place, a=ONE, z=OTHER)
    out, back = str(place / "out"), str(place / "back")
    assert main(["export-gallery", "--bundle", str(place / "bundle"), "--out", out]) == 0
    model = str(place / "bundle")
    assert main(["import-gallery", out, "--bundle", back, "--model", model]) == 0
    assert every(place / "back") == every(place / "bundle")
    records = place / "out" / "records.jsonl"
    lines = [json.loads(line) for line in records.read_text().splitlines()]
    assert {line["path"][0]: line["id"] for line in lines if line["format"] == "PNG"} == ids(place)


def every(bundle: Path) -> list[Record]:
    return list(open_bundle(bundle).gallery.every())
