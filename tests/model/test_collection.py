"""`export-gallery` and `import-gallery`: everything comes back, and nothing foreign comes in."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image

from app import create_app
from model.__main__ import main
from model.bundle import generation, open_bundle
from model.indexing import index_folder
from model.publishing import adopt_model
from tests import drawing
from tests.carrying import jpeg, one_of, packet

TOLD: Final = [
    {"path": "arch/00.jpg", "title": "Eine Brücke", "season": "winter", "span_m": 31.5},
    {"path": "arch/01.jpg", "title": "Другой мост", "season": "winter", "date": "2019-08-07"},
    {"path": "beam/00.jpg", "title": "A beam", "season": "summer", "tags": [], "group": "beams"},
    {"path": "beam/01.jpg", "season": "summer"},
]


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with copies of either kind, metadata, words and a picture to link."""
    folder = drawing.fill(tmp_path_factory.mktemp("collection") / "photos", each=2)
    drawing.textured("truss").save(folder / "large.png")
    drawing.textured("truss").resize((240, 160)).save(folder / "small.png")
    shutil.copy(folder / "large.png", folder / "large again.png")
    (folder / "told.jpg").write_bytes(jpeg(9, xmp=packet(one_of("dc:title", default="Told"))))
    drawing.draw("beam", 77).save(folder / "linked.webp")
    (folder / "records.json").write_text(json.dumps(TOLD))
    return folder


@pytest.fixture(scope="module")
def source(photos: Path, shipped: Path) -> Path:
    """Return a bundle of these photos."""
    bundle = photos.parent / "source"
    adopt_model(bundle, shipped)
    index_folder(photos, bundle, jobs=1, link=True)
    return bundle


@pytest.fixture(scope="module")
def exported(source: Path) -> Path:
    out = source.parent / "exported"
    assert main(["export-gallery", "--bundle", str(source), "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def imported(exported: Path, shipped: Path) -> Path:
    bundle = exported.parent / "imported"
    command = ["import-gallery", str(exported), "--bundle", str(bundle), "--model", str(shipped)]
    assert main(command) == 0
    return bundle


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "copy"))


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "records.jsonl").read_bytes().splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def seal(folder: Path) -> None:
    """Make the hashes right again, as whoever wants to deceive would."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for name in manifest["files"]:
        content = (folder / name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        manifest["files"][name] = {"bytes": len(content), "sha256": digest}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_what_is_imported_and_exported_again_is_equal_to_the_byte(
    exported: Path, imported: Path, tmp_path: Path
) -> None:
    again = tmp_path / "deep" / "again"
    assert main(["export-gallery", "--bundle", str(imported), "--out", str(again)]) == 0
    assert contents(again) == contents(exported)
    assert {"records.jsonl", "embeddings.npy", "cells.npy", "places.npy"} <= set(contents(again))


def test_the_records_and_rows_of_an_export(exported: Path, source: Path) -> None:
    told = lines(exported)
    bundle = open_bundle(source)
    assert [line["row"] for line in told] == list(range(bundle.gallery.count))
    assert (np.load(exported / "embeddings.npy") == bundle.embeddings).all()
    by_path = {line["path"]: line for line in told}
    assert by_path["arch/00.jpg"]["title"] == "Eine Brücke"
    assert by_path["arch/00.jpg"]["details"] == {"season": "winter", "span_m": 31.5}
    assert (by_path["arch/01.jpg"]["date"], by_path["beam/00.jpg"]["tags"]) == ("2019-08-07", [])
    assert by_path["told.jpg"]["embedded"] == {"title": "Told"}
    large = by_path.get("large.png") or by_path["large again.png"]
    assert len(large["elsewhere"]) == 1
    assert large["copies"] == by_path["small.png"]["copies"] is not None
    assert by_path["told.jpg"]["copies"] is None


def test_sha256sum_finds_every_picture(exported: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "pictures.sha256"]
    checked = subprocess.run(command, cwd=exported, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.count(": OK") == 2 * len(lines(exported))


def test_an_imported_gallery_is_served_as_the_first_was(
    source: Path, imported: Path, photos: Path
) -> None:
    query = (photos / "arch" / "00.jpg").read_bytes()
    answers: list[tuple[Any, ...]] = []
    for bundle in (source, imported):
        client = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
        found = client.post("/api/v1/search", data=query).json
        assert found is not None
        first = found["matches"][0]
        page = client.get(first["page"]).text
        large = client.get(first["page"] + "/large.webp").data
        filtered = client.get("/api/v1/images?where=season:winter").json
        assert filtered is not None
        assert filtered["total"] == 2
        duplicates = client.get("/api/v1/duplicates").json
        mapped = client.get("/map").status_code
        assert "Eine Brücke" in page
        answers.append((found["matches"], large, filtered, duplicates, mapped))
    assert answers[0] == answers[1]


def test_a_linked_picture_comes_along(imported: Path, photos: Path) -> None:
    gallery = open_bundle(imported).gallery
    record = gallery.find_path("linked.webp")
    assert record is not None
    assert gallery.stored(record, "large") == (photos / "linked.webp").read_bytes()


def test_linked_pictures_that_are_gone_are_told(
    source: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = (photos / "linked.webp").rename(tmp_path / "hidden")
    status = main(["export-gallery", "--bundle", str(source), "--out", str(tmp_path / "out")])
    hidden.rename(photos / "linked.webp")
    assert status == 3
    assert "1 linked pictures, such as linked.webp, are not where they were" in (
        capsys.readouterr().out
    )


def test_indexing_the_photos_later_reads_only_what_changed(
    exported: Path, shipped: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = str(tmp_path / "bundle")
    command = ["import-gallery", str(exported), "--bundle", bundle, "--model", str(shipped)]
    assert main([*command, "--photos", str(photos)]) == 0
    assert main(["index", str(photos), "--bundle", bundle, "--jobs", "1"]) == 0
    assert f"{len(lines(exported))} unchanged" in capsys.readouterr().out


def test_without_pictures(
    source: Path, imported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, before = tmp_path / "out", generation(imported)
    command = ["export-gallery", "--bundle", str(source), "--out", str(out)]
    assert main([*command, "--without-pictures"]) == 0
    assert not (out / "pictures").exists()
    assert len(lines(out)) == len(np.load(out / "embeddings.npy"))
    assert main(["import-gallery", str(out), "--bundle", str(imported)]) == 1
    assert "without its pictures" in capsys.readouterr().err
    assert generation(imported) == before


def test_an_earlier_export_is_replaced_and_nothing_else_is(
    source: Path, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["export-gallery", "--bundle", str(source), "--out"]
    (copy / "records.jsonl").write_text("old")
    assert main([*command, str(copy)]) == 0
    assert len(lines(copy)) > 1
    (copy / "mine.txt").write_text("mine")
    file, empty, bundle = tmp_path / "file", tmp_path / "empty", tmp_path / "bundle"
    file.write_text("mine")
    empty.mkdir()
    shutil.copytree(source, bundle)
    for foreign in (copy, file, bundle):
        before = contents(foreign) if foreign.is_dir() else foreign.read_bytes()
        assert main([*command, str(foreign)]) == 1
        assert "something else than an exported gallery" in capsys.readouterr().err
        assert (contents(foreign) if foreign.is_dir() else foreign.read_bytes()) == before
    assert main([*command, str(empty)]) == 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_export_that_fails_leaves_the_earlier_one(
    source: Path, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = Path(shutil.copytree(source, tmp_path / "bundle"))
    next(bundle.glob("thumbnails-*")).unlink()
    before = contents(copy)
    assert main(["export-gallery", "--bundle", str(bundle), "--out", str(copy)]) == 1
    assert "thumbnails" in capsys.readouterr().err
    assert contents(copy) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def _cut(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return damage


def _flip(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)

    return damage


def _manifest(**changes: object) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        (folder / "manifest.json").write_text(json.dumps(manifest | changes))

    return damage


def _first(**changes: object) -> Callable[[Path], None]:
    """Change the first record, and its hash with it."""

    def damage(folder: Path) -> None:
        told = lines(folder)
        told[0] |= changes
        _rewrite(folder, [json.dumps(line) for line in told])

    return damage


def _rewrite(folder: Path, texts: list[str]) -> None:
    (folder / "records.jsonl").write_text("".join(f"{text}\n" for text in texts))
    seal(folder)


def _array(name: str, change: Callable[[Any], Any]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        np.save(folder / name, change(np.load(folder / name)))
        seal(folder)

    return damage


def _of_another_model(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["model"]["encoder_sha256"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _no_picture(folder: Path) -> None:
    next((folder / "pictures" / "small").rglob("*.webp")).unlink()


def _another_picture(folder: Path) -> None:
    next((folder / "pictures" / "large").rglob("*.webp")).write_bytes(b"something else")


def _deceiving_picture(content: bytes) -> Callable[[Path], None]:
    """Put another picture, or none, in the place of one, with its hashes."""

    def damage(folder: Path) -> None:
        name = f"pictures/small/{lines(folder)[0]['id'][:2]}/{lines(folder)[0]['id']}.webp"
        before = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        (folder / name).write_bytes(content)
        sums = (folder / "pictures.sha256").read_text()
        sums = sums.replace(before, hashlib.sha256(content).hexdigest())
        (folder / "pictures.sha256").write_text(sums)
        seal(folder)

    return damage


def _climbing(folder: Path) -> None:
    sums = (folder / "pictures.sha256").read_text()
    (folder / "pictures.sha256").write_text(sums.replace("  pictures/", "  ../pictures/"))
    seal(folder)


def _pickled(folder: Path) -> None:
    np.save(folder / "embeddings.npy", np.array([{"a": 1}], object), allow_pickle=True)
    seal(folder)


def _promising(folder: Path) -> None:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({10**15}, 256), }}".ljust(117)
    (folder / "embeddings.npy").write_bytes(b"\x93NUMPY\x01\0\x76\0" + header.encode() + b"\n")
    seal(folder)


def _doubled(folder: Path) -> None:
    told = [json.dumps(line) for line in lines(folder)]
    _rewrite(folder, [*told, told[-1]])


def _short(folder: Path) -> None:
    _rewrite(folder, [json.dumps(line) for line in lines(folder)][:-1])


def _deep(folder: Path) -> None:
    told = [json.dumps(line) for line in lines(folder)]
    _rewrite(folder, ["[" * 100_000, *told[1:]])


def _twice(folder: Path) -> None:
    told = lines(folder)
    told[1]["path"] = told[0]["path"]
    _rewrite(folder, [json.dumps(line) for line in told])


def _fifo(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").mkdir()


BAD: Final[dict[str, tuple[Callable[[Path], None], str]]] = {
    "no manifest": (_fifo, "lacks manifest.json"),
    "damaged manifest": (_cut("manifest.json"), "has a damaged manifest.json"),
    "foreign manifest": (_manifest(format="another"), "is no exported gallery"),
    "another version": (_manifest(version=2), "has version 2"),
    "a lying count": (_manifest(count=10**12), "embeddings.npy of"),
    "no count": (_manifest(count="many"), "has a damaged manifest.json"),
    "another model": (_of_another_model, "was made with another model"),
    "truncated embeddings": (_cut("embeddings.npy"), "truncated or foreign embeddings.npy"),
    "truncated records": (_cut("records.jsonl"), "truncated or foreign records.jsonl"),
    "changed records": (_flip("records.jsonl"), "damaged records.jsonl"),
    "changed signatures": (_flip("signatures.npy"), "damaged signatures.npy"),
    "no picture": (_no_picture, "lacks pictures/small/"),
    "another picture": (_another_picture, "damaged pictures/large/"),
    "no WebP": (_deceiving_picture(b"<svg onload=alert(1)>"), "no WebP of small size"),
    "a huge WebP": (
        _deceiving_picture(drawing.encoded(Image.new("RGB", (9000, 9000)), "WEBP")),
        "no WebP of small size",
    ),
    "a climbing name": (_climbing, "does not name pictures/"),
    "a climbing path": (_first(path="../../etc/passwd"), "an impossible path at line 1"),
    "an absolute path": (_first(path="/etc/passwd"), "an impossible path at line 1"),
    "a path elsewhere": (_first(elsewhere=["a/../../b"]), "an impossible path at line 1"),
    "no path": (_first(path=""), "an impossible path at line 1"),
    "another id": (_first(id="0" * 12), "an impossible id at line 1"),
    "a climbing id": (_first(id="../../../../", sha256="../" * 20), "an impossible sha256"),
    "another row": (_first(row=5), "an impossible row at line 1"),
    "no size": (_first(width=0), "an impossible size at line 1"),
    "a style": (_first(colour="red;background:url(x)"), "an impossible colour at line 1"),
    "a number": (_first(title=5), "cannot be understood at line 1"),
    "a huge number": (_first(bytes=10**30), "at line 1"),
    "a long line": (_first(title="a" * 2_000_000), "too long a line"),
    "nested": (_deep, "at line 1"),
    "the same path twice": (_twice, "a picture or path twice"),
    "too many lines": (_doubled, "has more lines"),
    "too few lines": (_short, "ends too early"),
    "another type": (_array("embeddings.npy", lambda a: a.astype(np.float64)), "no array of <f4"),
    "another shape": (_array("signatures.npy", lambda a: a[:, :3]), "signatures.npy of"),
    "not of unit length": (_array("embeddings.npy", lambda a: a * 2), "not of unit length"),
    "no numbers": (_array("embeddings.npy", lambda a: a * np.nan), "not of unit length"),
    "one place": (_array("places.npy", lambda a: a * 0), "places of their own"),
    "far places": (_array("places.npy", lambda a: a * 3000), "too far apart"),
    "negative places": (_array("places.npy", lambda a: a - 9), "places of their own"),
    "pickled": (_pickled, "no NumPy array"),
    "promising": (_promising, "no NumPy array"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_damaged_foreign_or_hostile_is_told_in_a_sentence(
    copy: Path, imported: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, words = BAD[name]
    damage(copy)
    before = generation(imported)
    assert main(["import-gallery", str(copy), "--bundle", str(imported)]) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("import-gallery: ")
    assert words in told
    assert "Nothing was changed." in told
    assert generation(imported) == before
    assert not list(imported.glob(".index-*"))


def test_a_failed_import_leaves_no_model_either(copy: Path, tmp_path: Path, shipped: Path) -> None:
    _twice(copy)
    command = ["import-gallery", str(copy), "--bundle", str(tmp_path / "new")]
    assert main([*command, "--model", str(shipped)]) == 1
    assert not list((tmp_path / "new").iterdir())


def test_a_bundle_without_a_model(exported: Path, tmp_path: Path) -> None:
    assert main(["import-gallery", str(exported), "--bundle", str(tmp_path / "none")]) == 1
    assert main(["import-gallery", str(tmp_path / "no"), "--bundle", str(tmp_path)]) == 1
