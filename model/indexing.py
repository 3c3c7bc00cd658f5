"""Makes a bundle's index equal to a folder of pictures: embeddings, records and thumbnails.

Every file is decoded once, by the one loader, in one process per core; the encoder runs beside the
decoder in each. What did not change since the last index is taken over, not decoded again.
"""

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from model import bundle as bundles
from model.bundle import Bundle, BundleError, GalleryInfo
from model.command import CommandError
from model.copies import WORDS
from model.descriptions import describe, spaced, told_in
from model.duplicates import find_groups
from model.encoder import Encoder
from model.entries import Entry, Job, encode_file, workers
from model.folders import FolderError, pictures_in
from model.gallery import BOXES, GalleryWriter, Record
from model.hamming import Words
from model.mapping.atlas import TABLE, Atlas, MapInfo, MiniWriter, save
from model.mapping.making import placed
from model.mapping.minis import mini_from
from model.progress import Progress
from model.publishing import publish_index
from model.second_look import DIMENSIONS, Cells
from model.sketch import Sketch

T = TypeVar("T")
R = TypeVar("R")


class IndexingError(CommandError):
    """Indexing had to stop; its text says why, and that the old index is still there."""


@dataclass
class Outcome:
    """What became of a folder's files. `failed` holds a path and a sentence for each."""

    indexed: int = 0
    unchanged: int = 0
    removed: int = 0
    duplicates: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def index_folder(
    folder: Path, bundle: Path, *, jobs: int | None = None, link: bool = False
) -> Outcome:
    """Make the index in `bundle` equal to the pictures of `folder`.

    A picture that cannot be read is reported and left out; of files with the same content the
    first by name counts. Nothing is published when nothing changed.

    link: pictures that browsers show as they are stay in the folder, and are shown from there,
    instead of being copied into the bundle at about their own size.

    Raises FolderError for a folder without pictures, BundleError for a bundle without a model.
    """
    manifest = bundles.read_manifest(bundle)
    files = pictures_in(folder)
    told = told_in(folder)
    known = _Known(bundle, folder, link=link)
    outcome = Outcome()
    paths = [path.relative_to(folder).as_posix() for path in files]
    work = [Job(folder, path, told.get(path, {}), link) for path in paths]
    with tempfile.TemporaryDirectory(dir=bundle, prefix=".index-") as scratch:
        pool = workers(bundle / manifest.files["encoder"].name, jobs)
        parts = _Parts(Path(scratch), len(work), manifest.model.dimensions)
        _fill(parts, work, known, outcome, pool)
        outcome.removed = known.count - outcome.unchanged - len(known.replaced)
        if not parts.count:
            raise FolderError(f"None of the {len(work):,} pictures in {folder} can be read.")
        same = outcome.unchanged == known.count and parts.elsewhere == known.elsewhere
        if outcome.indexed or not same:
            parts.map(known.places())
            _publish(bundle, folder, parts, manifest.files["encoder"].sha256, linked=link)
    return outcome


class _Known:
    """What an earlier index of the same folder, by the same encoder, holds already."""

    def __init__(self, bundle: Path, folder: Path, *, link: bool) -> None:
        self._bundle = self._usable(bundle, folder, link=link)
        self.count = self._bundle.gallery.count if self._bundle else 0
        self.elsewhere = self._bundle.gallery.all_elsewhere() if self._bundle else set()
        self.replaced: set[str] = set()

    @staticmethod
    def _usable(bundle: Path, folder: Path, *, link: bool) -> Bundle | None:
        """Return the bundle's index, or None where it is missing, damaged, or of another kind."""
        with suppress(BundleError):
            found = bundles.open_bundle(bundle)
            gallery = found.manifest.gallery
            if gallery is None or gallery.linked != link or _other_cells(found):
                return None
            if found.signatures is None or not found.gallery.knows_copies:
                return None
            if (bundle / gallery.root).resolve() == folder.resolve():
                return found
        return None

    def find(self, job: Job) -> Entry | None:
        """Return the entry of a file whose size and time did not change, as it is told of now."""
        record = self._bundle.gallery.find_path(job.name) if self._bundle else None
        if self._bundle is None or record is None:
            return None
        now = describe(record, job.told)
        if now == record and _same_file(record, job.root / job.path):
            return self._entry(self._bundle, record, record)
        self.replaced.add(job.name)
        if not _same_file(record, job.root / job.path):
            return None
        return self._entry(self._bundle, record, msgspec.structs.replace(now, row=-1))

    def places(self) -> tuple[Atlas, list[str]] | None:
        """Return the map of the earlier index, and its ids by row, or None where it has none."""
        if self._bundle is None or self._bundle.atlas is None:
            return None
        return self._bundle.atlas, self._bundle.gallery.identifiers()

    @staticmethod
    def _entry(bundle: Bundle, old: Record, new: Record) -> Entry:
        small, large = (bundle.gallery.stored(old, size) for size in BOXES)
        cells = None if bundle.cells is None else bundle.cells[old.row]
        kept = bundle.signatures
        signature = np.zeros(WORDS, np.uint64) if kept is None else kept[old.row]
        mini = mini_from(small) if bundle.atlas is None else bundle.atlas.mini(old.row)
        return Entry(new, bundle.embeddings[old.row], cells, signature, small, large, mini)


def _other_cells(bundle: Bundle) -> bool:
    """Whether the index lacks cells that the encoder tells, or keeps another part of them."""
    kept = 0 if bundle.cells is None else bundle.cells.shape[-1]
    wanted = min(bundle.manifest.model.dimensions, DIMENSIONS)
    return kept != (wanted if Encoder(bundle.path("encoder")).tells_cells else 0)


class _Parts:
    """The files of a new index while they are written."""

    def __init__(self, folder: Path, most: int, dimensions: int) -> None:
        self._folder = folder
        self.files = {role: folder / role for role in bundles.INDEX_FILES}
        self.count = 0
        self._embeddings = np.empty((most, dimensions), np.float32)
        self._cells: Cells | None = None  # as many as embeddings, once there is one
        self._most = most
        self._signatures = np.empty((most, WORDS), np.uint64)
        self._rows: dict[str, int] = {}  # by id, in their order
        self._sizes: list[tuple[int, int]] = []  # pixels and bytes
        # Ids, and the paths of files that were left out for them.
        self.elsewhere: set[tuple[str, str]] = set()
        self._gallery = GalleryWriter(self.files["records"], self.files["thumbnails"])
        self.files["minis"] = folder / "minis"
        self._minis = MiniWriter(self.files["minis"], most)
        self._table = np.empty(0, TABLE)  # of the map, without places
        self.drawn: MapInfo | None = None

    def add(self, entry: Entry) -> bool:
        """Append an entry; return False for content that is there already."""
        if entry.record.id in self._rows:
            self.elsewhere.add((entry.record.id, entry.record.path))
            return False
        self._rows[entry.record.id] = self.count
        self._sizes.append((entry.record.width * entry.record.height, entry.record.bytes))
        record = msgspec.structs.replace(entry.record, row=self.count)
        self._embeddings[self.count] = entry.embedding
        self._signatures[self.count] = entry.signature
        if entry.cells is not None:
            if self._cells is None:
                self._cells = np.empty((self._most, *entry.cells.shape), np.int8)
            self._cells[self.count] = entry.cells
        self._gallery.add(record, entry.small, entry.large)
        self._minis.add(entry.mini)
        self.count += 1
        return True

    def close(self) -> None:
        """Finish the files. Raises IndexingError when the encoder gave no usable numbers."""
        elsewhere = [(self._rows[identifier], path) for identifier, path in self.elsewhere]
        self._gallery.tell_copies(self._copies({row for row, _ in elsewhere}), elsewhere)
        self._gallery.close()
        self._table = self._minis.close()
        if not np.isfinite(self._embeddings[: self.count]).all():
            raise IndexingError(
                "The encoder of this bundle gives embeddings that are not finite numbers. "
                "Its training diverged: train it again, and export."
            )
        self._save("embeddings", self._embeddings[: self.count])
        self._save("signatures", self._signatures[: self.count])
        sketch = Sketch.of(self._embeddings[: self.count])
        if sketch is not None:
            self._save("sketch", sketch.values)
        if self._cells is not None:
            self._save("cells", self._cells[: self.count])

    def map(self, known: tuple[Atlas, list[str]] | None) -> None:
        """Give every picture its place on the map."""
        cells, self.drawn = placed(self._embeddings[: self.count], list(self._rows), known)
        self.files["map"] = self._folder / "map"
        save(self._table, cells, self.files["map"])

    def _copies(self, several: set[int]) -> list[list[int]]:
        """Return the groups of copies, the largest of each first.

        several: the rows that lie in several files; one that has no other copy is a group, too.
        """
        groups = find_groups(self._signatures[: self.count])
        groups += [[row] for row in several.difference(*groups)]
        largest = [sorted(each, key=lambda row: self._sizes[row], reverse=True) for each in groups]
        return sorted(largest, key=min)

    def _save(self, role: str, values: NDArray[np.float32] | Cells | Words) -> None:
        self.files[role] = self._folder / role
        with self.files[role].open("wb") as file:
            np.save(file, values)


def _fill(
    parts: _Parts, work: list[Job], known: _Known, outcome: Outcome, pool: ProcessPoolExecutor
) -> None:
    progress = Progress("indexed", len(work))
    with pool:
        for job, entry in _encoded(pool, work, known):
            if isinstance(entry, str):
                progress.note(f"{job.name}: {entry}")
            _count(outcome, job, entry, added=isinstance(entry, Entry) and parts.add(entry))
            progress.step()
    parts.close()
    progress.finish()


def _count(outcome: Outcome, job: Job, entry: Entry | str, *, added: bool) -> None:
    if isinstance(entry, str):
        outcome.failed.append((job.name, entry))
    elif not added:
        outcome.duplicates += 1
    elif entry.record.row >= 0:
        outcome.unchanged += 1
    else:
        outcome.indexed += 1


def _encoded(
    pool: ProcessPoolExecutor, work: Iterable[Job], known: _Known
) -> Iterator[tuple[Job, Entry | str]]:
    """Yield each file's entry, or the sentence that says why it has none, in the files' order."""

    def begin(job: Job) -> tuple[Job, Entry | Future[Entry | str]]:
        return job, known.find(job) or pool.submit(encode_file, job)

    for job, found in _ahead(begin, work, count=64):
        try:
            yield job, found.result() if isinstance(found, Future) else found
        except BrokenProcessPool:
            raise IndexingError(
                f"A worker process was killed near {job.name}, most likely for want of memory. "
                "Nothing was changed. Try again with --jobs 1, or without that picture."
            ) from None


def _ahead(action: Callable[[T], R], items: Iterable[T], *, count: int) -> Iterator[R]:
    """Yield action(item) in order, having begun `count` of them ahead: memory stays flat."""
    begun: deque[R] = deque()
    for item in items:
        begun.append(action(item))
        if len(begun) >= count:
            yield begun.popleft()
    yield from begun


def _same_file(record: Record, path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return (record.bytes, record.modified_ns) == (status.st_size, status.st_mtime_ns)


def _publish(
    bundle: Path,
    folder: Path,
    parts: _Parts,
    encoder_sha256: str,
    *,
    linked: bool,
) -> None:
    """Put the new index in the place of the old one."""
    gallery = GalleryInfo(
        count=parts.count,
        root=os.path.relpath(folder.resolve(), bundle.resolve()),
        encoder_sha256=encoder_sha256,
        title=spaced(folder.resolve().name),
        linked=linked,
        map=parts.drawn,
    )
    publish_index(bundle, parts.files, gallery)
