"""The files of a bundle: whether they are in place, whole, and belong together."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from model.bundle import (
    Bundle,
    BundleError,
    FileEntry,
    Manifest,
    hash_of,
    open_bundle,
    read_manifest,
    remedy,
)
from model.doctor.finding import Finding, note, ok, wrong
from model.locking import WORK

# What an index run writes of pictures that are known, in bytes each, and for itself.
_KNOWN: Final = 3_000
_ROOM: Final = 50_000_000


def in_place(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    """Yield of each file whether it is there and has its size; this costs a stat each."""
    for role, entry in manifest.files.items():
        yield _in_place(folder, role, entry)


def _in_place(folder: Path, role: str, entry: FileEntry) -> Finding:
    try:
        size = (folder / entry.name).stat().st_size
    except OSError as error:
        return _lost(folder, role, f"{entry.name} cannot be found ({error.strerror}).")
    if size != entry.bytes:
        told = f"{entry.name} has {size:,} bytes, not {entry.bytes:,}."
        return _lost(folder, role, told)
    return ok(f"file {role}", f"{entry.name}, {entry.bytes:,} bytes", role)


def whole(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    """Yield of each file whether its content is what the manifest says: this reads all of it."""
    for role, entry in manifest.files.items():
        found = _in_place(folder, role, entry)
        yield found if found.state == "wrong" else _whole(folder, role, entry)


def _whole(folder: Path, role: str, entry: FileEntry) -> Finding:
    try:
        found = hash_of(folder / entry.name)
    except OSError as error:
        return _lost(folder, role, f"{entry.name} cannot be read ({error.strerror}).")
    if found != entry.sha256:
        return _lost(folder, role, f"the content of {entry.name} was changed.")
    return ok(f"file {role}", f"{entry.name}, {entry.bytes:,} bytes, hash {found[:12]}", role)


def _lost(folder: Path, role: str, told: str) -> Finding:
    mend = f"copy it from a backup, or {remedy(role).format(bundle=folder)}"
    return wrong(f"file {role}", told, mend, role)


def readable(folder: Path) -> Manifest | Finding:
    """Return the manifest, or what is wrong with it."""
    try:
        return read_manifest(folder)
    except BundleError as error:
        return wrong("manifest", error.problem, error.remedy, error.part)


def belonging(folder: Path) -> Bundle | Finding:
    """Return the bundle of files that are whole, or why they do not belong together."""
    try:
        return open_bundle(folder, verify=False)
    except BundleError as error:
        return wrong(f"bundle, {error.part}", error.problem, error.remedy, error.part)


def summary(bundle: Bundle) -> Finding:
    """Return what a bundle is whose parts belong together."""
    model, count = bundle.manifest.model, bundle.gallery.count
    told = (
        f"generation {bundle.generation}, model {model.checkpoint_sha256[:12]}, {count:,} pictures"
    )
    return ok("bundle", told)


def unfinished(folder: Path) -> Finding:
    """Say whether a command writes into the bundle, or was stopped while it did.

    The lock of a command that has ended holds nobody up: the kernel releases it.
    """
    if _held(folder / WORK / "index.lock"):
        return note("index runs", "another command is writing into the bundle just now.")
    left = sorted(
        path.name
        for pattern in (f"{WORK}/*", ".move-*")
        for path in folder.glob(pattern)
        if path.suffix != ".lock"
    )
    if left:
        told = f"a command was stopped while it wrote into the bundle; it left {', '.join(left)}."
        return note("index runs", told, "run it again: it goes on where it stopped")
    return ok("index runs", "none is at work, and none has left anything")


def _held(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def room(bundle: Bundle) -> Finding:
    """Say whether there is room for another index beside this one."""
    free, needed = shutil.disk_usage(bundle.folder).free, _KNOWN * bundle.gallery.count + _ROOM
    told = f"{free / 1e6:,.0f} MB are free where the bundle lies"
    if free < needed:
        told = f"{told}; the next index of it takes {needed / 1e6:,.0f} MB, and more for new files."
        return note("disk", told, "make room, or index on another disk")
    return ok("disk", told)
