"""What pictures carry and what lies beside them becomes clean records; nothing of it does harm."""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pillow_heif
import pytest
from PIL import Image

from app import create_app
from model.bundle import open_bundle, read_manifest
from model.gallery import Record
from model.publishing import adopt_model, publish_index
from tests import carrying, drawing
from tests.carrying import exif_of, iptc, itxt, jpeg, listed, one_of, packet, png, ztxt

ALL_XMP = packet(
    one_of("dc:title", de="Die alte Brücke", default="The old bridge"),
    one_of("dc:description", default="Fog lies\n  on the river."),
    listed("dc:creator", "Ada", "Ben"),
    listed("dc:subject", "stone", "fog", "stone"),
    one_of("dc:rights", default="All rights reserved"),
    '<cc:license rdf:resource="https://creativecommons.org/licenses/by-sa/4.0/deed.de"/>',
    exif_DateTimeOriginal="2019-08-07T06:05:04.25+02:00",
    exif_GPSLatitude=carrying.GPS,
    photoshop_Source="An archive",
)
ALL_IPTC = iptc(
    (5, b"Of IPTC"),
    (25, b"arch"),
    (25, "Brücke".encode("latin-1")),
    (55, b"20180300"),
    (80, "Čapek".encode()),
    (116, b"(c) Capek"),
    (120, b"A caption."),
)
ALL_EXIF = exif_of(
    {
        0x010E: "Eine Br$$cke",
        0x013B: "Eve",
        0x8298: "Eve\0An editor",
        0x9C9B: "Of Windows\0".encode("utf-16-le"),
        0x9C9E: "iron;rust".encode("utf-16-le"),
        0x8825: {1: "N", 2: (48.0, 12.0, 30.0)},
    },
    {0x9003: "2017:02:03 04:05:06"},
)
HOSTILE: dict[str, bytes] = {
    "laughs.jpg": jpeg(10, xmp=carrying.laughs()),
    "stolen.jpg": jpeg(11, xmp=carrying.stolen("/etc/passwd")),
    "large.png": png(13, itxt(b"XML:com.adobe.xmp", packet() + b" " * 2_000_000 + b"<")),
    "bomb.png": png(14, ztxt(b"Title", b"a" * 3_000_000)),
    "late bomb.png": png(15, ztxt(b"Title", b"a" * 3_000_000), late=True),
    "no exif.png": png(16, (b"eXIf", b"nonsense")),
    "no hex.png": png(17, (b"tEXt", b"Raw profile type exif\0nonsense\nx\ny\nzz")),
    "no xml.jpg": jpeg(18, xmp=b"<x:xmpmeta"),
    "no bytes.jpg": jpeg(19, xmp=b'<?xml version="1.0" encoding="klingon"?><x/>'),
    "bad utf.jpg": jpeg(20, xmp=packet(one_of("dc:title", default="ab")).replace(b"ab", b"\xc3(")),
    "no iptc.jpg": jpeg(21, sets=b"\x1c\x02\x05\xff\xff\xff" + b"nonsense" * 9),
}
UNDERSTOOD: dict[str, bytes] = {
    "deep.png": png(12, itxt(b"XML:com.adobe.xmp", carrying.deep(40_000))),
    "keywords.jpg": jpeg(
        30, sets=iptc(*((25, f"word {n}".encode()) for n in range(3000)), (25, b"x" * 5000))
    ),
    "long.png": png(31, (b"tEXt", b"Title\0" + b"word " * 100_000)),
    "markup.jpg": jpeg(
        32,
        xmp=packet(
            one_of("dc:title", default="&lt;script&gt;alert(1)&lt;/script&gt;"),
            one_of("dc:description", default="&lt;img src=x onerror=alert(2)&gt;"),
            listed("dc:subject", "&lt;b&gt;bold&lt;/b&gt;", '" onload="alert(3)'),
            photoshop_Source="javascript:alert(4)",
        ),
    ),
    "turned.jpg": jpeg(33, sets=iptc((5, "a\u202egpj.exe\u2066\x07\x1b[31m\u200bb".encode()))),
    "no date.jpg": jpeg(34, exif=exif_of({}, {0x9003: "0000:00:00 00:00:00"})),
    "no day.jpg": jpeg(35, exif=exif_of({}, {0x9003: "2023:02:30 10:00:00"})),
    "no hour.jpg": jpeg(36, exif=exif_of({}, {0x9003: "2023:02:28 25:61:00"})),
    "short.jpg": jpeg(38, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff"),
    "sony.jpg": jpeg(37, exif=exif_of({0x010E: "SONY DSC                       "})),
}
_COMPLETE = {
    "all.jpg": jpeg(1, xmp=ALL_XMP, sets=ALL_IPTC, exif=ALL_EXIF),
    "iptc.jpg": jpeg(2, sets=ALL_IPTC, exif=ALL_EXIF),
    "exif.jpg": jpeg(3, exif=ALL_EXIF).replace(b"Br$$cke", "Brücke".encode()),
    "text.png": png(4, (b"tEXt", b"Title\0A text"), (b"tEXt", b"Author\0An author")),
    "late.png": png(5, itxt(b"XML:com.adobe.xmp", ALL_XMP), late=True),
}


def index(folder: Path, bundle: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model", "index", str(folder), "--bundle", str(bundle)]
    return subprocess.run([*command, "--jobs", "1"], capture_output=True, text=True, check=False)


def record_of(bundle: Path, path: str) -> Record:
    record = open_bundle(bundle, verify=False).gallery.find_path(path)
    assert record is not None, path
    return record


def in_other_formats() -> dict[str, bytes]:
    """Return pictures of every format that carries XMP."""
    pillow_heif.register_heif_opener()
    image, found = drawing.draw("truss", 7, (160, 120)), {}
    for number, kind in enumerate(("WEBP", "AVIF", "HEIF", "TIFF")):
        told = {"tiffinfo": {700: ALL_XMP}} if kind == "TIFF" else {"xmp": ALL_XMP}
        image.putpixel((number, 0), (255, 0, 0))
        file = io.BytesIO()
        image.save(file, kind, **told)
        found[f"of {kind.lower()}.{kind.lower()}"] = file.getvalue()
    return found


@pytest.fixture(scope="module")
def carried(
    tmp_path_factory: pytest.TempPathFactory, shipped: Path
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Return a bundle of pictures that carry much, in a folder "rail way", and what was said."""
    photos = tmp_path_factory.mktemp("carried") / "photos"
    (photos / "rail way").mkdir(parents=True)
    for name, content in (_COMPLETE | in_other_formats() | HOSTILE | UNDERSTOOD).items():
        (photos / "rail way" / name).write_bytes(content)
    adopt_model(photos.parent / "bundle", shipped)
    return photos.parent / "bundle", index(photos, photos.parent / "bundle")


@pytest.fixture
def told(carried: tuple[Path, subprocess.CompletedProcess[str]]) -> Callable[[str], Record]:
    return lambda name: record_of(carried[0], f"rail way/{name}")


@pytest.mark.parametrize(
    "name", ["all.jpg", "late.png", "of webp.webp", "of avif.avif", "of heif.heif", "of tiff.tiff"]
)
def test_xmp_of_every_format(told: Callable[[str], Record], name: str) -> None:
    record = told(name)
    assert record.title == "The old bridge"
    assert record.alt == "Fog lies on the river."
    assert record.credit == "Ada, Ben"
    assert record.licence == "CC-BY-SA-4.0"
    assert record.source == "An archive"
    assert record.date == "2019-08-07T06:05:04"
    assert record.tags == ("stone", "fog")


def test_iptc_goes_before_exif(told: Callable[[str], Record]) -> None:
    record = told("iptc.jpg")
    assert (record.title, record.alt, record.credit) == ("Of IPTC", "A caption.", "Čapek")
    assert (record.licence, record.date) == ("(c) Capek", "2018-03")
    assert record.tags == ("arch", "Brücke")


def test_exif_goes_before_the_name(told: Callable[[str], Record]) -> None:
    record = told("exif.jpg")
    assert (record.title, record.alt, record.credit) == ("Of Windows", "Eine Brücke", "Eve")
    assert (record.licence, record.date) == ("Eve, An editor", "2017-02-03T04:05:06")
    assert record.tags == ("iron", "rust")


def test_the_text_of_a_png_and_the_name_behind_it(told: Callable[[str], Record]) -> None:
    record = told("text.png")
    assert (record.title, record.credit) == ("A text", "An author")
    assert record.tags == ("rail way",)
    assert told("sony.jpg").title == "Sony"
    assert told("sony.jpg").alt == ""


def test_where_a_picture_was_taken_is_taken_from_nowhere(told: Callable[[str], Record]) -> None:
    for name in ("all.jpg", "exif.jpg"):
        known = msgspec.json.encode(told(name)).decode()
        assert carrying.GPS not in known
        assert "GPS" not in known
        assert "48.0" not in known


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_understood_is_noted_and_the_picture_taken(
    carried: tuple[Path, subprocess.CompletedProcess[str]],
    told: Callable[[str], Record],
    name: str,
) -> None:
    assert carried[1].returncode == 0
    assert "Traceback" not in carried[1].stderr
    assert "Warning" not in carried[1].stderr
    assert f"rail way/{name}: The picture is taken, but its " in carried[1].stderr
    record = told(name)
    assert record.title == Path(name).stem[:1].upper() + Path(name).stem[1:]
    assert record.tags == ("rail way",)


def test_metadata_that_is_only_odd_is_not_noted(
    carried: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    for name in UNDERSTOOD:
        assert name not in carried[1].stderr


def test_lengths_are_limited(told: Callable[[str], Record]) -> None:
    record = told("keywords.jpg")
    assert len(record.tags) == 100
    assert record.tags[:2] == ("word 0", "word 1")
    assert len(told("long.png").title) == 200
    assert told("long.png").title.endswith("word…")


def test_nothing_hides_or_turns_text(told: Callable[[str], Record]) -> None:
    assert told("turned.jpg").title == "agpj.exe[31mb"


def test_dates_that_are_none(told: Callable[[str], Record]) -> None:
    dates = [told(name).date for name in ("no date.jpg", "no day.jpg", "no hour.jpg")]
    assert dates == ["", "", "2023-02-28"]


def test_markup_stays_text_on_every_page(
    carried: tuple[Path, subprocess.CompletedProcess[str]], told: Callable[[str], Record]
) -> None:
    record = told("markup.jpg")
    assert record.title == "<script>alert(1)</script>"
    client = create_app({"TESTING": True, "BUNDLE": str(carried[0])}).test_client()
    for address in (f"/images/{record.id}", "/browse", f"/images/{record.id}/similar"):
        page = client.get(address).text
        assert "&lt;script&gt;alert(1)" in page
        for live in ("<script>alert", "<img src=x", "<b>bold", '" onload=', 'href="javascript:'):
            assert live not in page
    answer = client.get(f"/api/v1/images/{record.id}")
    assert answer.json is not None
    assert answer.json["alt"] == "<img src=x onerror=alert(2)>"
    assert "embedded" not in answer.json


@pytest.fixture
def photos(tmp_path: Path, shipped: Path) -> Path:
    """Return a folder of three pictures that carry XMP, beside a bundle with a model."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed, name in enumerate(("a.jpg", "b.jpg", "c.jpg")):
        (folder / name).write_bytes(jpeg(seed, xmp=ALL_XMP))
    adopt_model(tmp_path / "bundle", shipped)
    return folder


def test_files_beside_a_picture_go_before_it_the_nearest_first(photos: Path) -> None:
    bundle = photos.parent / "bundle"
    titled = packet(one_of("dc:title", default="Of a.jpg.xmp"))
    both = packet(one_of("dc:title", default="Of a.xmp"), listed("dc:creator", "Of a.xmp"))
    (photos / "a.jpg.xmp").write_bytes(titled)
    (photos / "a.xmp").write_bytes(both)
    (photos / "a.jpg.json").write_text(
        json.dumps({"title": "no", "credit": "no", "source": "A book", "tags": "x, y", "z": 1})
    )
    taken = {"timestamp": "1565150704", "formatted": "7 Aug 2019"}
    takeout = {"title": "b.jpg", "description": "<Told>", "photoTakenTime": taken}
    takeout |= {"geoData": {"latitude": 48.2}}
    (photos / "b.jpg.supplemental-metadata.json").write_text(json.dumps(takeout))
    (photos / "c.jpg.xmp").write_bytes(carrying.laughs())
    (photos / "c.jpg.json").write_text("[1, 2")
    os.mkfifo(photos / "c.xmp")
    (photos / "records.csv").write_text(
        "path,title,credit,tags,date,season\na.jpg,,,,1999,\nb.jpg,Of the table,,,,winter\n"
        "c.jpg,,Of the table,,,,behind the last column\n"
    )
    told = {"path": "c.jpg", "title": "Of JSON", "credit": "Of JSON", "tags": ["t"], "seed": 0}
    (photos / "records.json").write_text(json.dumps([told]))
    finished = index(photos, bundle)
    assert finished.returncode == 0, finished.stderr
    for name in ("c.jpg.xmp", "c.jpg.json", "c.xmp"):
        assert f"\n{name}: This file tells nothing: " in "\n" + finished.stderr
    a, b, c = (record_of(bundle, name) for name in ("a.jpg", "b.jpg", "c.jpg"))
    assert (a.title, a.credit, a.source) == ("Of a.jpg.xmp", "Of a.xmp", "A book")
    assert (a.licence, a.date, a.tags, a.details) == ("CC-BY-SA-4.0", "1999", (), {})
    assert (b.title, b.alt, b.date) == ("Of the table", "<Told>", "2019-08-07T04:05:04")
    assert (b.credit, b.details) == ("Ada, Ben", {"season": "winter"})
    assert (c.title, c.credit, c.licence) == ("Of JSON", "Of the table", "CC-BY-SA-4.0")
    assert (c.tags, c.details) == ((), {"seed": 0})


def test_a_changed_sidecar_is_taken_over_without_decoding(photos: Path) -> None:
    bundle = photos.parent / "bundle"
    (photos / "a.xmp").write_bytes(packet(one_of("dc:title", default="Before")))
    for path in photos.glob("*.jpg"):  # one that has only just changed is read again, in any case
        os.utime(path, (1_700_000_000, 1_700_000_000))
    assert index(photos, bundle).returncode == 0
    assert record_of(bundle, "a.jpg").title == "Before"
    for path in photos.glob("*.jpg"):  # whoever decoded one again would fail
        status = path.stat()
        path.write_bytes(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    (photos / "a.xmp").write_bytes(packet(listed("dc:subject", "new")))
    assert "1 new or changed, 2 unchanged" in index(photos, bundle).stdout
    record = record_of(bundle, "a.jpg")
    assert (record.title, record.tags) == ("The old bridge", ("new",))
    assert "3 unchanged" in index(photos, bundle).stdout


def test_an_index_of_an_earlier_version_looks_once_into_every_picture(photos: Path) -> None:
    bundle = photos.parent / "bundle"
    assert index(photos, bundle).returncode == 0
    _forget_what_is_embedded(bundle)
    assert "3 new or changed." in index(photos, bundle).stdout
    assert record_of(bundle, "a.jpg").title == "The old bridge"
    assert "3 unchanged" in index(photos, bundle).stdout


def _forget_what_is_embedded(bundle: Path) -> None:
    manifest = read_manifest(bundle)
    files = {
        role: bundle.parent / role
        for role, entry in manifest.files.items()
        if shutil.copyfile(bundle / entry.name, bundle.parent / role)
    }
    files = {role: files[role] for role in manifest.files if role not in _MODEL}
    with sqlite3.connect(files["records"]) as database:
        database.execute("UPDATE images SET record = json_remove(record, '$.embedded')")
    database.close()
    assert manifest.gallery is not None
    publish_index(bundle, files, manifest.gallery)


_MODEL = {"checkpoint", "encoder", "decoder", "training-hashes", "calibration"}


def test_a_search_with_a_picture_that_carries_anything_is_answered(bundle: Path) -> None:
    client = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
    for name, content in HOSTILE.items():
        answer = client.post("/api/v1/search", data=content)
        assert answer.status_code == 200, name


def test_pictures_that_are_broken_themselves_stay_broken(bundle: Path) -> None:
    client = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
    whole = png(1, (b"tEXt", b"Title\0A text"))
    assert client.post("/api/v1/search", data=whole[: len(whole) // 2]).status_code == 422


def test_exif_that_lies_does_not_turn_a_picture(bundle: Path) -> None:
    client = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
    exif = Image.Exif()
    exif[0x0112] = 77
    answer = client.post("/api/v1/search", data=jpeg(1, exif=exif))
    assert answer.json is not None
    assert answer.json["query"]["turned"] is False
