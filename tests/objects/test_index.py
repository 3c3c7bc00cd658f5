"""`index s3://...`: what lies in an object store is indexed as what lies in a folder."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from app.serving import place_of
from model.__main__ import main
from model.bundle import Bundle, generation, open_bundle, read_manifest
from model.gallery import BOXES, Record
from model.publishing import adopt_model
from tests import drawing
from tests.app.changing import BEARER, TOKEN, picture
from tests.conftest import shell
from tests.objects.conftest import Index
from tests.objects.store import BUCKET, OWNER, SECRET, Asked, Between, Lost, Store

ODD = (
    "a b+c%41/ü & <x>.png",
    "it's #1?.png",
    "two\nlines.png",
    "\x01.png",
    "emoji 😀/写真.png",
)
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Told beside it</rdf:li></rdf:Alt></dc:title>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def drawn(number: int, size: tuple[int, int] = (96, 64)) -> bytes:
    return drawing.encoded(drawing.textured(drawing.KINDS[number % 4], number, size), "PNG")


def without_times(found: Bundle) -> list[Record]:
    return [msgspec.structs.replace(each, modified_ns=0) for each in found.gallery.every()]


def archive(folder: Path) -> Path:
    """Fill a folder as archives are, with names in any script and files that tell."""
    names = ["arch/0.png", "arch/old/1.png", *ODD]
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(drawn(number))
    (folder / "zz again.png").write_bytes(drawn(0))
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing more")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "2.png").write_bytes(drawn(2))
    (folder / "arch" / "0.xmp").write_text(XMP)
    (folder / "arch" / "old" / "1.png.json").write_text('{"title": "By JSON", "tags": "a, b"}')
    (folder / "it's #1?.png.xmp").write_text("no XMP at all")
    (folder / "records.csv").write_text("path,credit,season\narch/0.png,Ada,spring\n")
    return folder


def test_it_is_the_index_of_a_folder_with_the_same_files(
    store: Store, prefix: str, bundle: Path, index: Index, tmp_path: Path
) -> None:
    folder = archive(tmp_path / prefix)
    store.fill(prefix, folder)
    store.put(f"{prefix}/a marker.png/", b"")
    status, told, said = index()
    adopt_model(tmp_path / "local", bundle)
    assert main(["index", str(folder), "--bundle", str(tmp_path / "local"), "--jobs", "1"]) == 3
    assert status == 3
    assert "7 new or changed, 1 the same as another, 1 unreadable." in told
    assert "broken.jpg: This is not a picture" in said
    assert "it's #1?.png.xmp: This file tells nothing" in said
    ours, theirs = open_bundle(bundle), open_bundle(tmp_path / "local")
    assert without_times(ours) == without_times(theirs)
    assert {record.title for record in ours.gallery.every()} >= {"Told beside it", "By JSON"}
    for role in ("embeddings", "signatures", "cells"):
        assert np.array_equal(getattr(ours, role), getattr(theirs, role))
    for record in ours.gallery.every():
        for size in BOXES:
            assert ours.gallery.stored(record, size) == theirs.gallery.stored(record, size)
    assert [each[:2] for each in ours.gallery.same_files()] == [
        each[:2] for each in theirs.gallery.same_files()
    ]
    assert ours.manifest.gallery is not None
    assert ours.manifest.gallery.root == f"s3://{BUCKET}/{prefix}"


def test_what_did_not_change_is_not_read_and_what_did_is(
    store: Store, prefix: str, bundle: Path, index: Index, way: Between
) -> None:
    for number in range(5):
        store.put(f"{prefix}/arch/{number}.bmp", drawing.encoded(_bitmap(number), "BMP"))
    assert "5 new or changed." in index()[1]
    before, asked = generation(bundle), way.count("GET", prefix)
    assert asked == 5
    assert "5 unchanged." in index()[1]
    assert (generation(bundle), way.count("GET", prefix)) == (before, asked)
    # Likely within the same second, and of the same size: only its ETag differs.
    store.put(f"{prefix}/arch/5.bmp", drawing.encoded(_bitmap(5), "BMP"))
    index()
    store.put(f"{prefix}/arch/5.bmp", drawing.encoded(_bitmap(6), "BMP"))
    assert "1 new or changed, 5 unchanged." in index()[1]
    store.put(f"{prefix}/beam/moved.bmp", drawing.encoded(_bitmap(0), "BMP"))
    store.delete(f"{prefix}/arch/0.bmp")
    store.delete(f"{prefix}/arch/1.bmp")
    assert "4 unchanged, 1 moved, 1 gone." in index()[1]
    titles = [record.path for record in open_bundle(bundle).gallery.every()]
    assert titles == [*(f"arch/{number}.bmp" for number in (2, 3, 4, 5)), "beam/moved.bmp"]


def _bitmap(number: int) -> Image.Image:
    return drawing.textured(drawing.KINDS[number % 4], number, (96, 64))


def test_more_keys_than_one_page_has_are_all_listed(
    store: Store, prefix: str, index: Index, way: Between
) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.put(f"{prefix}/{number}.txt", b"-"), range(1_001)))
    store.put(f"{prefix}/0.png", drawn(0))
    store.put(f"{prefix}/z.png", drawn(1))
    assert "2 new or changed." in index()[1]
    pages = [each for each in way.asked if f"prefix={prefix}" in each.query]
    assert sum("continuation-token" in each.query for each in pages) >= 1


def test_a_run_that_lost_the_store_goes_on_where_it_was(
    store: Store, prefix: str, bundle: Path, index: Index, way: Between
) -> None:
    for number in range(6):
        store.put(f"{prefix}/{number}.png", drawn(number))

    def lose(asked: Asked) -> None:
        if asked.path.endswith("/3.png") or way.before is lost:
            way.before = lost
            raise Lost

    def lost(_: Asked) -> None:
        raise Lost

    way.before = lose
    status, _, said = index()
    assert status == 1
    assert f"{way.address} does not answer" in said
    assert "what was encoded is kept" in said
    assert read_manifest(bundle).gallery is None
    way.before = lambda _: None
    status, told, said = index()
    assert status == 0
    assert "3 pictures were encoded by a run that did not end: kept." in said
    assert "6 new or changed." in told


def test_nobodys_credentials_are_kept_or_told(
    store: Store, prefix: str, bundle: Path, index: Index
) -> None:
    store.put(f"{prefix}/0.png", drawn(0))
    told = [*index()[1:]]
    told += index(place=f"s3://{OWNER}:{SECRET}@{BUCKET}/{prefix}")[1:]
    assert "s3://BUCKET/PREFIX" in "".join(told)
    for text in told:
        assert SECRET not in text
        assert OWNER not in text
    for path in filter(Path.is_file, bundle.rglob("*")):
        assert SECRET.encode() not in path.read_bytes()
        assert OWNER.encode() not in path.read_bytes()


def test_what_an_object_store_cannot_do_is_said(
    store: Store, prefix: str, bundle: Path, index: Index
) -> None:
    store.put(f"{prefix}/0.png", drawn(0))
    for option in ("--watch", "--link"):
        status, _, said = index(option)
        assert status == 1
        assert said.startswith(f"index: {option} is for folders: ")
    index()
    from app import create_app  # noqa: PLC0415 - one test serves

    client = create_app({"TESTING": True, "BUNDLE": str(bundle), "TOKEN": TOKEN}).test_client()
    (record,) = open_bundle(bundle).gallery.every()
    assert client.get(f"/images/{record.id}/large.webp").status_code == 200
    refused = client.post("/api/v1/images", data=picture(), headers=BEARER)
    assert refused.status_code == 503


def test_without_botocore_it_is_said_what_to_install_and_folders_work(
    drawn: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("bucket", "trouble"):
        monkeypatch.delitem(sys.modules, f"model.origins.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "botocore", None)
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    assert main(["index", "s3://photos/x", "--bundle", str(bundle)]) == 1
    assert "requirements-objects.txt" in capsys.readouterr().err
    assert main(["index", str(drawn), "--bundle", str(bundle), "--jobs", "1"]) == 0


def test_make_run_takes_an_address_and_the_packages_for_it(checkout: Path) -> None:
    told = shell("make -n run PHOTOS=s3://photos/x", checkout).stdout
    assert ".venv/objects/bin/python -m app" in told
    assert '--photos "s3://photos/x"' in told
    assert ".venv/serve/bin/python" in shell("make -n run PHOTOS=folder", checkout).stdout
    assert place_of("s3://photos/x") == place_of("s3://photos/x/") != place_of("s3:/photos/x")
