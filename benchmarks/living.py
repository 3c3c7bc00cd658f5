"""What an index of many pictures costs when nothing or little of its folder changes.

    python -m benchmarks.living [--pictures 100000] [--bundle B]

It makes a folder of so many files of a few bytes, which no run reads, and an index of it: with the
thumbnails of another bundle's pictures over and over, each by itself in the pack as in an index of
pictures, and embeddings that spread as theirs do. Then it indexes with nothing changed, with one
new picture, one moved and one gone, each in a process of its own, and prints seconds, processor
seconds, the most memory, and the size of what the new generation has of its own.
"""

import argparse
import hashlib
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from benchmarks.drawings import SIZES, jpeg
from benchmarks.synthetic import Spectrum
from model.bundle import Bundle, GalleryInfo, open_bundle
from model.copies import WORDS
from model.descriptions import describe
from model.gallery import Record
from model.gallery_writing import GalleryWriter
from model.locking import WORK
from model.mapping.atlas import MiniWriter, save
from model.mapping.making import described
from model.mapping.minis import mini_from
from model.mapping.plane import block
from model.publishing import adopt_model, publish_index

_PER_FOLDER: Final = 500
_LONG_AGO: Final = 1_000_000_000  # seconds since 1970
_ROLES: Final = ("embeddings", "signatures", "cells", "records", "thumbnails", "map", "minis")


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print a line for each thing measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--bundle", type=Path, default=Path("model/bundle"))
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder, bundle = Path(scratch) / "pictures", Path(scratch) / "bundle"
        begun = time.monotonic()
        _apart(make, options.bundle, folder, bundle, options.pictures)
        size = sum(path.stat().st_size for path in bundle.glob("*.*"))
        print(
            f"{options.pictures:,} pictures, {size / 1e6:,.0f} MB, in {_since(begun):.0f} s",
            flush=True,
        )
        for what, change in _changes(folder):
            change()
            _measure(what, folder, bundle)
    return 0


def _apart(action: Callable[..., None], *arguments: object) -> None:
    """Do something in a process of its own: its memory would count for those it starts, too."""
    process = multiprocessing.get_context("spawn").Process(target=action, args=arguments)
    process.start()
    process.join()
    assert process.exitcode == 0


def _changes(folder: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    new = folder / "000" / "new.jpg"
    yield "nothing changed", lambda: None
    yield "one new picture", lambda: new.write_bytes(jpeg(SIZES["2 MP"]))
    yield "nothing changed", lambda: None
    yield "one moved", lambda: new.rename(folder / "001" / "moved.jpg")
    yield "one gone", (folder / "001" / "moved.jpg").unlink


def _measure(what: str, folder: Path, bundle: Path) -> None:
    before = {path.name for path in bundle.iterdir()}
    command = [sys.executable, "-m", "model", "index", str(folder), "--bundle", str(bundle)]
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = process.stdout.read().strip()
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    written = sum(p.stat().st_size for p in bundle.glob("*.*") if p.name not in before)
    print(
        f"{what}: {_since(begun):.1f} s, {used.ru_utime + used.ru_stime:.1f} s of a processor, at "
        f"most {used.ru_maxrss / 1e3:,.0f} MB, {written / 1e6:,.1f} MB written ({told})",
        flush=True,
    )


def make(source: Path, folder: Path, bundle: Path, count: int) -> None:
    """Make a folder of `count` files, and its index from the pictures of another bundle."""
    adopt_model(bundle, source)
    found = open_bundle(source)
    gallery = found.manifest.gallery
    assert gallery is not None
    (bundle / WORK).mkdir(exist_ok=True)
    files = {role: bundle / WORK / role for role in _ROLES}
    _write_pictures(found, folder, files, count)
    chance = np.random.default_rng(0)
    _save(files["embeddings"], Spectrum.of(source).draw(count, seed=0))
    _save(files["signatures"], chance.integers(0, 2**63, (count, WORDS), np.uint64))
    _save(files["cells"], np.zeros((count, *_cells(found)), np.int8))
    info = GalleryInfo(
        count=count,
        root=os.path.relpath(folder, bundle),
        encoder_sha256=gallery.encoder_sha256,
        title="Many",
        map=described("by chance", block(count)),
    )
    publish_index(bundle, files, info)


def _cells(found: Bundle) -> tuple[int, ...]:
    assert found.cells is not None
    return found.cells.shape[1:]


def _write_pictures(found: Bundle, folder: Path, files: dict[str, Path], count: int) -> None:
    gallery = GalleryWriter(files["records"], files["thumbnails"])
    minis = MiniWriter(files["minis"], count)
    models = [
        (record, found.gallery.stored(record, "small"), found.gallery.thumbnail(record, "large"))
        for record in found.gallery.page(0, 200)
    ]
    drawn = [mini_from(small) for _, small, _ in models]
    for row in range(count):
        record, small, large = models[row % len(models)]
        gallery.add(_file(record, folder, row), small, large)
        minis.add(drawn[row % len(models)])
    gallery.close()
    save(minis.close(), block(count), files["map"])


def _file(like: Record, folder: Path, row: int) -> Record:
    """Write a file of a few bytes, and return the record of a picture that would be it."""
    path = folder / f"{row // _PER_FOLDER:03}" / f"{row % _PER_FOLDER:03}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = f"not read {row}".encode()
    path.write_bytes(content)
    os.utime(path, (_LONG_AGO, _LONG_AGO))
    digest = hashlib.sha256(content).hexdigest()
    known = {"id": digest[:12], "sha256": digest, "bytes": len(content)}
    place = {"row": row, "path": path.relative_to(folder).as_posix()}
    ours = msgspec.structs.replace(like, **known, **place, modified_ns=_LONG_AGO * 1_000_000_000)
    return describe(ours, {})


def _save(path: Path, values: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]") -> None:
    with path.open("wb") as file:
        np.save(file, values)


def _since(begun: float) -> float:
    return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
