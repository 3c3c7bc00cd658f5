"""What is told about a picture: in files beside it, or else by its name and its folders' names."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from model.folders import FolderError
from model.gallery import Record

RECORD_FILES: Final = ("records.json", "records.csv")
_WORDS: Final = ("title", "alt", "credit", "licence", "source", "date", "group")


def told_in(folder: Path) -> dict[str, dict[str, Any]]:
    """Read every records.json and records.csv below a folder.

    Each tells of the pictures beside it or below: a list of objects (or a table) with at least
    `path`, relative to that file. Returns the fields of each picture by its path relative to
    `folder`. Raises FolderError for a file that cannot be understood.
    """
    fields: dict[str, dict[str, Any]] = {}
    for name in RECORD_FILES:
        for path in sorted(folder.rglob(name)):
            base = path.parent.relative_to(folder)
            for row in _rows(path):
                fields[(base / str(row["path"])).as_posix()] = dict(row)
    return fields


def _rows(path: Path) -> list[Mapping[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".json":
            rows = msgspec.json.decode(text, type=list[dict[str, Any]])
        else:
            rows = list(csv.DictReader(io.StringIO(text)))
    except (OSError, UnicodeDecodeError, msgspec.DecodeError, csv.Error) as error:
        raise FolderError(f"{path} cannot be understood: {error}") from error
    for number, row in enumerate(rows, start=1):
        if not row.get("path"):
            raise FolderError(f"{path}: entry {number} has no `path`.")
    return [row for row in rows if row["path"]]


def describe(record: Record, told: Mapping[str, Any]) -> Record:
    """Return the record with what is written beside the picture, or else its names, about it."""
    told = dict(told)
    told.pop("path", None)
    words = {name: str(told.pop(name)) for name in _WORDS if told.get(name)}
    tags = _tags(told.pop("tags", None), record.path)
    words.setdefault("title", _title(Path(record.path)))
    details = {key: _plain(value) for key, value in told.items() if _plain(value) is not None}
    return msgspec.structs.replace(record, **words, tags=tags, details=details)


def _plain(value: object) -> str | int | float | None:
    """Return a value that a page can show, a list of words as one text; None for others."""
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        return ", ".join(value)
    return value if isinstance(value, str | int | float) else None


def _tags(told: object, path: str) -> tuple[str, ...]:
    """Return the tags told, a list or words between commas; else the names of the folders."""
    if told is None:
        told = [name.replace("_", " ") for name in Path(path).parts[:-1]]
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
