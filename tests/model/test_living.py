"""An index follows its folder: what did not change is not read, and what cannot be read is told."""

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from model.__main__ import main
from model.bundle import Bundle, generation, open_bundle
from model.folders import listed, path_of, written
from model.gallery import Record
from model.publishing import adopt_model
from tests import drawing
from tests.conftest import ROOT

LONG_AGO = 1_000_000_000  # seconds since 1970: no doubt about such a time


@pytest.fixture
def bundle(tmp_path: Path, shipped: Path) -> Path:
    """Return a bundle with a model and no index."""
    adopt_model(tmp_path / "bundle", shipped)
    return tmp_path / "bundle"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Return a folder of eight pictures that were made long ago."""
    folder = tmp_path / "photos"
    for number in range(8):
        draw(folder / drawing.KINDS[number % 4] / f"{number}.png", number)
    return folder


def draw(path: Path, number: int, *, when: float = LONG_AGO) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing.textured(drawing.KINDS[number % 4], number, (96, 64)).save(path)
    os.utime(path, (when, when))
    return path


@pytest.fixture
def index(
    photos: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs the command; it returns the status and what was printed."""

    def run(*more: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(["index", str(photos), "--bundle", str(bundle), "--jobs", "1", *more])
        return status, *capsys.readouterr()

    return run


Index = Callable[..., tuple[int, str, str]]


def never(*_: object) -> None:
    pytest.fail("This was to be known without looking.")


def poison(path: Path) -> None:
    """Give a file zeros and its time back: whoever reads it finds no picture."""
    status = path.stat()
    path.write_bytes(bytes(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def without_times(found: Bundle) -> list[Record]:
    return [msgspec.structs.replace(each, modified_ns=0) for each in found.gallery.every()]


def test_what_did_not_change_is_not_read(photos: Path, bundle: Path, index: Index) -> None:
    assert "8 new or changed" in index()[1]
    before = generation(bundle), sorted(bundle.iterdir())
    for path in photos.rglob("*.png"):
        poison(path)
    assert index()[:2] == (0, f"{bundle}: 8 unchanged.\n")
    assert (generation(bundle), sorted(bundle.iterdir())) == before
    draw(photos / "new.png", 50)
    assert "1 new or changed, 8 unchanged." in index()[1]


def test_what_was_moved_copied_or_touched_is_not_decoded(
    photos: Path, bundle: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index()
    monkeypatch.setattr("model.entries.seen_apart", never)
    (photos / "arch" / "0.png").rename(photos / "beam" / "moved.png")
    (photos / "truss").rename(photos / "lattice")
    os.utime(photos / "arch" / "4.png", (LONG_AGO + 5, LONG_AGO + 5))
    shutil.copy(photos / "arch" / "4.png", photos / "zz.png")
    assert "5 unchanged, 3 moved, 1 the same as another." in index()[1]
    found = open_bundle(bundle).gallery
    assert {record.title for record in found.every()} >= {"Moved", "Lattice, 3"}
    assert "5 unchanged, 3 moved" not in index()[1]
    before = generation(bundle)
    index()
    assert generation(bundle) == before


def test_a_file_changed_just_before_it_was_read_is_compared_by_its_content(
    photos: Path, bundle: Path, index: Index
) -> None:
    path = draw(photos / "fresh.bmp", 60, when=time.time())
    index()
    status = path.stat()
    path.write_bytes(drawing.encoded(drawing.textured("beam", 61, (96, 64)), "BMP"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    assert "1 new or changed, 8 unchanged." in index()[1]
    before = generation(bundle)
    assert "9 unchanged." in index()[1]
    assert generation(bundle) == before


def test_an_index_that_grew_equals_one_made_at_once(
    photos: Path, bundle: Path, index: Index, tmp_path: Path, shipped: Path
) -> None:
    index()
    for number in range(9, 30):  # packs come and go: some are added, some are written anew
        draw(photos / f"{(number * 7) % 30:02}.png", number)
        if number % 3 == 0:
            next(iter(sorted(photos.glob("*/*.png"))), photos / "09.png").unlink(missing_ok=True)
        if number % 2:
            assert index()[0] == 0
    shutil.copy(photos / "13.png", photos / "arch")
    assert index()[0] == 0
    adopt_model(tmp_path / "other", shipped)
    assert main(["index", str(photos), "--bundle", str(tmp_path / "other"), "--jobs", "1"]) == 0
    grown, made = open_bundle(bundle), open_bundle(tmp_path / "other")
    assert len(grown.gallery.packs.paths) > 1
    for role in ("embeddings", "signatures", "cells"):
        assert np.array_equal(getattr(grown, role), getattr(made, role))
    assert without_times(grown) == without_times(made)
    assert [each[:2] for each in grown.gallery.same_files()] == [
        each[:2] for each in made.gallery.same_files()
    ]
    assert grown.gallery.facets.tags.keys() == made.gallery.facets.tags.keys()
    assert grown.atlas is not None
    assert made.atlas is not None
    for record in made.gallery.every():
        for size in ("small", "large"):
            assert grown.gallery.stored(record, size) == made.gallery.stored(record, size)
        assert grown.atlas.mini(record.row).picture == made.atlas.mini(record.row).picture


def test_a_broken_file_is_told_again_but_not_tried_again(
    photos: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing more")
    os.utime(photos / "broken.jpg", (LONG_AGO, LONG_AGO))
    first = index()
    assert first[0] == 3
    monkeypatch.setattr("model.origins.folder.taken", never)
    again = index()
    assert again[0] == 3
    assert "broken.jpg: This is not a picture" in again[2]


def test_a_folder_that_is_called_like_a_picture_is_a_folder(
    photos: Path, bundle: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(photos / "album.jpg" / "inside.png", 71)
    (photos / "empty.png").mkdir()
    (photos / "0.png.xmp").mkdir()
    draw(photos / "0.png", 72)
    status, out, err = index()
    assert (status, "10 new or changed." in out) == (0, True)
    assert "0.png.xmp: This file tells nothing: it is no file." in err
    assert "album.jpg/inside.png" in {each.path for each in open_bundle(bundle).gallery.every()}
    draw(photos / "late.png", 73)

    def late(folder: Path) -> object:
        found = listed(folder)
        (photos / "late.png").unlink()
        (photos / "late.png").mkdir()
        return found

    monkeypatch.setattr("model.origins.folder.listed", late)
    status, out, err = index()
    assert (status, "10 unchanged, 1 unreadable." in out) == (3, True)
    assert "late.png: It cannot be read: Is a directory." in err


def test_no_loop_is_entered_and_only_files_are_opened(photos: Path, index: Index) -> None:
    (photos / "loop").symlink_to(photos)
    (photos / "self.png").symlink_to(photos / "self.png")
    (photos / "nowhere.png").symlink_to(photos / "gone.png")
    (photos / "linked.png").symlink_to(draw(photos.parent / "outside.png", 70))
    os.mkfifo(photos / "pipe.png")
    (photos / "null.png").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(photos / "socket.png"))
        status, out, err = index()
    assert status == 3
    assert "9 new or changed, 5 unreadable." in out
    assert "loop" in err
    for line in (
        "null.png: It is a device, not a file.",
        "pipe.png: It is a named pipe, not a file.",
        "socket.png: It is a socket, not a file.",
        "nowhere.png: The link leads to no file: No such file or directory.",
        "self.png: The link leads to no file: Too many levels of symbolic links.",
    ):
        assert line in err


ODD = (b"caf\xe9", rb"caf\xe9", b"line\nbreak \x1b[31m", "橋 мост جسر".encode(), b"C:\\bridge")


def test_names_in_any_script_or_none(photos: Path, bundle: Path, index: Index) -> None:
    for number, name in enumerate(ODD):
        folder = Path(os.fsdecode(os.fsencode(photos) + b"/" + name))
        draw(folder / os.fsdecode(name + b".png"), 80 + number)
    broken = Path(os.fsdecode(os.fsencode(photos) + b"/bad\xff\n.jpg"))
    broken.write_bytes(b"no picture")
    status, out, err = index()
    assert (status, "13 new or changed, 1 unreadable." in out) == (3, True)
    assert r"bad\xff\u000a.jpg: " in err
    assert "\x1b" not in err
    found = open_bundle(bundle).gallery
    paths = {record.path for record in found.every()}
    assert {written(path_of(path)) for path in paths} == paths
    assert all((photos / path_of(path)).is_file() for path in paths)
    assert msgspec.json.decode(msgspec.json.encode(sorted(paths))) == sorted(paths)
    assert "13 unchanged" in index()[1]


def without_override() -> None:
    """Take from the next program the right to read what its owner may not: root has it."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability)  # PR_CAPBSET_DROP


def test_no_permission(photos: Path, bundle: Path, index: Index) -> None:
    draw(photos / "arch" / "young.png", 89, when=time.time())
    index()
    (photos / "arch").chmod(0)
    draw(photos / "closed.png", 90).chmod(0)
    command = [sys.executable, "-m", "model", "index", str(photos), "--bundle", str(bundle)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        preexec_fn=without_override,
        capture_output=True,
        text=True,
        check=False,
    )
    (photos / "arch").chmod(0o755)
    (photos / "closed.png").chmod(0o644)
    assert done.returncode == 3
    assert "arch: The folder cannot be listed: Permission denied." in done.stderr
    assert "closed.png: It cannot be read: Permission denied." in done.stderr
    # What lies in a folder that cannot be listed stays.
    assert "9 unchanged, 2 unreadable." in done.stdout
    assert "1 new or changed, 9 unchanged." in index()[1]


def test_a_file_that_changes_while_it_is_read(photos: Path, index: Index) -> None:
    restless = draw(photos / "restless.png", 91)
    os.truncate(restless, 200_000_000)  # so that reading it takes longer than a clock's tick
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            os.utime(restless)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        _, out, err = index()
    finally:
        ended.set()
        writer.join()
    assert "restless.png: It changed while it was being read" in err
    assert "1 unreadable" in out
    assert index()[0] == 0


def test_a_folder_that_vanishes_in_the_middle_changes_nothing(
    photos: Path, bundle: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index()
    before = generation(bundle)
    draw(photos / "new.png", 92)
    draw(photos / "newer.png", 93)

    def vanish(*_: object) -> bytes:
        shutil.rmtree(photos, ignore_errors=True)
        return b"thumbnail"

    with monkeypatch.context() as patch:
        patch.setattr("model.entries.webp", vanish)
        status, _, err = index()
    assert status == 1
    assert "vanished while it was being read" in err
    assert generation(bundle) == before
    photos.mkdir()
    assert index()[0] == 1  # as a drive that is not mounted looks
    assert generation(bundle) == before


def test_files_that_vanish_are_gone_not_unreadable(
    photos: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index()
    for number in (94, 95):
        draw(photos / f"{number}.png", number)

    def late(folder: Path) -> object:
        found = listed(folder)
        (photos / "95.png").unlink(missing_ok=True)
        return found

    monkeypatch.setattr("model.origins.folder.listed", late)
    assert index()[:2][0] == 0


def test_replaced_files_stay_for_those_who_still_read_them(
    photos: Path, bundle: Path, index: Index
) -> None:
    index()
    for path in bundle.glob("*.*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    before = open_bundle(bundle)
    for path in (photos / "arch").iterdir():
        path.unlink()
    assert "2 gone" in index()[1]
    for record in before.gallery.every():
        assert before.gallery.thumbnail(record, "large")
    assert all(before.path(role).is_file() for role in before.manifest.files)
