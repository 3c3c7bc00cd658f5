"""Finding the pictures of a folder."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from model.command import CommandError

# fmt: off
SUFFIXES: Final = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff", ".bmp",
    ".heic", ".heif",
))
# fmt: on


class FolderError(CommandError):
    """A folder, or what is written in it, that cannot be used."""


def written(path: Path | str) -> str:
    r"""Return a path as records and messages tell it: bytes that are not UTF-8 become \xe9."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def pictures_in(folder: Path) -> list[Path]:
    """List the picture files below a folder, by name, sorted; hidden files are passed over.

    Raises FolderError when there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise FolderError(f"There is no folder {folder}.")
    found = sorted(_walk(folder))
    if not found:
        raise FolderError(f"There is no picture in {folder}: {' '.join(sorted(SUFFIXES))} count.")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(parent, name)
