"""Writes the gallery of a bundle as files that anything can read, one picture after another."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.bundle import INDEX_REMEDY, Bundle, fail, hash_of, open_bundle
from model.collection.layout import (
    ARRAYS,
    FORMAT,
    MANIFEST,
    RECORDS,
    SUMS,
    VERSION,
    CollectionError,
    Content,
    Export,
    Line,
    Origin,
    is_export,
    picture_name,
)
from model.duplicates import require_copies
from model.gallery import BOXES, Gallery, Record
from model.progress import Progress

_PART: Final = 500  # records that are read at a time


@dataclass(frozen=True)
class Exported:
    """What was written. standing_in: linked pictures that were gone, and only small ones shown."""

    count: int
    dimensions: int
    standing_in: list[str]


def export_gallery(folder: Path, out: Path, *, pictures: bool = True) -> Exported:
    """Write the gallery of the bundle `folder` to `out`, as `model/collection/layout.py` has it.

    It is written beside `out` and renamed when it is whole. pictures: write both thumbnails of
    each picture, too; without them it cannot be imported.

    Raises BundleError, and CollectionError where `out` holds anything but an earlier export.
    """
    bundle = open_bundle(folder)
    require_copies(bundle)
    if bundle.signatures is None:
        fail(folder, "signatures", "was indexed before copies were looked for.", INDEX_REMEDY)
    with _written_beside(out) as made:
        standing_in = _write_records(bundle, made, pictures=pictures)
        _write_arrays(bundle, made)
        _write_manifest(bundle, made)
    return Exported(bundle.gallery.count, bundle.manifest.model.dimensions, standing_in)


@contextmanager
def _written_beside(out: Path) -> Iterator[Path]:
    """Yield a new folder that takes the place of `out` at the end of the block."""
    _refuse_foreign(out)
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        yield made
        if out.exists():
            out.rename(Path(scratch) / "old")
        made.rename(out)


def _refuse_foreign(out: Path) -> None:
    if not out.exists() or (out.is_dir() and (is_export(out) or not any(out.iterdir()))):
        return
    raise CollectionError(
        f"{out} is there already, and holds something else than an exported gallery. Nothing was "
        "written. Name a folder that is not there, or an earlier export, which is replaced."
    )


def _write_records(bundle: Bundle, made: Path, *, pictures: bool) -> list[str]:
    """Write the records and, where wanted, the pictures; return what small ones stand in for."""
    gallery = bundle.gallery
    progress, standing_in = Progress("exported", gallery.count), []
    with (made / RECORDS).open("wb") as records, (made / SUMS).open("wb") as sums:
        for line in _lines(gallery):
            records.write(msgspec.json.encode(line) + b"\n")
            if pictures and not _write_pictures(gallery, line, made, sums):
                standing_in.append(line.path)
            progress.step()
    progress.finish()
    if not pictures:
        (made / SUMS).unlink()
    return standing_in


def _lines(gallery: Gallery) -> Iterator[Line]:
    numbers = _numbers_of_copies(gallery)
    for start in range(0, gallery.count, _PART):
        rows = range(start, min(start + _PART, gallery.count))
        elsewhere = gallery.elsewhere(rows)
        for record in gallery.records(rows):
            number = int(numbers[record.row])
            copies = None if number < 0 else number
            known = msgspec.structs.asdict(record)
            yield Line(**known, copies=copies, elsewhere=elsewhere.get(record.row, ()))


def _numbers_of_copies(gallery: Gallery) -> NDArray[np.int32]:
    """Return the number of the group of copies of each row, int32 (N,); -1 for none."""
    numbers = np.full(gallery.count, -1, np.int32)
    for start in range(0, gallery.count_copies(), _PART):
        for number, rows in enumerate(gallery.copies(start, _PART), start):
            numbers[rows] = number
    return numbers


def _write_pictures(gallery: Gallery, record: Record, made: Path, sums: BinaryIO) -> bool:
    """Write both thumbnails; say whether the large one is what it should be."""
    contents = {size: gallery.thumbnail(record, size) for size in BOXES}
    for size, content in contents.items():
        name = picture_name(record.id, size)
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(content)
        sums.write(f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode())
    return contents["large"] != contents["small"] or bool(gallery.stored(record, "large"))


def _write_arrays(bundle: Bundle, made: Path) -> None:
    for role in ("embeddings", "signatures", "cells"):
        if role in bundle.manifest.files:
            shutil.copyfile(bundle.path(role), made / ARRAYS[role])
    if bundle.atlas is not None:
        with (made / ARRAYS["places"]).open("wb") as file:
            np.save(file, bundle.atlas.cells.astype("<i4"))


def _write_manifest(bundle: Bundle, made: Path) -> None:
    gallery, model = bundle.manifest.gallery, bundle.manifest.model
    if gallery is None:  # an opened bundle has one
        return
    origin = Origin(
        encoder_sha256=gallery.encoder_sha256,
        recipe=model.recipe,
        dimensions=model.dimensions,
        loader_version=model.loader_version,
    )
    export = Export(
        format=FORMAT,
        version=VERSION,
        title=gallery.title,
        count=gallery.count,
        model=origin,
        map=gallery.map,
        files=_contents(made, sorted(path.name for path in made.iterdir() if path.is_file())),
    )
    text = msgspec.json.format(msgspec.json.encode(export), indent=2)
    (made / MANIFEST).write_bytes(text + b"\n")


def _contents(made: Path, names: Sequence[str]) -> dict[str, Content]:
    return {name: Content((made / name).stat().st_size, hash_of(made / name)) for name in names}
