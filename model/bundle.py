"""The bundle: everything that the server loads, as one directory with a manifest.

The manifest is the contract and the commit point. Data files carry a piece of their hash in their
name and are never edited; a change writes new files beside the old ones and then replaces
`manifest.json` with one rename. Whoever reads sees the old bundle or the new one, never a mixture,
and a crash in the middle loses nothing.
"""

import datetime
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.gallery import Gallery
from model.images import LOADER_VERSION

FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
MODEL_FILES: Final = {"checkpoint": ".keras", "encoder": ".tflite", "decoder": ".tflite"}
INDEX_FILES: Final = {"embeddings": ".npy", "records": ".sqlite", "thumbnails": ".pack"}

# Above this, opening a bundle trusts a file's size: reading gigabytes would delay every start.
_VERIFY_BYTES: Final = 256_000_000
# How long replaced files stay: a server that has just read the old manifest still opens them.
_GRACE_SECONDS: Final = 60.0

_EXPORT: Final = "python -m model export --job-dir JOB --out {bundle}"
_INDEX: Final = "python -m model index FOLDER --bundle {bundle}"

T = TypeVar("T")


class BundleError(Exception):
    """A bundle that cannot be used. `part` names what is wrong, `remedy` what mends it."""

    def __init__(self, part: str, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} To mend it: {remedy}")
        self.part = part
        self.remedy = remedy


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The model of a bundle. `trained` and `measures` are what the model card tells."""

    recipe: str
    dimensions: int
    code_shape: tuple[int, int, int]
    checkpoint_sha256: str
    loader_version: int
    trained: dict[str, Any] = {}
    measures: dict[str, float] = {}


class GalleryInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The index of a bundle: how many pictures, from where, and which encoder encoded them."""

    count: int
    root: str
    encoder_sha256: str
    title: str


class FileEntry(msgspec.Struct, frozen=True):
    """One file of the bundle."""

    name: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What `manifest.json` holds."""

    format_version: int
    created: str
    model: ModelInfo
    gallery: GalleryInfo | None
    files: dict[str, FileEntry]


@dataclass(frozen=True)
class Bundle:
    """A bundle whose parts were found to belong together."""

    folder: Path
    manifest: Manifest
    generation: str

    def path(self, role: str) -> Path:
        """Return the file that plays `role`, such as "encoder"."""
        return self.folder / self.manifest.files[role].name

    @cached_property
    def embeddings(self) -> NDArray[np.float32]:
        """float32 (N, D), unit length, mapped into memory and shared between processes."""
        array: NDArray[np.float32] = np.load(self.path("embeddings"), mmap_mode="r")
        return array

    @cached_property
    def gallery(self) -> Gallery:
        """The records and thumbnails."""
        return Gallery(self.path("records"), self.path("thumbnails"))


def open_bundle(folder: Path, *, verify: bool = True) -> Bundle:
    """Return the bundle, whole and consistent, or raise BundleError.

    With `verify`, the content of every file up to 256 MB is compared with its hash.
    """
    manifest = read_manifest(folder)
    if manifest.gallery is None:
        _fail(folder, "gallery", "has a model but no index: nothing can be searched yet.", _INDEX)
    for role, entry in manifest.files.items():
        _check_file(folder, role, entry, verify=verify)
    bundle = Bundle(folder, manifest, generation(folder))
    _check_belonging(bundle, manifest.gallery)
    return bundle


def read_manifest(folder: Path) -> Manifest:
    """Read and check `manifest.json` alone. Raises BundleError."""
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        _fail(folder, "manifest", f"is missing: there is no {path}.", _EXPORT)
    except OSError as error:
        _fail(folder, "manifest", f"cannot be read ({error.strerror}).", "make it readable")
    except msgspec.DecodeError as error:
        _fail(folder, "manifest", f"has a damaged {MANIFEST} ({error}).", _EXPORT)
    if manifest.format_version != FORMAT_VERSION:
        problem = f"has format {manifest.format_version}, this program reads {FORMAT_VERSION}."
        _fail(folder, "manifest", problem, _EXPORT)
    if manifest.model.loader_version != LOADER_VERSION:
        problem = "was made with another version of the image loader: its distances would be wrong."
        _fail(folder, "model", problem, f"{_EXPORT}, then {_INDEX}")
    for role in _missing_roles(manifest):
        _fail(folder, role, f"names no {role} in its {MANIFEST}.", _remedy(role))
    return manifest


def generation(folder: Path) -> str:
    """Return a short name of the bundle's present state; it changes with every publish."""
    return _sha256(folder / MANIFEST)[:12]


def publish_model(folder: Path, files: Mapping[str, Path], model: ModelInfo) -> Manifest:
    """Put a model's "checkpoint", "encoder" and "decoder" into the bundle, with one rename.

    An index that another encoder made is dropped, for its distances would mean nothing.
    """
    entries = {role: _store(folder, role, files[role], MODEL_FILES) for role in MODEL_FILES}
    old = _manifest_or_none(folder)
    gallery = old.gallery if old is not None else None
    if old is not None and gallery and gallery.encoder_sha256 == entries["encoder"].sha256:
        entries |= {role: old.files[role] for role in INDEX_FILES}
    else:
        gallery = None
    return _publish(folder, model, gallery, entries)


def adopt_model(folder: Path, source: Path) -> None:
    """Give the bundle the model of the bundle `source`, unless it has that one already."""
    theirs = read_manifest(source)
    ours = _manifest_or_none(folder)
    if ours is None or ours.files["encoder"] != theirs.files["encoder"]:
        files = {role: source / theirs.files[role].name for role in MODEL_FILES}
        publish_model(folder, files, theirs.model)


def publish_index(folder: Path, files: Mapping[str, Path], gallery: GalleryInfo) -> Manifest:
    """Put an index's "embeddings", "records" and "thumbnails" into the bundle, with one rename.

    Raises BundleError when the model in the bundle was replaced while the index was made.
    """
    old = read_manifest(folder)
    if old.files["encoder"].sha256 != gallery.encoder_sha256:
        _fail(folder, "encoder", "got another model while it was being indexed.", _INDEX)
    entries = {role: old.files[role] for role in MODEL_FILES}
    entries |= {role: _store(folder, role, files[role], INDEX_FILES) for role in INDEX_FILES}
    return _publish(folder, old.model, gallery, entries)


def publish_measures(folder: Path, measures: Mapping[str, float]) -> Manifest:
    """Write measured figures into the manifest, where the model card reads them."""
    old = read_manifest(folder)
    model = msgspec.structs.replace(old.model, measures={**old.model.measures, **measures})
    return _publish(folder, model, old.gallery, old.files)


def _manifest_or_none(folder: Path) -> Manifest | None:
    try:
        return read_manifest(folder)
    except BundleError:
        return None


def _store(folder: Path, role: str, source: Path, kinds: Mapping[str, str]) -> FileEntry:
    """Copy a file into the bundle under a name that its content decides, safely on disk."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = _sha256(source)
    target = folder / f"{role}-{digest[:12]}{kinds[role]}"
    if not target.exists():
        partial = target.with_name(target.name + ".partial")
        shutil.copyfile(source, partial)
        _sync(partial)
        partial.replace(target)
    return FileEntry(target.name, target.stat().st_size, digest)


def _publish(
    folder: Path, model: ModelInfo, gallery: GalleryInfo | None, files: dict[str, FileEntry]
) -> Manifest:
    created = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    manifest = Manifest(
        format_version=FORMAT_VERSION, created=created, model=model, gallery=gallery, files=files
    )
    partial = folder / (MANIFEST + ".partial")
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    _sync(partial)
    partial.replace(folder / MANIFEST)
    _sync(folder)
    _sweep(folder, manifest)
    return manifest


def _sweep(folder: Path, manifest: Manifest) -> None:
    """Delete files that no manifest names any more, once no server can be about to open them."""
    named = {entry.name for entry in manifest.files.values()}
    for role, suffix in (MODEL_FILES | INDEX_FILES).items():
        for path in folder.glob(f"{role}-*{suffix}*"):
            if path.name not in named and time.time() - path.stat().st_ctime > _GRACE_SECONDS:
                path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _missing_roles(manifest: Manifest) -> list[str]:
    wanted = [*MODEL_FILES, *(INDEX_FILES if manifest.gallery else ())]
    return [role for role in wanted if role not in manifest.files]


def _remedy(role: str) -> str:
    return _EXPORT if role in MODEL_FILES else _INDEX


def _check_file(folder: Path, role: str, entry: FileEntry, *, verify: bool) -> None:
    path = folder / entry.name
    size = _attempt(folder, role, lambda: path.stat().st_size)
    if size != entry.bytes:
        problem = f"has a damaged {role}: {entry.name} has {size} bytes, not {entry.bytes}."
        _fail(folder, role, problem, _remedy(role))
    small = entry.bytes <= _VERIFY_BYTES
    if verify and small and _attempt(folder, role, lambda: _sha256(path)) != entry.sha256:
        problem = f"has a damaged {role}: the content of {entry.name} was changed."
        _fail(folder, role, problem, _remedy(role))


def _check_belonging(bundle: Bundle, gallery: GalleryInfo) -> None:
    """Raise BundleError when parts that are whole each do not belong to one another."""
    manifest, folder = bundle.manifest, bundle.folder
    if gallery.encoder_sha256 != manifest.files["encoder"].sha256:
        _fail(folder, "embeddings", "has an index that another model made.", _INDEX)
    if manifest.model.checkpoint_sha256 != manifest.files["checkpoint"].sha256:
        _fail(folder, "encoder", "has an encoder of another checkpoint.", _EXPORT)
    shape = _attempt(folder, "embeddings", lambda: bundle.embeddings.shape)
    if shape != (gallery.count, manifest.model.dimensions):
        problem = f"has {shape} embeddings, not ({gallery.count}, {manifest.model.dimensions})."
        _fail(folder, "embeddings", problem, _INDEX)
    count = _attempt(folder, "records", lambda: bundle.gallery.count)
    if count != gallery.count:
        _fail(folder, "records", f"has {count} records for {gallery.count} pictures.", _INDEX)


def _attempt(folder: Path, role: str, action: Callable[[], T]) -> T:
    try:
        return action()
    except FileNotFoundError:
        _fail(folder, role, f"lacks its {role} file.", _remedy(role))
    except (OSError, ValueError) as error:
        _fail(folder, role, f"has a {role} file that cannot be read ({error}).", _remedy(role))


def _fail(folder: Path, part: str, problem: str, remedy: str) -> NoReturn:
    command = remedy.format(bundle=folder)
    raise BundleError(part, f"The bundle {folder} {problem}", command)
