"""Finding the pictures of a folder."""

import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from model.command import CommandError

# fmt: off
SUFFIXES: Final = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff", ".bmp",
    ".heic", ".heif",
))
# fmt: on
# Files that may tell of pictures beside them, or below.
TELLING: Final = (".xmp", ".json", ".csv")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ESCAPES: Final = re.compile(rb"\\\\|\\x([0-9a-f]{2})|\\u([0-9a-f]{4})")
_KINDS: Final = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


class FolderError(CommandError):
    """A folder, or what is written in it, that cannot be used."""


class File(NamedTuple):
    """A file that may be a picture: its path relative to the folder, as the system has it.

    bytes: its size. modified_ns: when it was changed, nanoseconds since 1970.
    """

    path: str
    bytes: int
    modified_ns: int


@dataclass
class Listing:
    """What lies below a folder, or below a prefix of an object store.

    identity: what tells it from another one in its place. files: in the order of their paths.
    closed: folders that could not be listed. failed: their paths and those of files that cannot be
    one, each with a sentence. links: folders that were not entered, because a link leads to them.
    only: the names, as `written` tells them, that were looked at; None: all there are.
    """

    identity: object
    files: list[File] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    only: frozenset[str] | None = None


def written(path: Path | str) -> str:
    r"""Return a path as records and messages tell it, in Unicode: no two paths are told alike.

    Bytes that are not UTF-8 become \xe9, control characters \u000a, and a backslash two of them.
    So a name cannot take another file's place, nor write into a terminal or a log.
    """
    doubled = os.fsencode(path).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", doubled)


def path_of(name: str) -> str:
    """Return the path that `written` tells so."""
    return os.fsdecode(_ESCAPES.sub(_unescaped, name.encode()))


def _unescaped(found: re.Match[bytes]) -> bytes:
    byte, letter = found.groups()
    if byte:
        return bytes.fromhex(byte.decode())
    return chr(int(letter, 16)).encode() if letter else b"\\"


def pictures_in(folder: Path) -> list[Path]:
    """List the picture files below a folder, by name, sorted; hidden files are passed over.

    Links to files are followed, links to folders are not: so no loop can be entered.
    Raises FolderError when there is no such folder, or no picture in it.
    """
    found = listed(folder)
    if not found.files:
        raise nothing_in(folder)
    return [folder / file.path for file in found.files]


def nothing_in(place: object) -> FolderError:
    """Return the error for a folder, or another place, without pictures."""
    return FolderError(f"There is no picture in {place}: {' '.join(sorted(SUFFIXES))} count.")


def listed(folder: Path) -> Listing:
    """List what lies below a folder, with sizes and times; no file is opened.

    Raises FolderError when there is no such folder, or it cannot be listed.
    """
    identity = identity_of(folder)
    if identity is None:
        raise FolderError(f"There is no folder {folder}.")
    if not folder.is_dir():
        raise FolderError(f"{folder} is no folder: name the one in which the pictures lie.")
    found = Listing(identity)
    waiting = [""]
    while waiting:
        waiting += _look(folder, waiting.pop(), found)
    if "" in found.closed:
        raise FolderError(f"{folder}: {found.failed[-1][1]}")
    found.files.sort(key=lambda file: file.path.split("/"))
    found.failed.sort()
    return found


def looked_up(folder: Path, paths: Collection[str]) -> Listing:
    """List those of these files that there are, paths relative to the folder, and nothing else.

    Raises FolderError when there is no such folder.
    """
    identity = identity_of(folder)
    if identity is None:
        raise FolderError(f"There is no folder {folder}.")
    found = Listing(identity, only=frozenset(map(written, paths)))
    for path in sorted(paths, key=lambda path: path.split("/")):
        with suppress(FileNotFoundError):
            status = (folder / path).stat()
            if stat.S_ISREG(status.st_mode):
                found.files.append(File(path, status.st_size, status.st_mtime_ns))
    return found


def _look(folder: Path, place: str, found: Listing) -> list[str]:
    """Take in what lies in one folder, and return those below it."""
    below: list[str] = []
    try:
        for entry in _entries(folder, place):
            path = f"{place}/{entry.name}" if place else entry.name
            if entry.is_dir(follow_symlinks=False):
                below.append(path)
            elif entry.name[entry.name.rfind(".") :].lower() in SUFFIXES:
                _take(found, path, entry)
            elif entry.is_symlink() and entry.is_dir():
                found.links.append(path)
    except FileNotFoundError:
        return []  # gone since its own folder was listed; the folder itself is asked for at the end
    except OSError as error:
        found.closed.append(place)
        found.failed.append((written(place), f"The folder cannot be listed: {error.strerror}."))
    return below


def _entries(folder: Path, place: str) -> Iterator["os.DirEntry[str]"]:
    with os.scandir(folder / place) as entries:
        yield from (entry for entry in entries if not entry.name.startswith("."))


def _take(found: Listing, path: str, entry: "os.DirEntry[str]") -> None:
    try:
        status = entry.stat()
    except OSError as error:
        if entry.is_symlink():  # else the file has just gone
            found.failed.append((written(path), f"The link leads to no file: {error.strerror}."))
        return
    if stat.S_ISREG(status.st_mode):
        found.files.append(File(path, status.st_size, status.st_mtime_ns))
    elif stat.S_ISDIR(status.st_mode):
        found.links.append(path)
    else:
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        found.failed.append((written(path), f"It is {kind}, not a file."))


def identity_of(folder: Path) -> tuple[int, int] | None:
    """Return what tells a folder from another one in its place; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
