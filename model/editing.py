"""Changes a gallery picture by picture, as the server does when it is asked to.

A change begins in the folder that was indexed (`model/edited_folder.py`), so that the next `index`
finds everything as it is: a new picture becomes a file of the folder `uploaded` in it, words go
into an `edits.json` beside the picture, what is removed is deleted. Then just that is taken into
the index, which makes a generation. All of it happens under the bundle's lock; what fails is
undone.
"""

import errno
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from model import bundle as bundles
from model.bundle import Bundle, open_bundle
from model.edited_folder import EditedFolder, NotChanged, Unavailable, Upload, Words, is_ours
from model.folders import FolderError, path_of
from model.gallery import Gallery, Record
from model.indexing import index_some, room
from model.locking import Busy, holding
from model.origins.opening import folder_at
from model.ranking import IndexUnavailable
from model.ranking.collection import EngineError
from model.ranking.opening import EMBEDDED, follow

_CLOSED: Final = (errno.EACCES, errno.EPERM, errno.EROFS)
_PROBED: Final = 16  # pictures that are looked for, before it is said that none is there


class Added(NamedTuple):
    """What became of pictures. ids: in their order. new: those that were not there before.

    generation: of the bundle; "" where nothing had to change.
    """

    generation: str
    ids: list[str]
    new: list[Record]


class Changed(NamedTuple):
    """What became of a picture. generation: as of `Added`."""

    generation: str
    record: Record


def add(bundle: Path, uploads: Sequence[Upload], patience: float) -> Added:
    """Put pictures into a gallery; those that it has already stay as they are.

    uploads: pictures that can be decoded. patience: seconds to wait for others who write. Raises
    Unavailable, locking.Busy, and IndexingError for a full disk: nothing is changed then.
    """
    with _changing(bundle, patience) as change:
        contents = {_hash_of(each.content): each for each in uploads}
        new = [sha256 for sha256 in contents if not change.gallery.find_content(sha256)]
        for sha256 in new:
            change.folder.add(sha256, contents[sha256])
        generation = change.publish()
        found = {each: change.gallery.find_content(each) for each in contents}
        ids = [record.id for record in found.values() if record is not None]
        return Added(generation, ids, list(filter(None, map(found.get, new))))


def tell(bundle: Path, identifier: str, words: Words, patience: float) -> Changed | None:
    """Change fields of a picture's record; None where there is no such picture.

    words: by field; None or "" takes back what was told so, and then the picture's file and what
    lies beside it are believed again. Raises what `add` raises, and NotChanged.
    """
    with _changing(bundle, patience) as change:
        if (record := change.gallery.find(identifier)) is None:
            return None
        change.folder.tell(change.folder.file_of(record), words)
        generation = change.publish()
        # Its file may have been another by now, and then so is its id.
        return Changed(generation, change.gallery.find_path(record.path) or record)


def remove(bundle: Path, identifier: str, patience: float) -> Changed | None:
    """Delete a picture that was uploaded; None where there is no such picture.

    Raises what `add` raises, and NotChanged for a picture that is not ours to delete.
    """
    with _changing(bundle, patience) as change:
        if (record := change.gallery.find(identifier)) is None:
            return None
        _require_removable(change.gallery, record)
        change.folder.remove(change.folder.file_of(record))
        return Changed(change.publish(), record)


def catch_up(bundle: Path, index: str, token: str, patience: float) -> None:
    """Let the index where is ranked follow a bundle that was changed; its own has done so already.

    index, token: as `open_index` takes them. Raises EngineError, which tells what takes the change
    over, where it cannot.
    """
    if index == EMBEDDED:
        return
    try:
        with holding(bundle, patience=patience):
            follow(index, open_bundle(bundle, verify=False), token)
    except (IndexUnavailable, Busy) as error:
        remedy = f"python -m model move --to {index} --bundle {bundle}"
        raise EngineError(f"{error} Then take over what was changed: {remedy}") from error


class _Change:
    """One change, while the lock is held."""

    def __init__(self, bundle: Path, work: Path, undo: ExitStack) -> None:
        self._bundle = bundle
        self._work = work
        self._held = open_bundle(bundle, verify=False)
        self._place = _folder_of(self._held)
        self.folder = EditedFolder(self._place, undo)

    @property
    def gallery(self) -> Gallery:
        """The records, as they are now."""
        return self._held.gallery

    def publish(self) -> str:
        """Take the files into the index; return its generation, or "" where nothing changed."""
        paths = self.folder.paths
        if not paths:
            return ""
        outcome = index_some(self._place, self._bundle, self._work, paths)
        failed = [f"{self._place / name}: {why}" for name, why in outcome.failed if name in paths]
        if failed:
            raise Unavailable(failed[0])
        self._held = open_bundle(self._bundle, verify=False)
        return outcome.generation


@contextmanager
def _changing(bundle: Path, patience: float) -> Iterator[_Change]:
    """Hold the lock; where something fails, undo what was done to the folder."""
    with _available(bundle), holding(bundle, patience=patience) as work, room(bundle):
        with ExitStack() as undo:
            change = _Change(bundle, work, undo)
            yield change
            undo.pop_all()
        change.folder.finish()


@contextmanager
def _available(bundle: Path) -> Iterator[None]:
    """Tell of a folder that is not there, or cannot be written, with a sentence."""
    try:
        yield
    except FolderError as error:
        raise Unavailable(str(error)) from error
    except OSError as error:
        if error.errno not in _CLOSED:
            raise
        raise Unavailable(
            f"{error.filename or bundle} cannot be written: {error.strerror}. Whoever runs the "
            f"server must be allowed to write into the bundle {bundle} and into the folder of its "
            "pictures."
        ) from error


def _hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _folder_of(bundle: Bundle) -> Path:
    """Return the folder that was indexed. Raises Unavailable where its pictures are not there.

    The place where a drive is mounted stays when the drive is away, and is another folder then.
    """
    root = bundle.manifest.gallery.root if bundle.manifest.gallery else ""
    folder = folder_at(root, bundle.folder)
    if folder is None:
        raise Unavailable(
            f"The pictures of the gallery lie in {root}. Only what was indexed from a folder can "
            "be changed through the server: change the objects there, and index again."
        )
    count = bundle.gallery.count
    rows = range(0, count, -(-count // _PROBED))
    paths = (path_of(record.path) for record in bundle.gallery.records(rows))
    if not any((folder / path).is_file() for path in paths):
        raise Unavailable(
            f"The pictures of the gallery are not in {folder}, from which it was indexed. Mount "
            f"or bring back that folder, or index it where it is now: "
            f"{bundles.INDEX_REMEDY.format(bundle=bundle.folder)}"
        )
    return folder


def _require_removable(gallery: Gallery, record: Record) -> None:
    if not is_ours(record):
        raise NotChanged(
            "This picture was not uploaded: it lies in the folder that was indexed. Delete it "
            "there, and index the folder again."
        )
    if gallery.elsewhere([record.row]):
        raise NotChanged(
            "The same file lies in the folder that was indexed a second time. Delete that one "
            "there, and index the folder again."
        )
    if gallery.count == 1:
        raise NotChanged(
            "This is the last picture, and a gallery has one at least. Add another one first."
        )
