"""Changes a bundle: new files beside the old ones, then one rename of the manifest."""

import datetime
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from model.bundle import (
    EXTRA_FILES,
    FORMAT_VERSION,
    INDEX_FILES,
    INDEX_REMEDY,
    LEARNED_FILES,
    MANIFEST,
    MAP_FILES,
    MODEL_FILES,
    PACK,
    BundleError,
    FileEntry,
    GalleryInfo,
    Manifest,
    ModelInfo,
    fail,
    hash_of,
    pack_roles,
    read_manifest,
)
from model.locking import WORK, holding
from model.mapping.atlas import MapInfo
from model.quality import Compared, Weak

# How long replaced files stay: a server that has just read the old manifest still opens them.
GRACE_SECONDS: Final = 60.0
MAP_REMEDY: Final = "python -m model map --bundle {bundle}"
_OF_MODEL: Final = MODEL_FILES | LEARNED_FILES


def publish_model(folder: Path, files: Mapping[str, Path], model: ModelInfo) -> Manifest:
    """Put a model's "checkpoint", "encoder" and "decoder" into the bundle, with one rename.

    Its "training-hashes" and "calibration" go with them where there are any. An index that another
    encoder made is dropped, for its distances would mean nothing.
    """
    entries = {role: _store(folder, role, files[role], _OF_MODEL) for role in _model_roles(files)}
    old = _manifest_or_none(folder)
    gallery = old.gallery if old is not None else None
    if old is not None and gallery and gallery.encoder_sha256 == entries["encoder"].sha256:
        entries |= {role: entry for role, entry in old.files.items() if role not in _OF_MODEL}
    else:
        gallery = None
    return _publish(folder, model, gallery, entries)


def adopt_model(folder: Path, source: Path) -> None:
    """Give the bundle the model of the bundle `source`, unless it has that one already.

    Raises locking.Busy while another process writes into the bundle.
    """
    theirs = read_manifest(source)
    ours = _manifest_or_none(folder)
    if (
        ours is None
        or ours.model != theirs.model
        or ours.files["encoder"] != theirs.files["encoder"]
    ):
        roles = _model_roles(theirs.files)
        files = {role: source / theirs.files[role].name for role in roles}
        with holding(folder):
            publish_model(folder, files, theirs.model)


def publish_index(folder: Path, files: Mapping[str, Path], gallery: GalleryInfo) -> Manifest:
    """Put an index's "embeddings", "records" and "thumbnails" into the bundle, with one rename.

    It may have more packs of thumbnails, a "sketch" and "cells", and a "map" with its "minis".
    What lies in the bundle already stays where it is, what lies in its folder for what is at work
    is moved, and all else is copied.
    Raises BundleError when the model in the bundle was replaced while the index was made.
    """
    old = read_manifest(folder)
    if old.files["encoder"].sha256 != gallery.encoder_sha256:
        fail(folder, "encoder", "got another model while it was being indexed.", INDEX_REMEDY)
    kinds = INDEX_FILES | EXTRA_FILES | dict.fromkeys(pack_roles(files), INDEX_FILES[PACK])
    there = {folder / entry.name: entry for entry in old.files.values()}
    entries = {role: old.files[role] for role in _model_roles(old.files)}
    for role, path in files.items():
        entries[role] = there.get(path) or _store(folder, role, path, kinds)
    return _publish(folder, old.model, gallery, entries)


def publish_map(
    folder: Path, files: Mapping[str, Path], info: MapInfo, mapped: Manifest
) -> Manifest:
    """Put a "map" and its "minis" into the bundle, with one rename.

    mapped: what the manifest was when its gallery was mapped. Raises BundleError when another
    index has taken its place since.
    """
    old = read_manifest(folder)
    if old.gallery is None or old.files["embeddings"] != mapped.files["embeddings"]:
        fail(folder, "map", "got another index while it was being mapped.", MAP_REMEDY)
    gallery = msgspec.structs.replace(old.gallery, map=info)
    entries = {role: _store(folder, role, files[role], MAP_FILES) for role in MAP_FILES}
    return _publish(folder, old.model, gallery, {**old.files, **entries})


def publish_calibration(folder: Path, calibration: Path, measures: Mapping[str, float]) -> None:
    """Put a calibration into the bundle, and what was measured of it into the manifest."""
    old = read_manifest(folder)
    entry = _store(folder, "calibration", calibration, LEARNED_FILES)
    model = msgspec.structs.replace(old.model, measures={**old.model.measures, **measures})
    _publish(folder, model, old.gallery, {**old.files, "calibration": entry})


def publish_measures(folder: Path, measures: Mapping[str, float]) -> Manifest:
    """Write measured figures into the manifest, where the model card reads them."""
    old = read_manifest(folder)
    model = msgspec.structs.replace(old.model, measures={**old.model.measures, **measures})
    return _publish(folder, model, old.gallery, old.files)


def publish_quality(
    folder: Path,
    measures: Mapping[str, float],
    compared: tuple[Compared, ...],
    worst: tuple[Weak, ...],
) -> Manifest:
    """Write figures, those of other methods, and the worst queries into the manifest."""
    old = publish_measures(folder, measures)
    model = msgspec.structs.replace(old.model, compared=compared, worst=worst)
    return _publish(folder, model, old.gallery, old.files)


def _model_roles(files: Mapping[str, object]) -> list[str]:
    return [*MODEL_FILES, *(role for role in LEARNED_FILES if role in files)]


def _manifest_or_none(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder)
    except BundleError:
        return None


def _store(folder: Path, role: str, source: Path, kinds: Mapping[str, str]) -> FileEntry:
    """Put a file into the bundle under a name that its content decides, safely on disk."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = hash_of(source)
    target = folder / f"{role}-{digest[:12]}{kinds[role]}"
    if target.exists():
        os.utime(target)  # it may have been about to be swept away
    else:
        partial = source
        if not source.is_relative_to(folder / WORK):
            partial = target.with_name(target.name + ".partial")
            shutil.copyfile(source, partial)
        sync(partial)
        partial.replace(target)
    return FileEntry(target.name, target.stat().st_size, digest)


def _publish(
    folder: Path, model: ModelInfo, gallery: GalleryInfo | None, files: dict[str, FileEntry]
) -> Manifest:
    created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    manifest = Manifest(
        format_version=FORMAT_VERSION, created=created, model=model, gallery=gallery, files=files
    )
    _begin_grace(folder, manifest)
    sync(folder)
    partial = folder / (MANIFEST + ".partial")
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    sync(partial)
    partial.replace(folder / MANIFEST)
    sync(folder)
    sweep(folder, manifest)
    return manifest


def _begin_grace(folder: Path, manifest: Manifest) -> None:
    """Note on the files that are about to be replaced since when they are: as their time."""
    old = _manifest_or_none(folder)
    replaced = {entry.name for entry in old.files.values()} if old is not None else set()
    for name in replaced.difference(entry.name for entry in manifest.files.values()):
        with suppress(FileNotFoundError):
            os.utime(folder / name)


def sweep(folder: Path, manifest: Manifest) -> None:
    """Delete files that no manifest names any more, once no server can be about to open them."""
    named = {entry.name for entry in manifest.files.values()}
    for role, suffix in (_OF_MODEL | INDEX_FILES | EXTRA_FILES).items():
        for path in folder.glob(f"{role}-*{suffix}*"):
            if path.name not in named and time.time() - path.stat().st_ctime > GRACE_SECONDS:
                path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Return when a file, or the names in a folder, are safely on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
