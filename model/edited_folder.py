"""The folder of a gallery while it is changed picture by picture: what is done can be undone.

Files are written beside their place and renamed into it, so that a process that is killed leaves
either the old state or the new one, and at most a hidden file, which the next change sweeps away.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from model.command import CommandError
from model.descriptions import EDITS, rows_in
from model.folders import path_of
from model.gallery import Record
from model.identifiers import candidates
from model.origins import Folder
from model.publishing import sync
from model.sentences import SpokenError

UPLOADED: Final = "uploaded"
SUFFIXES: Final = {
    "JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif", "GIF": ".gif",
    "TIFF": ".tif", "BMP": ".bmp", "HEIF": ".heic",
}  # fmt: skip
# Names of ours: nothing of them comes from whoever sent the picture.
_OURS: Final = re.compile(rf"{UPLOADED}/picture-[0-9a-f]{{12}}\.[a-z]+")

Words = Mapping[str, str | list[str] | None]


class NotChanged(SpokenError):
    """Something that cannot be done with this picture; its text says why, and what to do."""


class Unavailable(CommandError):
    """A folder that cannot be changed; its text tells the operator which, and why."""


class Upload(NamedTuple):
    """A picture to add. format: as the loader has it. told: the fields of its record."""

    content: bytes
    format: str
    told: Words


def is_ours(record: Record) -> bool:
    """Whether a picture was uploaded: then it can be removed."""
    return _OURS.fullmatch(record.path) is not None


class EditedFolder:
    """Writes into a folder. paths: the pictures that were touched, relative to it."""

    def __init__(self, folder: Path, undo: ExitStack) -> None:
        """undo: gets what undoes each step."""
        self.paths: list[str] = []
        self._folder = folder
        self._undo = undo
        self._last: list[Callable[[], None]] = []
        for left in (folder / UPLOADED).glob(_half(Path("picture-*")).name):
            left.unlink()  # by a process that was killed

    def file_of(self, record: Record) -> str:
        """Return the path of a picture's file. Raises NotChanged where it is gone."""
        path = path_of(record.path)
        if not (self._folder / path).is_file():
            raise NotChanged(
                "The file of this picture is no longer where it was: somebody moved or removed it. "
                "Index the folder again, then try again."
            )
        return path

    def add(self, sha256: str, upload: Upload) -> None:
        """Write a picture's file, and what is told of it. Raises Unavailable."""
        self._make_folder(self._folder / UPLOADED)
        path = self._path_for(sha256, upload)
        target = self._folder / path
        if not target.exists():
            _replace(target, upload.content)
            self._undo.callback(target.unlink)
        self.tell(path, upload.told)

    def _path_for(self, sha256: str, upload: Upload) -> str:
        """Return where a picture is put: where nothing is yet, or the very same."""
        names = [f"picture-{each}{SUFFIXES[upload.format]}" for each in candidates(sha256)]
        for name in names:
            target = self._folder / UPLOADED / name
            if not target.exists() or target.read_bytes() == upload.content:
                return f"{UPLOADED}/{name}"
        raise Unavailable(
            f"{self._folder / UPLOADED / names[0]} is there already, and is another picture. "
            "Move it away."
        )

    def tell(self, path: str, words: Words) -> None:
        """Write what is told of a picture into the file of edits beside it; see `editing.tell`."""
        if not _is_text(path):
            raise NotChanged(
                "The name of this picture's file is not UTF-8, so no other file can name it. "
                "Rename it, and index the folder again."
            )
        self.paths.append(path)
        edits, name = (Path(path).parent / EDITS).as_posix(), Path(path).name
        file = self._folder / edits
        before = rows_in(Folder(self._folder), edits) if file.exists() else []
        rows = {str(row["path"]): dict(row) for row in before}
        told = rows.pop(name, {"path": name}) | dict(words)
        told = {field: value for field, value in told.items() if value is not None and value != ""}
        if len(told) > 1:
            rows[name] = told
        self._write(file, list(rows.values()))

    def remove(self, path: str) -> None:
        """Delete a picture's file, and what was told of it."""
        file = self._folder / path
        self.tell(path, dict.fromkeys(_FIELDS))
        hidden = _half(file)
        file.rename(hidden)
        self._undo.callback(hidden.rename, file)
        self._last.append(hidden.unlink)

    def finish(self) -> None:
        """Do what cannot be undone."""
        for each in self._last:
            each()

    def _make_folder(self, place: Path) -> None:
        if place.is_symlink():
            raise Unavailable(f"{place} is a link to a folder, which `index` does not follow.")
        if not place.exists():
            place.mkdir()
            self._undo.callback(_remove_empty, place)

    def _write(self, file: Path, rows: list[dict[str, object]]) -> None:
        """Replace a file of edits, or delete it where it says nothing."""
        before = file.read_bytes() if file.exists() else None
        after = msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n" if rows else None
        if before != after:
            _put(file, after)
            self._undo.callback(_put, file, before)


# All that is ever told so; `details` come from records files alone.
_FIELDS: Final = ("title", "alt", "credit", "licence", "source", "date", "group", "tags")


def _put(file: Path, content: bytes | None) -> None:
    if content is None:
        file.unlink(missing_ok=True)
    else:
        _replace(file, content)


def _replace(target: Path, content: bytes) -> None:
    """Write a file so that it is there as a whole, safely on disk, or not at all."""
    half = _half(target)
    try:
        half.write_bytes(content)
        sync(half)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
    sync(target.parent)


def _half(file: Path) -> Path:
    """Return the name of a file half written or half removed; hidden, so no index takes it."""
    return file.with_name(f".{file.name}.half")


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:  # bytes that are no text, as the system has them
        return False
    return True


def _remove_empty(place: Path) -> None:
    with suppress(OSError):  # somebody else has put a file there
        place.rmdir()
