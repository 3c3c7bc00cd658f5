"""`prepare` reads any folder once, and says what it could not read; the split is fixed."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import copies
from model.__main__ import main
from model.images import load
from model.training import data, preparing
from model.training.errors import TrainingError


@pytest.fixture
def folder(tmp_path: Path, drawn: Path) -> Path:
    """Return a folder of 5 pictures: one of them twice, and beside them a broken one."""
    folder = tmp_path / "photos"
    (folder / "deep" / "er").mkdir(parents=True)
    for seed in range(5):
        shutil.copy(drawn / "arch" / f"{seed:02}.jpg", folder / "deep" / f"{seed}.jpg")
    shutil.copy(folder / "deep" / "0.jpg", folder / "deep" / "er" / "again.jpg")
    (folder / "broken.jpg").write_bytes((folder / "deep" / "0.jpg").read_bytes()[:2000])
    return folder


def run_prepare(folder: Path, out: Path) -> int:
    return main(["prepare", str(folder), "--out", str(out), "--jobs", "1"])


def test_prepares_every_picture_once(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "data"
    assert run_prepare(folder, out) == 3
    said = capsys.readouterr()
    assert "5 pictures, 1 MB; 5 decoded now, 1 the same as another, 1 unreadable" in said.out
    assert f"{folder / 'broken.jpg'}: The JPEG picture is damaged" in said.err
    pictures = data.open_prepared(out)
    assert sorted(place.path for place in pictures.places) == [
        f"photos/deep/{seed}.jpg" for seed in range(5)
    ]
    for row, place in enumerate(pictures.places):
        expected = load(folder.parent / place.path).pixels
        assert np.array_equal(pictures.pixels([row])[0], expected)


def test_a_name_that_is_not_utf8_is_written_so_that_it_can_be_read(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(drawn / "arch" / "00.jpg", photos / os.fsdecode(b"caf\xe9.jpg"))
    assert run_prepare(photos, tmp_path / "data") == 0
    assert "1 picture" in capsys.readouterr().out
    (place,) = data.open_prepared(tmp_path / "data").places
    assert place.path == r"photos/caf\xe9.jpg"


def test_a_second_run_decodes_only_what_is_new_and_follows_the_folder(
    folder: Path, tmp_path: Path, drawn: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "data"
    run_prepare(folder, out)
    (folder / "broken.jpg").unlink()
    (folder / "deep" / "1.jpg").unlink()
    shutil.copy(drawn / "truss" / "00.jpg", folder / "new.jpg")
    capsys.readouterr()
    assert run_prepare(folder, out) == 0
    assert "5 pictures, 1 MB; 1 decoded now" in capsys.readouterr().out
    names = {place.path for place in data.open_prepared(out).places}
    assert "photos/new.jpg" in names
    assert "photos/deep/1.jpg" not in names


def test_an_interrupted_run_is_gone_on_with(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    run_prepare(folder, out)
    (out / data.LISTING).unlink()  # as if stopped before the end
    (out / "pictures-00001.npy.partial").write_bytes(b"half a shard")
    with pytest.raises(TrainingError, match="is no prepared folder"):
        data.open_prepared(out)
    assert preparing.prepare([folder], out, jobs=1).decoded == 0
    assert len(data.open_prepared(out)) == 5


def test_a_folder_of_broken_pictures_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(b"no picture")
    assert run_prepare(tmp_path / "photos", tmp_path / "data") == 1
    assert "nothing to train on" in capsys.readouterr().err


def test_a_prepared_folder_of_another_loader_is_refused(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "LOADER_VERSION", 2)
    with pytest.raises(TrainingError, match="another version of the loader"):
        data.open_prepared(prepared)


def test_a_glob_names_pictures_too(drawn: Path, tmp_path: Path) -> None:
    found = preparing.find(str(drawn / "*" / "00.jpg"), tmp_path / "cache")
    assert sorted(place.path for place in found.places) == [
        f"{kind}/00.jpg" for kind in ("arch", "beam", "suspension", "truss")
    ]


def test_the_split_is_fixed_and_disjoint() -> None:
    places = [data.Place(f"{number * 2654435761 % 2**32:08x}", "", "", 0) for number in range(4000)]
    pictures = data.Pictures(Path(), tuple(places))
    training, evaluation = data.split(pictures)
    ours, theirs = ({place.sha256 for place in part.places} for part in (training, evaluation))
    assert not ours & theirs
    assert len(ours | theirs) == 4000
    assert 150 < len(theirs) < 250
    # A picture stays on its side whatever else is there.
    _, of_half = data.split(data.Pictures(Path(), tuple(places[::2])))
    assert {place.sha256 for place in of_half.places} <= theirs


def test_evaluation_pictures_are_never_trained_on(prepared: Path) -> None:
    pictures = data.open_prepared(prepared)
    aside = pictures.some(5)
    assert len(data.apart(pictures, aside)) == len(pictures) - 5


def test_near_copies_of_what_is_measured_on_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos, measured = tmp_path / "photos", tmp_path / "measured"
    photos.mkdir()
    (measured / "deep").mkdir(parents=True)
    chance = np.random.default_rng(0)
    for number in range(5):
        cells = Image.fromarray(chance.integers(0, 256, (10, 12, 3), np.uint8))
        cells.resize((480, 400)).save(photos / f"{number}.jpg")
    with Image.open(photos / "2.jpg") as image:  # smaller, and without what JPEG left out
        image.resize((240, 160)).save(measured / "deep" / "copy.png")
    out = tmp_path / "data"
    command = ["prepare", str(photos), "--out", str(out), "--jobs", "1"]
    assert main([*command, "--without", str(measured)]) == 0
    said = capsys.readouterr().out
    assert "4 pictures, 1 MB; 5 decoded now" in said
    assert "1 left out as near copies" in said
    names = {place.path for place in data.open_prepared(out).places}
    assert names == {f"photos/{number}.jpg" for number in (0, 1, 3, 4)}


def test_six_bits_apart_is_near_and_seven_is_not() -> None:
    one = np.zeros((1, 64), np.bool_)
    others = np.array([[bit < differing for bit in range(64)] for differing in (6, 7)])
    assert copies.near(others, one).tolist() == [True, False]
    assert copies.near(one, others).tolist() == [True]


def test_what_must_not_be_seen_must_be_readable(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["prepare", str(folder / "deep"), "--out", str(tmp_path / "data")]
    assert main([*command, "--without", str(folder)]) == 1
    assert "must not see cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
