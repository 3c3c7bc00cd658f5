"""What is told about a picture: in files beside it, in itself, or by its and its folders' names.

The nearest to the user's hand wins, field by field; docs/collection.md has the order.
"""

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

import msgspec

from model.folders import FolderError, written
from model.gallery import Record
from model.metadata.sidecars import told_by_sidecars
from model.metadata.told import Told
from model.origins.interface import Origin

# What was changed through the server, one file in each folder; it has the form of a records.json.
EDITS: Final = "edits.json"
# Each goes before those that stand before it.
RECORD_FILES: Final = ("records.json", "records.csv", EDITS)
_WORDS: Final = ("title", "alt", "credit", "licence", "source", "date", "group")


def told_in(origin: Origin, pictures: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
    """Read every records.json, records.csv and edits.json where pictures lie.

    Each tells of the pictures beside it or below: a list of objects (or a table) with at least
    `path`, relative to that file. What was edited goes before what a CSV says, and that before a
    JSON; of several of a kind the nearest to the picture goes first.

    pictures: paths; then only files that may tell of these are read. Returns the fields of each
    picture by its path. Raises FolderError for a file that cannot be understood.
    """
    fields: dict[str, dict[str, Any]] = {}
    for name in RECORD_FILES:
        for path in origin.named(name) if pictures is None else _above(origin, pictures, name):
            base = PurePosixPath(path).parent
            for row in rows_in(origin, path):
                told = {key: value for key, value in row.items() if _says(key, value)}
                fields.setdefault((base / str(row["path"])).as_posix(), {}).update(told)
    return fields


def _above(origin: Origin, pictures: Collection[str], name: str) -> list[str]:
    """Return the files of this name in the folders of some pictures, and in those above them."""
    places = {parent for picture in pictures for parent in PurePosixPath(picture).parents}
    nearest_last = sorted(places, key=lambda place: (len(place.parts), place))
    return [path for place in nearest_last if origin.has(path := (place / name).as_posix())]


def _says(name: str, value: object) -> bool:
    """Whether a field says anything: an empty one does not, but that there are no tags."""
    return value is not None and (value != "" or name == "tags")


def rows_in(origin: Origin, path: str) -> list[Mapping[str, Any]]:
    """Return the entries of a records file, each of which has a `path`. Raises FolderError."""
    try:
        text = origin.small(path).decode("utf-8-sig")
        if path.endswith(".json"):
            rows = msgspec.json.decode(text, type=list[dict[str, Any]])
        else:
            rows = [_named(row) for row in csv.DictReader(io.StringIO(text, newline=None))]
    except (OSError, UnicodeDecodeError, msgspec.DecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise FolderError(f"{written(f'{origin}/{path}')} cannot be understood: {why}") from error
    for number, row in enumerate(rows, start=1):
        if not row.get("path"):
            raise FolderError(f"{written(f'{origin}/{path}')}: entry {number} has no `path`.")
    return [row for row in rows if row["path"]]


def _named(row: Mapping[str | Any, Any]) -> dict[str, Any]:
    """Leave out what stands behind the last column that has a name."""
    return {name: value for name, value in row.items() if name is not None}


def told_beside(
    origin: Origin, paths: Collection[str], *, few: bool = False
) -> tuple[dict[str, dict[str, Any]], list[tuple[str, str]]]:
    """Read what `told_in` reads, and the sidecars of these pictures.

    What a records file says of a picture goes before what its sidecars say. few: whether there are
    many more than these. Returns the fields of each picture, and path and sentence of each
    sidecar that cannot be understood.
    """
    fields = told_in(origin, paths if few else None)
    notes: list[tuple[str, str]] = []
    for path, (told, broken) in told_by_sidecars(origin, paths):
        notes += [(written(name), sentence) for name, sentence in broken]
        fields[path] = msgspec.to_builtins(told) | fields.get(path, {})
    return fields, notes


def describe(record: Record, told: Mapping[str, Any]) -> Record:
    """Return the record with what is written beside the picture, in it, or in its names."""
    itself = record.embedded or Told()
    told = {name: value for name, value in told.items() if name != "path"}
    words = {name: _word(told.pop(name, None), getattr(itself, name, "")) for name in _WORDS}
    words["title"] = words["title"] or _title(Path(record.path))
    tags = _tags(told.pop("tags", None), itself.tags, record.path)
    details = {key: _plain(value) for key, value in told.items() if _plain(value) not in {None, ""}}
    return msgspec.structs.replace(record, **words, tags=tags, details=details)


def _word(told: object, otherwise: str) -> str:
    return str(told) if told else otherwise


def _plain(value: object) -> str | int | float | None:
    """Return a value that a page can show, a list of words as one text; None for others."""
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        return ", ".join(value)
    return value if isinstance(value, str | int | float) else None


def _tags(told: object, itself: tuple[str, ...], path: str) -> tuple[str, ...]:
    """Return the tags told, a list or words between commas; else its own, or its folders' names."""
    if told is None:
        told = itself or [name.replace("_", " ") for name in path.split("/")[:-1]]
    words = told.split(",") if isinstance(told, str) else told
    if not isinstance(words, Iterable):
        return ()
    return tuple(dict.fromkeys(tag for word in words if (tag := str(word).strip())))


def _title(path: Path) -> str:
    """Make a title of a file's name; one that is only a number is told with its folder's."""
    name = spaced(path.stem)
    if any(letter.isalpha() for letter in name) or not path.parent.name:
        return name
    return f"{spaced(path.parent.name)}, {name}"


def spaced(name: str) -> str:
    """Return a file's or folder's name as words."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]
