"""`python -m model index`: the index is equal to the folder, whatever lies in the folder."""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.bundle import generation, open_bundle
from model.encoder import Encoder
from model.gallery import BOXES
from model.images import load
from model.publishing import adopt_model
from tests import drawing


@pytest.fixture
def empty(tmp_path: Path, shipped: Path) -> Path:
    """Return a bundle with a model and no index."""
    adopt_model(tmp_path / "bundle", shipped)
    return tmp_path / "bundle"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return drawing.fill(tmp_path / "photos", each=2)


def index(folder: Path, bundle: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model", "index", str(folder), "--bundle", str(bundle)]
    return subprocess.run(
        [*command, "--jobs", "1", *more], capture_output=True, text=True, check=False
    )


def paths_in(bundle: Path) -> list[str]:
    return [record.path for record in open_bundle(bundle).gallery.page(0, 1000)]


def drawn_webp(path: Path, size: tuple[int, int], **options: object) -> Path:
    Image.effect_noise(size, 60).convert("RGB").save(path, "WEBP", **options)
    return path


def test_a_linked_picture_is_its_own_large_thumbnail(photos: Path, empty: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    plain = drawn_webp(photos / "plain.webp", (500, 300))
    drawn_webp(photos / "told.webp", (500, 301), exif=exif)
    drawn_webp(photos / "wide.webp", (1100, 302))
    assert index(photos, empty, "--link").returncode == 0
    gallery = open_bundle(empty).gallery
    stored = {r.path: gallery.stored(r, "large") for r in gallery.page(0, 100)}
    assert [path for path, content in stored.items() if not content] == ["plain.webp"]
    record = gallery.find_path("plain.webp")
    assert record is not None
    assert gallery.thumbnail(record, "large") == plain.read_bytes()
    plain.write_bytes(b"something else")
    assert gallery.thumbnail(record, "large") == gallery.thumbnail(record, "small") != b""
    plain.unlink()
    assert gallery.thumbnail(record, "large") == gallery.thumbnail(record, "small")


def test_linking_and_copying_replace_one_another(photos: Path, empty: Path) -> None:
    drawn_webp(photos / "plain.webp", (500, 300))
    for more, copied in (((), True), (("--link",), False), (("--link",), False), ((), True)):
        assert index(photos, empty, *more).returncode == 0
        gallery = open_bundle(empty).gallery
        record = gallery.find_path("plain.webp")
        assert record is not None
        assert bool(gallery.stored(record, "large")) is copied


def test_embeddings_records_and_thumbnails(bundle: Path, drawn: Path) -> None:
    opened = open_bundle(bundle)
    record = opened.gallery.find_path("truss/03.jpg")
    assert record is not None
    assert (record.width, record.height, record.format) == (480, 320, "JPEG")
    assert (record.title, record.tags) == ("Truss, 03", ("truss",))
    assert record.bytes == (drawn / record.path).stat().st_size
    encoder = Encoder(opened.path("encoder"))
    pixels = load(drawn / record.path).pixels
    expected = encoder.encode(pixels[np.newaxis]).embedding[0]
    assert opened.embeddings[record.row] == pytest.approx(expected, abs=1e-5)
    small, large = (opened.gallery.thumbnail(record, size) for size in BOXES)
    assert Image.open(io.BytesIO(small)).size == (384, 256)
    assert Image.open(io.BytesIO(large)).size == (480, 320)


def test_a_picture_finds_itself_first(bundle: Path) -> None:
    opened = open_bundle(bundle)
    similarities = opened.embeddings @ opened.embeddings.T
    assert (similarities.argmax(axis=1) == np.arange(24)).all()


def test_a_second_run_costs_and_changes_nothing(photos: Path, empty: Path) -> None:
    assert "8 new or changed" in index(photos, empty).stdout
    before = generation(empty)
    assert "8 unchanged" in index(photos, empty).stdout
    assert generation(empty) == before


def test_the_index_follows_the_folder(photos: Path, empty: Path) -> None:
    index(photos, empty)
    (photos / "arch" / "00.jpg").unlink()
    (photos / "beam" / "00.jpg").rename(photos / "beam" / "moved.jpg")
    drawing.draw("truss", 99).save(photos / "truss" / "00.jpg")
    drawing.draw("truss", 98).save(photos / "new.png")
    assert index(photos, empty).returncode == 0
    assert paths_in(empty) == sorted(
        path.relative_to(photos).as_posix() for path in photos.rglob("*.*g")
    )
    gallery = open_bundle(empty).gallery
    changed = gallery.find_path("truss/00.jpg")
    assert changed is not None
    assert changed.bytes == (photos / "truss" / "00.jpg").stat().st_size


def test_one_broken_picture_among_good_ones_is_reported_and_left_out(
    photos: Path, empty: Path
) -> None:
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing more")
    (photos / "notes.txt").write_text("no picture, and not meant as one")
    (photos / ".hidden.jpg").write_bytes(b"not looked at")
    finished = index(photos, empty)
    assert finished.returncode == 3
    assert "broken.jpg: " in finished.stderr
    assert "1 unreadable" in finished.stdout
    assert len(paths_in(empty)) == 8


def test_copies_count_once(photos: Path, empty: Path) -> None:
    shutil.copy(photos / "arch" / "00.jpg", photos / "copy of an arch.jpg")
    assert "1 the same as another" in index(photos, empty).stdout
    assert "copy of an arch.jpg" not in paths_in(empty)


def test_records_beside_the_pictures(photos: Path, empty: Path) -> None:
    told = [
        {
            "path": "00.jpg",
            "title": "Eine Brücke",
            "tags": ["stone", "river"],
            "credit": "A. Mason",
            "span_m": 31.5,
            "materials": ["stone", "brick"],
            "unusable": {"a": 1},
        },
    ]
    (photos / "arch" / "records.json").write_text(json.dumps(told))
    (photos / "records.csv").write_text('path,title,tags\nbeam/00.jpg,A beam,"steel, road"\n')
    index(photos, empty)
    gallery = open_bundle(empty).gallery
    arch, beam = gallery.find_path("arch/00.jpg"), gallery.find_path("beam/00.jpg")
    assert arch is not None
    assert beam is not None
    assert (arch.title, arch.tags, arch.credit) == ("Eine Brücke", ("stone", "river"), "A. Mason")
    assert arch.details == {"span_m": 31.5, "materials": "stone, brick"}
    assert (beam.title, beam.tags) == ("A beam", ("steel", "road"))
    assert gallery.facets.tags["stone"].tolist() == [arch.row]
    assert gallery.facets.tags["road"].tolist() == [beam.row]


def test_a_changed_description_is_taken_over_without_decoding(photos: Path, empty: Path) -> None:
    path = photos / "beam" / "00.jpg"
    os.utime(path, (1_000_000_000, 1_000_000_000))  # long before it is read
    index(photos, empty)
    (photos / "records.csv").write_text("path,title\nbeam/00.jpg,Renamed\n")
    status = path.stat()
    path.write_bytes(bytes(status.st_size))  # whoever decoded it again would fail
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "1 new or changed, 7 unchanged" in index(photos, empty).stdout
    record = open_bundle(empty).gallery.find_path("beam/00.jpg")
    assert record is not None
    assert record.title == "Renamed"


@pytest.mark.parametrize("content", ["{", '[{"title": "no path"}]', '"a word"'])
def test_records_that_cannot_be_understood(photos: Path, empty: Path, content: str) -> None:
    (photos / "records.json").write_text(content)
    finished = index(photos, empty)
    assert finished.returncode == 1
    assert "records.json" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_folder_that_is_not_there_one_without_pictures_and_a_file(
    tmp_path: Path, empty: Path
) -> None:
    (tmp_path / "void").mkdir()
    (tmp_path / "photo.jpg").write_bytes(drawing.encoded(drawing.draw("arch", 0)))
    for name, words in (
        ("gone", "There is no folder"),
        ("void", "no picture"),
        ("photo.jpg", "photo.jpg is no folder: name the one"),
    ):
        finished = index(tmp_path / name, empty)
        assert finished.returncode == 1
        assert words in finished.stderr
        assert len(finished.stderr.splitlines()) == 1


def test_only_broken_pictures_keep_the_old_index(photos: Path, empty: Path, tmp_path: Path) -> None:
    index(photos, empty)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "one.jpg").write_bytes(b"no")
    finished = index(tmp_path / "bad", empty)
    assert finished.returncode == 1
    assert "None of the 1" in finished.stderr
    assert len(paths_in(empty)) == 8


def test_names_in_any_script_and_not_utf8(photos: Path, empty: Path) -> None:
    content = (photos / "arch" / "00.jpg").read_bytes()
    for number, name in enumerate(("橋 мост جسر.jpg".encode(), b"caf\xe9.jpg")):
        with Path(os.fsdecode(bytes(photos) + b"/" + name)).open("wb") as file:
            file.write(content + bytes(number + 1))
    assert index(photos, empty).returncode == 0
    assert len(paths_in(empty)) == 10


def test_the_model_can_come_from_another_bundle(
    photos: Path, tmp_path: Path, shipped: Path
) -> None:
    target = tmp_path / "made"
    assert index(photos, target).returncode == 1
    assert index(photos, target, "--model", str(shipped)).returncode == 0
    assert len(paths_in(target)) == 8
