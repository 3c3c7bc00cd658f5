"""Files beside a picture that tell of it: XMP, and JSON."""

import datetime
import os
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import msgspec

from model.metadata.told import MetadataError, Told, cleaned, merged
from model.metadata.xmp import told_by_xmp
from model.origins.interface import Origin

_MOST_BYTES: Final = 4_000_000
# Behind the whole name of a picture, the nearest first. Google Takeout writes the last two.
_BEHIND_NAME: Final = (".xmp", ".json", ".supplemental-metadata.json")
_WORDS: Final = ("title", "alt", "credit", "licence", "source", "date")


Saying = tuple[Told, list[tuple[str, str]]]  # and path and sentence of what cannot be understood


def told_by_sidecars(origin: Origin, paths: Iterable[str]) -> Iterator[tuple[str, Saying]]:
    """Yield what the sidecars tell of those of these pictures that have any."""
    found = _sidecars_of(origin, paths)
    tell = partial(_told_by_all, origin)
    if origin.readers == 1:
        yield from zip(found, map(tell, found.values()), strict=True)
        return
    with ThreadPoolExecutor(origin.readers) as pool:
        yield from zip(found, pool.map(tell, found.values()), strict=True)


def _sidecars_of(origin: Origin, paths: Iterable[str]) -> dict[str, list[str]]:
    """Return the sidecars of each picture that has any, the nearest first.

    "a/b.jpg" may have "a/b.jpg.xmp", "a/b.xmp", "a/b.jpg.json" and
    "a/b.jpg.supplemental-metadata.json", in this order.
    """
    listed: dict[str, frozenset[str]] = {}
    found: dict[str, list[str]] = {}
    for path in paths:
        parent, slash, name = path.rpartition("/")
        if parent not in listed:
            listed[parent] = origin.beside(parent)
        if there := [each for each in _possible(name) if each in listed[parent]]:
            found[path] = [f"{parent}{slash}{each}" for each in there]
    return found


def _told_by_all(origin: Origin, paths: Collection[str]) -> Saying:
    """Return what some sidecars tell, the nearest first."""
    told, notes = [], []
    for path in paths:
        try:
            told.append(_told_by(origin, path))
        except (MetadataError, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            notes.append((path, f"This file tells nothing: {why}."))
    return merged(told), notes


def _possible(name: str) -> Iterator[str]:
    first, *others = _BEHIND_NAME
    stem = os.path.splitext(name)[0]  # noqa: PTH122 - a hundred thousand paths
    yield from (name + first, name + first.upper(), stem + first, stem + first.upper())
    yield from (name + each for each in others)


def _told_by(origin: Origin, path: str) -> Told:
    content = origin.small(path, _MOST_BYTES)
    return told_by_xmp(content) if path.lower().endswith(".xmp") else told_by_json(content)


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
