"""Reads the folder of an exported gallery, and trusts nothing in it.

Every file is held against its hash, every record and array against what an index needs; a name in
it never decides which file is opened.
"""

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, NoReturn

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.bundle import hash_of
from model.collection.layout import (
    ARRAYS,
    FORMAT,
    MANIFEST,
    RECORDS,
    SUMS,
    VERSION,
    CollectionError,
    Export,
    Line,
    picture_name,
)
from model.copies import WORDS
from model.gallery import BOXES, Size
from model.hamming import Words
from model.identifiers import candidates
from model.images import FORMATS
from model.second_look import DIMENSIONS, Cells

_MOST_MANIFEST: Final = 1_000_000
_MOST_LINE: Final = 1_000_000
_MOST_PICTURE: Final = 20_000_000
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_MOST_NUMBER: Final = 2**63 - 1  # what SQLite keeps
_ROWS: Final = 65_536  # embeddings that are looked at together
_NUMBERED: Final = 65_536  # columns and lines that a map can have
_WRITE_AGAIN: Final = "Copy it again, or write it again with `export-gallery`."


@dataclass(frozen=True)
class Arrays:
    """embeddings: float32 (N, D). signatures: uint64 (N, 10). cells: int8 (N, 16, d), or None.

    places: int64 (N, 2), column and line of each picture on the map, or None. All but the last
    are mapped into memory.
    """

    embeddings: NDArray[np.float32]
    signatures: Words
    cells: Cells | None
    places: NDArray[np.int64] | None


def refuse(folder: Path, problem: str, remedy: str = _WRITE_AGAIN) -> NoReturn:
    """Raise CollectionError with what is wrong with the export, and what to do."""
    raise CollectionError(f"{folder} {problem} Nothing was changed. {remedy}")


def read_export(folder: Path) -> Export:
    """Return the manifest of an export whose files are all whole. Raises CollectionError."""
    export = _manifest(folder)
    if export.version != VERSION:
        refuse(folder, f"has version {export.version}, this program reads {VERSION}.")
    for name in (RECORDS, ARRAYS["embeddings"], ARRAYS["signatures"]):
        if name not in export.files:
            refuse(folder, f"lacks {name}.")
    if SUMS not in export.files:
        remedy = "Export it again without --without-pictures, or index the folder of its pictures."
        refuse(folder, "was written without its pictures: there would be nothing to show.", remedy)
    for name in (RECORDS, SUMS, *ARRAYS.values()):
        if name in export.files:
            _check_file(folder, name, export)
    return export


def read_arrays(folder: Path, export: Export) -> Arrays:
    """Return the arrays of an export, of the kind and shape that an index has."""
    count, dimensions = export.count, export.model.dimensions
    embeddings = _array(folder, "embeddings", export, "<f4", (dimensions,))
    signatures = _array(folder, "signatures", export, "<u8", (WORDS,))
    cells = _array(folder, "cells", export, "|i1", (16, min(dimensions, DIMENSIONS)))
    places = _array(folder, "places", export, "<i4", (2,))
    for start in range(0, count, _ROWS):
        lengths = np.linalg.norm(embeddings[start : start + _ROWS], axis=1)
        if not (np.abs(lengths - 1) < 1e-3).all():
            refuse(folder, "has embeddings that are not of unit length.")
    if places is not None:
        _check_places(folder, places)
    return Arrays(embeddings, signatures, cells, None if places is None else places.astype("<i8"))


def lines_of(folder: Path, export: Export) -> Iterator[Line]:
    """Yield the records, each checked. Raises CollectionError, with the number of the line."""
    with (folder / RECORDS).open("rb") as file:
        for row in range(export.count):
            yield _line(folder, file.readline(_MOST_LINE), row)
        if file.read(1):
            refuse(folder, f"has more lines in {RECORDS} than the {export.count:,} it tells of.")


def pictures_of(folder: Path, export: Export) -> Iterator[tuple[Line, bytes, bytes]]:
    """Yield each record with its small and its large picture. Raises CollectionError."""
    with (folder / SUMS).open("rb") as sums:
        for line in lines_of(folder, export):
            small, large = (_picture(folder, sums, line.id, size) for size in BOXES)
            yield line, small, large
        if sums.read(1):
            refuse(folder, f"names more pictures in {SUMS} than it has records.")


def _picture(folder: Path, sums: BinaryIO, identifier: str, size: Size) -> bytes:
    name = picture_name(identifier, size)
    told = sums.readline(_MOST_LINE).decode("ascii", "replace").rstrip("\n")
    if told[64:] != f"  {name}":
        refuse(folder, f"does not name {name} in its place in {SUMS}.")
    content = _read(folder, name, _MOST_PICTURE)
    if hashlib.sha256(content).hexdigest() != told[:64]:
        refuse(folder, f"has a damaged {name}: its content was changed.")
    if not _shows(content, size):
        refuse(folder, f"has a {name} that is no WebP of {size} size.")
    return content


def _manifest(folder: Path) -> Export:
    if not folder.is_dir():
        refuse(folder, "is no folder.", "Name the folder that `export-gallery` wrote.")
    content = _read(folder, MANIFEST, _MOST_MANIFEST)
    foreign = f"is no exported gallery: its {MANIFEST} says something else."
    try:
        told = msgspec.json.decode(content, type=dict[str, Any])
        if told.get("format") != FORMAT:
            refuse(folder, foreign, "Name the folder that `export-gallery` wrote.")
        return msgspec.convert(told, Export)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CollectionError(
            f"{folder} has a damaged {MANIFEST} ({error}). Nothing was changed. {_WRITE_AGAIN}"
        ) from error


def _read(folder: Path, name: str, most: int) -> bytes:
    """Return the content of a regular file that is not larger than it may be."""
    path = folder / name
    if not path.is_file():
        refuse(folder, f"lacks {name}.")
    if (size := path.stat().st_size) > most:
        refuse(folder, f"has a {name} of {size:,} bytes, more than {most:,}.")
    return path.read_bytes()


def _check_file(folder: Path, name: str, export: Export) -> None:
    path, wanted = folder / name, export.files[name]
    if not path.is_file():
        refuse(folder, f"lacks {name}.")
    if (size := path.stat().st_size) != wanted.bytes:
        refuse(folder, f"has a truncated or foreign {name}: {size:,} bytes, not {wanted.bytes:,}.")
    if hash_of(path) != wanted.sha256:
        refuse(folder, f"has a damaged {name}: its content was changed.")


def _array(folder: Path, role: str, export: Export, kind: str, shape: tuple[int, ...]) -> Any:
    """Map an array into memory; None where the export has none."""
    name = ARRAYS[role]
    if name not in export.files:
        return None
    try:
        found = np.load(folder / name, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError, OverflowError, SyntaxError, MemoryError):
        refuse(folder, f"has a {name} that is no NumPy array.")
    if not isinstance(found, np.ndarray) or found.dtype.str != kind:
        refuse(folder, f"has a {name} that is no array of {kind}.")
    if found.shape != (export.count, *shape):
        refuse(folder, f"has a {name} of {found.shape}, not {(export.count, *shape)}.")
    return found


def _check_places(folder: Path, places: NDArray[np.int32]) -> None:
    """Refuse a map on which two pictures share a place, or that is mostly empty."""
    inside = places.min() >= 0 and places.max() < _NUMBERED
    if not inside or len(np.unique(places, axis=0)) < len(places):
        refuse(folder, f"has {ARRAYS['places']} that are no places of their own.")
    columns, lines = (int(most) + 1 for most in places.max(axis=0))
    if columns * lines > 64 * len(places) + 4096:
        refuse(folder, f"has {ARRAYS['places']} that are too far apart.")


def _line(folder: Path, text: bytes, row: int) -> Line:
    where = f"line {row + 1:,} of {RECORDS}"
    if not text.endswith(b"\n"):
        refuse(folder, f"ends too early, or has too long a line: {where}.")
    try:
        line = msgspec.json.decode(text, type=Line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CollectionError(
            f"{folder} cannot be understood at {where} ({error}). Nothing was changed. "
            f"{_WRITE_AGAIN}"
        ) from error
    if wrong := _wrong(line, row):
        refuse(folder, f"has an impossible {wrong} at {where}.")
    return line


def _wrong(line: Line, row: int) -> str:
    """Return which field of a record no index would have, or ""."""
    paths = (line.path, *line.elsewhere)
    rules = {
        "row": line.row == row,
        "sha256": _SHA256.fullmatch(line.sha256) is not None,
        "id": line.id in candidates(line.sha256),
        "path": all(map(_inside, paths)),
        "size": 0 < line.width * line.height <= _MOST_NUMBER and min(line.width, line.height) > 0,
        "number of bytes": 0 <= line.bytes <= _MOST_NUMBER,
        "time": abs(line.modified_ns) <= _MOST_NUMBER,
        "format": line.format in FORMATS,
        "colour": _COLOUR.fullmatch(line.colour) is not None,
    }
    return next((name for name, holds in rules.items() if not holds), "")


def _inside(path: str) -> bool:
    """Whether a path stays below the folder that it is relative to."""
    parts = PurePosixPath(path)
    return bool(parts.parts) and not (parts.is_absolute() or ".." in parts.parts or "\0" in path)


def _shows(content: bytes, size: Size) -> bool:
    """Whether it is a WebP that fits; a small one is decoded, for the map draws it anew."""
    width, height = BOXES[size]
    try:
        with Image.open(io.BytesIO(content), formats=("WEBP",)) as image:
            fits = image.width <= width and image.height <= height
            if fits and size == "small":
                image.load()
    except Exception:  # decoders raise nearly anything on damaged files
        return False
    return fits
