"""What lies in the folder of an exported gallery; docs/collection.md tells it to users."""

import os
from pathlib import Path
from typing import Final

import msgspec

from model.command import CommandError
from model.gallery import Record, Size
from model.mapping.atlas import MapInfo

FORMAT: Final = "imagesearch-gallery"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
RECORDS: Final = "records.jsonl"
SUMS: Final = "pictures.sha256"
PICTURES: Final = "pictures"
# One row for each line of the records. An index may lack the last two.
ARRAYS: Final = {role: f"{role}.npy" for role in ("embeddings", "signatures", "cells", "places")}
_NAMES: Final = frozenset((MANIFEST, RECORDS, SUMS, PICTURES, *ARRAYS.values()))


class CollectionError(CommandError):
    """An exported gallery that cannot be written or read; its text says why, and what to do."""


class Content(msgspec.Struct, frozen=True):
    """Size and SHA-256 of one file."""

    bytes: int
    sha256: str


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The model that made the embeddings; only with the same encoder can they be compared."""

    encoder_sha256: str
    recipe: str
    dimensions: int
    loader_version: int


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What `manifest.json` holds. title: the gallery's. map: how its places came about."""

    format: str
    version: int
    title: str
    count: int
    model: Origin
    map: MapInfo | None
    files: dict[str, Content]


class Line(Record, frozen=True, kw_only=True):
    """One line of the records: all that is known of a picture.

    copies: the number of its group of copies, from 0; null for a picture that has none.
    elsewhere: paths of other files with the same content.
    """

    copies: int | None = None
    elsewhere: tuple[str, ...] = ()


def picture_name(identifier: str, size: Size) -> str:
    """Return where a picture lies, relative to the export; 256 folders keep each of them short."""
    return f"{PICTURES}/{size}/{identifier[:2]}/{identifier}.webp"


def is_export(folder: Path) -> bool:
    """Whether a folder holds an exported gallery, of any version, and nothing else."""
    if not set(os.listdir(folder)) <= _NAMES:  # noqa: PTH208 - the names are all that is wanted
        return False
    try:
        told = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=dict[str, object])
    except (OSError, msgspec.DecodeError):
        return False
    return told.get("format") == FORMAT
