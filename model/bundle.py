"""The bundle: everything that the server loads, as one directory with a manifest.

The manifest is the contract and the commit point. Data files carry a piece of their hash in their
name and are never edited; a change writes new files beside the old ones and then replaces
`manifest.json` with one rename. Whoever reads sees the old bundle or the new one, never a mixture,
and a crash in the middle loses nothing.
"""

import hashlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from model.calibration import RARITIES, Calibration
from model.command import CommandError
from model.copies import WORDS
from model.gallery import Gallery
from model.hamming import Words
from model.images import LOADER_VERSION
from model.mapping.atlas import Atlas, MapInfo
from model.quality import Compared, Weak
from model.second_look import Cells
from model.sketch import Sketch

FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
MODEL_FILES: Final = {"checkpoint": ".keras", "encoder": ".tflite", "decoder": ".tflite"}
# What else is known of a model; one that was exported before there was such a file lacks it.
# `evaluate` reads the hashes of its training pictures. A calibration is measured after the export.
LEARNED_FILES: Final = {"training-hashes": ".npy", "calibration": ".npz"}
PACK: Final = "thumbnails"
INDEX_FILES: Final = {"embeddings": ".npy", "records": ".sqlite", PACK: ".pack"}
# The map: where each picture has its place, and what is shown of it from afar.
MAP_FILES: Final = {"map": ".npy", "minis": ".pack"}
# An index has a sketch where the gallery is large, and cells where the encoder tells them. One of
# an earlier version has no map, and lacks signatures: then copies are told only where the files are
# the same.
EXTRA_FILES: Final = {"sketch": ".npy", "cells": ".npy", "signatures": ".npy", **MAP_FILES}

# Above this, opening a bundle trusts a file's size: reading gigabytes would delay every start.
_VERIFY_BYTES: Final = 256_000_000

_EXPORT: Final = "python -m model export --job-dir JOB --out {bundle}"
INDEX_REMEDY: Final = "python -m model index FOLDER --bundle {bundle}"
CALIBRATION_REMEDY: Final = "python -m benchmarks.calibration PHOTOS --bundle {bundle}"

T = TypeVar("T")


class BundleError(CommandError):
    """A bundle that cannot be used. `part` says what of it, `remedy` what mends it."""

    def __init__(self, part: str, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} To mend it: {remedy}")
        self.part = part
        self.problem = problem
        self.remedy = remedy


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The model of a bundle. All from `trained` on is what the model card tells."""

    recipe: str
    dimensions: int
    code_shape: tuple[int, int, int]
    checkpoint_sha256: str
    loader_version: int
    trained: dict[str, Any] = {}
    measures: dict[str, float] = {}
    compared: tuple[Compared, ...] = ()
    worst: tuple[Weak, ...] = ()


class GalleryInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The index of a bundle: how many pictures, from where, and which encoder encoded them.

    linked: small pictures are shown from `root`, a path relative to the bundle. map: how the map
    was made, where there is one.
    """

    count: int
    root: str
    encoder_sha256: str
    title: str
    linked: bool = False
    map: MapInfo | None = None


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
    def sketch(self) -> Sketch | None:
        """What makes ranking a large gallery fast, mapped into memory; a small one has none."""
        if "sketch" not in self.manifest.files:
            return None
        values = np.load(self.path("sketch"), mmap_mode="r")
        return Sketch(values, self.manifest.model.dimensions)

    @cached_property
    def cells(self) -> Cells | None:
        """int8 (N, 16, d), for the second look, mapped into memory; not every index has them."""
        if "cells" not in self.manifest.files:
            return None
        cells: Cells = np.load(self.path("cells"), mmap_mode="r")
        return cells

    @cached_property
    def atlas(self) -> Atlas | None:
        """The map, mapped into memory; not every index has one."""
        gallery = self.manifest.gallery
        if gallery is None or gallery.map is None:
            return None
        return Atlas.open(self.path("map"), self.path("minis"), gallery.map)

    @cached_property
    def calibration(self) -> Calibration | None:
        """What similarities are worth; a model that nobody calibrated has none."""
        if "calibration" not in self.manifest.files:
            return None
        return Calibration.load(self.path("calibration"))

    @cached_property
    def signatures(self) -> Words | None:
        """uint64 (N, 10), what tells copies, mapped into memory; not every index has them."""
        if "signatures" not in self.manifest.files:
            return None
        signatures: Words = np.load(self.path("signatures"), mmap_mode="r")
        return signatures

    @cached_property
    def gallery(self) -> Gallery:
        """The records and thumbnails."""
        gallery = self.manifest.gallery
        root = self.folder / gallery.root if gallery else self.folder
        packs = [self.path(role) for role in pack_roles(self.manifest.files)]
        return Gallery(self.path("records"), packs, root)


def of_index(role: str) -> bool:
    """Whether a file of this role belongs to the index, not to the model."""
    return role not in MODEL_FILES | LEARNED_FILES


def pack_roles(files: Mapping[str, object]) -> list[str]:
    """Return the roles of the packs of thumbnails that are there, in their order.

    The first is "thumbnails"; an index that grew has "thumbnails-2" and so on behind it.
    """
    others = (pack_role(number) for number in itertools.count(1))
    return [PACK, *itertools.takewhile(files.__contains__, others)]


def pack_role(number: int) -> str:
    """Return the role of the pack with this number, from 0."""
    return f"{PACK}-{number + 1}" if number else PACK


def open_bundle(folder: Path, *, verify: bool = True, verified: Manifest | None = None) -> Bundle:
    """Return the bundle, whole and consistent, or raise BundleError.

    With `verify`, the content of every file up to 256 MB is compared with its hash; but for those
    of an earlier state of it, of which that was done already: files are never edited.
    """
    known = verified.files if verified is not None else {}
    manifest = read_manifest(folder)
    if manifest.gallery is None:
        fail(
            folder,
            "gallery",
            "has a model but no index: nothing can be searched yet.",
            INDEX_REMEDY,
        )
    for role, entry in manifest.files.items():
        _check_file(folder, role, entry, verify=verify and known.get(role) != entry)
    bundle = Bundle(folder, manifest, generation(folder))
    _check_belonging(bundle, manifest.gallery)
    return bundle


def read_manifest(folder: Path) -> Manifest:
    """Read and check `manifest.json` alone. Raises BundleError."""
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        fail(folder, "manifest", f"is missing: there is no {path}.", _EXPORT)
    except OSError as error:
        fail(folder, "manifest", f"cannot be read ({error.strerror}).", "make it readable")
    except msgspec.DecodeError as error:
        fail(folder, "manifest", f"has a damaged {MANIFEST} ({error}).", _EXPORT)
    if manifest.format_version != FORMAT_VERSION:
        problem = f"has format {manifest.format_version}, this program reads {FORMAT_VERSION}."
        fail(folder, "manifest", problem, _EXPORT)
    if manifest.model.loader_version != LOADER_VERSION:
        problem = "was made with another version of the image loader: its distances would be wrong."
        fail(folder, "model", problem, f"{_EXPORT}, then {INDEX_REMEDY}")
    for role in _missing_roles(manifest):
        fail(folder, role, f"names no {role} in its {MANIFEST}.", remedy(role))
    return manifest


def generation(folder: Path) -> str:
    """Return a short name of the bundle's present state; it changes with every publish."""
    return hash_of(folder / MANIFEST)[:12]


def hash_of(path: Path) -> str:
    """Return a file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _missing_roles(manifest: Manifest) -> list[str]:
    wanted = [*MODEL_FILES, *(INDEX_FILES if manifest.gallery else ())]
    return [role for role in wanted if role not in manifest.files]


def remedy(role: str) -> str:
    """Return the command that makes a file of this role; "{bundle}" in it is the folder."""
    if role == "calibration":
        return CALIBRATION_REMEDY
    return _EXPORT if role in MODEL_FILES | LEARNED_FILES else INDEX_REMEDY


def _check_file(folder: Path, role: str, entry: FileEntry, *, verify: bool) -> None:
    path = folder / entry.name
    size = _attempt(folder, role, lambda: path.stat().st_size)
    if size != entry.bytes:
        problem = f"has a damaged {role}: {entry.name} has {size} bytes, not {entry.bytes}."
        fail(folder, role, problem, remedy(role))
    small = entry.bytes <= _VERIFY_BYTES
    if verify and small and _attempt(folder, role, lambda: hash_of(path)) != entry.sha256:
        problem = f"has a damaged {role}: the content of {entry.name} was changed."
        fail(folder, role, problem, remedy(role))


def _check_belonging(bundle: Bundle, gallery: GalleryInfo) -> None:
    """Raise BundleError when parts that are whole each do not belong to one another."""
    manifest, folder = bundle.manifest, bundle.folder
    if gallery.encoder_sha256 != manifest.files["encoder"].sha256:
        fail(folder, "embeddings", "has an index that another model made.", INDEX_REMEDY)
    if manifest.model.checkpoint_sha256 != manifest.files["checkpoint"].sha256:
        fail(folder, "encoder", "has an encoder of another checkpoint.", _EXPORT)
    shape = _attempt(folder, "embeddings", lambda: bundle.embeddings.shape)
    if shape != (gallery.count, manifest.model.dimensions):
        problem = f"has {shape} embeddings, not ({gallery.count}, {manifest.model.dimensions})."
        fail(folder, "embeddings", problem, INDEX_REMEDY)
    sketch = _attempt(folder, "sketch", lambda: bundle.sketch)
    if sketch is not None and sketch.count != gallery.count:
        problem = f"has a sketch of {sketch.count} embeddings, not of {gallery.count}."
        fail(folder, "sketch", problem, INDEX_REMEDY)
    _check_cells(bundle, gallery)
    _check_map(bundle, gallery)
    _check_calibration(bundle)
    signatures = _attempt(folder, "signatures", lambda: bundle.signatures)
    if signatures is not None and signatures.shape != (gallery.count, WORDS):
        problem = f"has {signatures.shape} signatures, not ({gallery.count}, {WORDS})."
        fail(folder, "signatures", problem, INDEX_REMEDY)
    count = _attempt(folder, "records", lambda: bundle.gallery.count)
    if count != gallery.count:
        fail(folder, "records", f"has {count} records for {gallery.count} pictures.", INDEX_REMEDY)


def _check_cells(bundle: Bundle, gallery: GalleryInfo) -> None:
    cells = _attempt(bundle.folder, "cells", lambda: bundle.cells)
    height, width, _ = bundle.manifest.model.code_shape
    wanted = (gallery.count, height * width)
    if cells is not None and not (
        cells.dtype == np.int8 and cells.ndim == 3 and cells.shape[:2] == wanted
    ):
        problem = f"has cells {cells.shape} of {cells.dtype}, not {(*wanted, 'd')} of int8."
        fail(bundle.folder, "cells", problem, INDEX_REMEDY)


def _check_map(bundle: Bundle, gallery: GalleryInfo) -> None:
    if gallery.map is not None and not MAP_FILES.keys() <= bundle.manifest.files.keys():
        fail(bundle.folder, "map", f"names no map in its {MANIFEST}.", INDEX_REMEDY)
    atlas = _attempt(bundle.folder, "map", lambda: bundle.atlas)
    if atlas is not None and len(atlas.table) != gallery.count:
        problem = f"has a map of {len(atlas.table):,} pictures, not of {gallery.count:,}."
        fail(bundle.folder, "map", problem, INDEX_REMEDY)


def _check_calibration(bundle: Bundle) -> None:
    found = _attempt(bundle.folder, "calibration", lambda: bundle.calibration)
    dimensions = bundle.manifest.model.dimensions
    if found is not None and not (
        found.centres.ndim == 2
        and found.centres.shape[1] == dimensions
        and len(found.distinct) == len(RARITIES)
    ):
        problem = f"has a calibration of {found.centres.shape} centres, not of (K, {dimensions})."
        fail(bundle.folder, "calibration", problem, CALIBRATION_REMEDY)


def _attempt(folder: Path, role: str, action: Callable[[], T]) -> T:
    try:
        return action()
    except FileNotFoundError:
        fail(folder, role, f"lacks its {role} file.", remedy(role))
    except (OSError, ValueError) as error:
        fail(folder, role, f"has a {role} file that cannot be read ({error}).", remedy(role))


def fail(folder: Path, part: str, problem: str, remedy: str) -> NoReturn:
    """Raise the BundleError for a problem of one part; "{bundle}" in `remedy` is the folder."""
    command = remedy.format(bundle=folder)
    raise BundleError(part, f"The bundle {folder} {problem}", command)
