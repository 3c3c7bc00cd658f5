"""Files beside a picture that tell of it: XMP, and JSON."""

import datetime
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from model.metadata.told import MetadataError, Told, cleaned, merged
from model.metadata.xmp import told_by_xmp

_MOST_BYTES: Final = 4_000_000
# Behind the whole name of a picture, the nearest first. Google Takeout writes the last two.
_BEHIND_NAME: Final = (".xmp", ".json", ".supplemental-metadata.json")
_WORDS: Final = ("title", "alt", "credit", "licence", "source", "date")


def sidecars_of(folder: Path, names: Iterable[str]) -> dict[str, list[str]]:
    """Return the sidecars of each picture among these, the nearest first.

    names: paths of pictures, relative to `folder`. "a/b.jpg" may have "a/b.jpg.xmp", "a/b.xmp",
    "a/b.jpg.json" and "a/b.jpg.supplemental-metadata.json", in this order.
    """
    listed: dict[str, frozenset[str]] = {}
    found: dict[str, list[str]] = {}
    for name in names:
        parent = os.path.dirname(name)  # noqa: PTH120 - a hundred thousand paths, in this loop
        if parent not in listed:
            listed[parent] = _sidecars_in(folder / parent)
        if there := [each for each in _possible(name) if each in listed[parent]]:
            found[name] = [os.path.join(parent, each) for each in there]  # noqa: PTH118 - likewise
    return found


def told_by_sidecars(folder: Path, paths: Iterable[str]) -> tuple[Told, list[tuple[str, str]]]:
    """Return what sidecars tell, the nearest first; and path and sentence of each broken one."""
    told, notes = [], []
    for path in paths:
        try:
            told.append(_told_by(folder / path))
        except (MetadataError, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            notes.append((path, f"This file tells nothing: {why}."))
    return merged(told), notes


def _sidecars_in(folder: Path) -> frozenset[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - the names are all that is wanted
    except OSError:  # it went away: so did its pictures, and whoever reads these will say so
        return frozenset()
    return frozenset(name for name in names if name.lower().endswith((".xmp", ".json")))


def _possible(path: str) -> Iterator[str]:
    name = os.path.basename(path)  # noqa: PTH119 - see above
    first, *others = _BEHIND_NAME
    stem = os.path.splitext(name)[0]  # noqa: PTH122 - see above
    yield from (name + first, name + first.upper(), stem + first, stem + first.upper())
    yield from (name + each for each in others)


def _told_by(path: Path) -> Told:
    if not path.is_file():  # never a pipe, which would be waited for
        raise MetadataError("it is no file")
    if (size := path.stat().st_size) > _MOST_BYTES:
        raise MetadataError(f"it has {size:,} bytes, more than {_MOST_BYTES:,}")
    content = path.read_bytes()
    return told_by_xmp(content) if path.suffix.lower() == ".xmp" else told_by_json(content)


def told_by_json(content: bytes) -> Told:
    """Return what a JSON object tells, in the words of a record or in those of Google Takeout.

    Raises MetadataError for what is no JSON object.
    """
    try:
        fields = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MetadataError("its JSON cannot be understood") from error
    return _by_takeout(fields) if "photoTakenTime" in fields else _by_record(fields)


def _by_takeout(fields: dict[str, Any]) -> Told:
    """Take the description and the time. Its `title` is the file's name, and says nothing new."""
    described, taken = fields.get("description"), fields["photoTakenTime"]
    seconds = taken.get("timestamp") if isinstance(taken, dict) else None
    return cleaned(Told(alt=described if isinstance(described, str) else "", date=_moment(seconds)))


def _moment(seconds: object) -> str:
    try:
        when = datetime.datetime.fromtimestamp(int(str(seconds)), datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return when.replace(tzinfo=None).isoformat()


def _by_record(fields: dict[str, Any]) -> Told:
    words = {name: str(fields[name]) for name in _WORDS if isinstance(fields.get(name), str | int)}
    tags = fields.get("tags")
    listed = tags.split(",") if isinstance(tags, str) else tags
    told = [tag for tag in listed if isinstance(tag, str)] if isinstance(listed, list) else []
    return cleaned(Told(**words, tags=tuple(told)))
