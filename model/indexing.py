"""Makes a bundle's index equal to the pictures of an origin: embeddings, records and thumbnails.

What did not change since the last index is not read; what is new is decoded once, by the one
loader, in one process per core, with the encoder beside the decoder in each, or on the workers of
a cluster (`model/cluster`). What is encoded goes
into a journal at once (`model/journal.py`), the next index is written beside the old one, and one
rename of the manifest puts it in place (`model/publishing.py`). So the process may be killed at any
moment: the old index or the new one is there, whole, and nothing has to be encoded twice.
"""

import errno
import shutil
import sqlite3
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from model import bundle as bundles
from model.assembling import IndexingError, Made, Sources, assemble
from model.bundle import GalleryInfo
from model.changes import Changes, compare
from model.descriptions import spaced, told_beside
from model.entries import Answer, Entry, Failure, Job, Work
from model.folders import FolderError, Listing, looked_up, nothing_in, written
from model.journal import Journal
from model.known import Known
from model.locking import holding
from model.origins import Folder, Origin
from model.planning import Plan, differs, plan
from model.pool import encoded_here
from model.progress import Progress
from model.publishing import publish_index, sweep

Failures = frozenset[tuple[str, str]]  # a path and a sentence each
Encoding = Callable[[Work], Iterator[tuple[int, Answer]]]
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass
class Outcome:
    """What became of an origin's files. `failed` holds a path and a sentence for each.

    generation: the name of the bundle's new state; "" where nothing changed.
    """

    indexed: int = 0
    unchanged: int = 0
    moved: int = 0
    removed: int = 0
    duplicates: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    generation: str = ""


def index_folder(
    folder: Path, bundle: Path, *, jobs: int | None = None, link: bool = False
) -> Outcome:
    """Make the index in `bundle` equal to the pictures of a folder; see `index_pictures`."""
    return index_pictures(Folder(folder), bundle, jobs=jobs, link=link)


def index_pictures(
    origin: Origin,
    bundle: Path,
    *,
    jobs: int | Encoding | None = None,
    link: bool = False,
    before: Failures | None = None,
) -> Outcome:
    """Make the index in `bundle` equal to the pictures of `origin`.

    A picture that cannot be read is reported and left out; of files with the same content the
    first by name counts. Nothing is published when nothing changed.

    jobs: processes that encode, 1 stands for this one alone; or what encodes instead of them
    (`on_cluster`).
    link: pictures that browsers show as they are stay in the folder, and are shown from there,
    instead of being copied into the bundle at about their own size.
    before: the failures that were told of before, of one round of many: then only others are told.

    Raises FolderError for a folder without pictures, or one that vanishes meanwhile, StoreError for
    an object store that cannot be used, BundleError for a bundle without a model, locking.Busy
    while another process indexes into the bundle, ClusterError for a cluster that cannot be used,
    and IndexingError when the disk is full or a worker here is killed. The old index stays then.
    """
    bundles.read_manifest(bundle)  # before anything is written there
    with holding(bundle) as work, room(bundle):
        how = jobs if callable(jobs) else partial(encoded_here, jobs)
        return _Run(origin, bundle, work, _Wanted(link, before)).done(how)


def index_some(folder: Path, bundle: Path, work: Path, paths: Collection[str]) -> Outcome:
    """Take some files of a folder, new, changed or gone, into its index; all else stays as it is.

    What else happened to the folder is not looked at: it may even be away. Whoever calls this
    `holding` the bundle's lock got `work` of it, and serves the bundle. paths: relative to the
    folder.

    Raises what `index_folder` raises, and FolderError for another folder than was indexed, or an
    index that cannot be gone on with.
    """
    gallery = bundles.read_manifest(bundle).gallery
    linked = gallery is not None and gallery.linked
    wanted = _Wanted(linked, only=partial(looked_up, folder, paths))
    return _Run(Folder(folder), bundle, work, wanted).done(partial(encoded_here, 1))


@contextmanager
def room(bundle: Path) -> Iterator[None]:
    """Turn what comes of a full disk into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _full(bundle) from None
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}:
            raise
        raise _full(bundle) from None


def _full(bundle: Path) -> IndexingError:
    return IndexingError(
        f"The disk that holds {bundle} is full. The old index stays, and what was encoded is kept: "
        "make room and run it again."
    )


class _Wanted(NamedTuple):
    """What a run is asked for, as `index_pictures` takes it. only: lists a part; None: all."""

    link: bool
    before: Failures | None = None
    only: Callable[[], Listing] | None = None


class _Run:
    """One run of the indexer."""

    def __init__(self, origin: Origin, bundle: Path, work: Path, wanted: "_Wanted") -> None:
        self._link, self._before, self._only = wanted
        self._origin = origin
        self._bundle = bundle
        self._manifest = bundles.read_manifest(bundle)
        self._scratch = work / "new"
        for left in filter(Path.is_dir, work.iterdir()):  # by a run that was killed
            shutil.rmtree(left)
        sweep(bundle, self._manifest)
        self._journal = Journal(work, self._manifest.files["encoder"].sha256, link=self._link)

    def done(self, how: Encoding) -> Outcome:
        """Do all of it."""
        try:
            outcome = self._indexed(how)
        finally:
            self._journal.close()
            shutil.rmtree(self._scratch, ignore_errors=True)
        # What a run that was killed has encoded is for the next one that looks at everything.
        if self._only is None or not self._journal.taken_up:
            self._journal.drop()
        return outcome

    def _indexed(self, how: Encoding) -> Outcome:
        # Whoever serves the bundle has compared its files with their hashes already.
        verify = self._only is None
        known = Known(self._bundle, self._origin, link=self._link, verify=verify)
        listing = self._listing(known)
        paths = [file.path for file in listing.files]
        told, notes = told_beside(self._origin, paths, few=self._only is not None)
        changes = compare(self._origin, listing, told, known, self._journal)
        progress = Progress("indexed", len(changes.unknown()))
        for name, sentence in sorted([*listing.failed, *changes.failures(), *notes]):
            self._complain(progress, name, sentence)
        self._encode(changes, how, progress)
        self._origin.require(listing)
        rows = plan(changes, known)
        if not len(rows.files):
            raise FolderError(
                f"None of the {len(changes.files):,} pictures in {self._origin} can be read."
            )
        outcome = _counted(changes, rows, known, listing)
        if differs(rows, changes, known):
            self._scratch.mkdir()
            sources = Sources(rows, changes, known, self._journal)
            made = assemble(sources, self._scratch, self._manifest.model.dimensions)
            self._publish(made, len(rows.files))
            outcome.generation = bundles.generation(self._bundle)
        return outcome

    def _listing(self, known: Known) -> Listing:
        """List what is looked at."""
        if self._only is not None:
            if not known.whole:
                raise FolderError(
                    f"The index of {self._origin} cannot be gone on with. This makes another: "
                    f"{bundles.INDEX_REMEDY.format(bundle=self._bundle)}"
                )
            return self._only()
        listing = self._origin.listed()
        if not listing.files and not listing.closed:
            raise nothing_in(self._origin)
        if listing.links and self._before is None:
            print(_links(listing.links), file=sys.stderr)
        return listing

    def _encode(self, changes: Changes, how: Encoding, progress: Progress) -> None:
        """Encode what is not known, and put it into the journal."""
        numbers = changes.unknown()
        if (taken := self._journal.taken_up) and self._only is None:
            progress.note(f"{taken:,} pictures were encoded by a run that did not end: kept.")
        if not numbers:
            return
        encoder = self._manifest.files["encoder"]
        jobs = ((number, self._job(changes, number)) for number in numbers)
        work = Work(jobs, len(numbers), self._bundle / encoder.name, encoder.sha256)
        for number, entry in how(work):
            if isinstance(entry, Failure):
                self._complain(progress, changes.names[number], entry.sentence)
            if isinstance(entry, Entry) and entry.note:
                self._complain(progress, changes.names[number], entry.note)
            self._note(changes, number, entry)
            progress.step()
        if self._before is None and self._only is None:
            progress.finish()
        else:
            progress.clear()

    def _complain(self, progress: Progress, name: str, sentence: str) -> None:
        told = self._only is not None or (name, sentence) in (self._before or ())
        if not told:
            progress.note(f"{name}: {sentence}")

    def _job(self, changes: Changes, number: int) -> Job:
        return Job(self._origin, changes.files[number], dict(changes.told(number)), self._link)

    def _note(self, changes: Changes, number: int, entry: Answer) -> None:
        if entry is None:
            changes.gone.add(number)
        elif isinstance(entry, Failure) and entry.lasting:
            changes.refuse(number, entry.sentence, entry.modified_ns)
        elif isinstance(entry, Failure):
            changes.fail(number, entry.sentence)
        else:
            if entry.record.sha256 not in self._journal:
                self._journal.add(entry)
            changes.keep(number, entry.record.sha256, entry.record.modified_ns)

    def _publish(self, made: Made, count: int) -> None:
        """Put the new index in the place of the old one."""
        gallery = GalleryInfo(
            count=count,
            root=self._origin.root(self._bundle),
            encoder_sha256=self._manifest.files["encoder"].sha256,
            title=spaced(self._origin.title),
            linked=self._link,
            map=made.map,
        )
        publish_index(self._bundle, made.files, gallery)


def _links(links: list[str]) -> str:
    count = "1 link" if len(links) == 1 else f"{len(links):,} links"
    return f"Not followed: {count} to a folder, such as {written(links[0])}."


def _counted(changes: Changes, rows: Plan, known: Known, listing: Listing) -> Outcome:
    old = rows.rows >= 0
    own, retold = changes.own[rows.files], changes.retold[rows.files]
    unused = np.ones(known.count, np.bool_)
    unused[rows.rows[old]] = False
    return Outcome(
        indexed=int(np.count_nonzero(~old | retold)),
        unchanged=int(np.count_nonzero(old & own & ~retold)),
        moved=int(np.count_nonzero(old & ~own)),
        removed=int(np.count_nonzero(unused & ~changes.present)),
        duplicates=len(rows.elsewhere),
        failed=sorted([*listing.failed, *changes.failures()]),
    )


def timed(how: Encoding, seconds: float) -> Encoding:
    """Return what encodes as `how` does, and leaves out a picture that takes longer to decode."""

    def encode(work: Work) -> Iterator[tuple[int, Answer]]:
        jobs = ((number, replace(job, seconds=seconds)) for number, job in work.jobs)
        return how(replace(work, jobs=jobs))

    return encode


def on_cluster(address: str) -> Encoding:
    """Return what encodes on the workers of the Dask scheduler at this address.

    Raises IndexingError where Dask is not installed.
    """
    try:
        from model.cluster import encoded_on  # noqa: PLC0415 - only this needs Dask
    except ModuleNotFoundError as error:
        raise IndexingError(
            f"--cluster needs {error.name}: requirements-cluster.txt has it. Without --cluster all "
            "is done on this machine."
        ) from error
    return partial(encoded_on, address)
