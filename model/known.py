"""What an earlier index of the same origin, by the same encoder, holds already."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from model import bundle as bundles
from model.bundle import Bundle, BundleError
from model.encoder import Encoder
from model.gallery import Record
from model.mapping.atlas import Atlas
from model.origins import Origin
from model.second_look import DIMENSIONS


class Known:
    """An earlier index, or none where there is none to go on from.

    bundle: None where it is missing, damaged, of another origin or of another kind. count: how many
    pictures it has. ids: theirs, by row.
    """

    def __init__(self, bundle: Path, origin: Origin, *, link: bool, verify: bool = True) -> None:
        """verify: whether the content of its files is compared with their hashes."""
        self.bundle = _usable(bundle, origin, link=link, verify=verify)
        self.ids = self.bundle.gallery.identifiers() if self.bundle else []
        self.count = len(self.ids)
        self.sizes = np.zeros(self.count, np.int64)  # of the files in bytes, by row

    @property
    def required(self) -> Bundle:
        """The earlier index, where something is known of it."""
        if self.bundle is None:
            raise LookupError("There is no earlier index.")
        return self.bundle

    @property
    def whole(self) -> bool:
        """Whether there is an index, of a version that looked into every picture."""
        return bool(self.count) and self.required.gallery.record(0).embedded is not None

    def records(self) -> Iterator[Record]:
        """Yield the records in the order of their rows, and note the sizes of their files."""
        for record in self.bundle.gallery.every() if self.bundle else ():
            self.sizes[record.row] = record.bytes
            yield record

    def holding(self, sha256: str) -> Record | None:
        """Return the record of this content, or None; one without what is embedded is none."""
        found = self.bundle.gallery.find_content(sha256) if self.bundle else None
        return found if found is not None and found.embedded is not None else None

    def content_of(self, identifier: str) -> str | None:
        """Return the SHA-256 of the content that has this id, or None."""
        found = self.bundle.gallery.find(identifier) if self.bundle else None
        return None if found is None else found.sha256

    def same_files(self) -> list[tuple[int, str, int]]:
        """Return the files that have the content of another; see `Gallery.same_files`."""
        return self.bundle.gallery.same_files() if self.bundle else []

    def unreadable(self) -> list[tuple[str, int, int, str]]:
        """Return the files that are no pictures; see `Gallery.unreadable`."""
        return self.bundle.gallery.unreadable() if self.bundle else []

    def map(self) -> tuple[Atlas, list[str]] | None:
        """Return the map, and the ids by row, or None where there is none."""
        atlas = self.bundle.atlas if self.bundle else None
        return None if atlas is None else (atlas, self.ids)


def _usable(bundle: Path, origin: Origin, *, link: bool, verify: bool) -> Bundle | None:
    with suppress(BundleError):
        found = bundles.open_bundle(bundle, verify=verify)
        gallery = found.manifest.gallery
        if gallery is None or gallery.linked != link or _other_cells(found):
            return None
        if found.signatures is None or not found.gallery.knows_copies:
            return None
        if origin.is_root(gallery.root, bundle):
            return found
    return None


def _other_cells(bundle: Bundle) -> bool:
    """Whether the index lacks cells that the encoder tells, or keeps another part of them."""
    if bundle.cells is None:
        return Encoder(bundle.path("encoder")).tells_cells
    wanted = min(bundle.manifest.model.dimensions, DIMENSIONS)
    return bool(bundle.cells.shape[-1] != wanted)
