"""What became of a folder since its last index: found by sizes and times, and by content in doubt.

A file whose path, size and time are those of the index is not opened. Any other is compared by its
content where some content of its size is known: one that was moved, copied or touched is found so,
and is not decoded again.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import numpy as np

from model.descriptions import describe
from model.folders import File, Listing, path_of, written
from model.gallery import Record
from model.gallery_writing import Unreadable
from model.journal import Journal
from model.known import Known
from model.origins import Origin
from model.progress import Progress
from model.reading import IN_DOUBT, Content, Gone, Unread

Told = Mapping[str, Mapping[str, Any]]

_NONE: Final = -1
_TOGETHER: Final = 64  # files that threads compare before the next ones are begun


class Changes:
    """Each of n files of a folder, and what is known of it. Arrays are (n,), by a file's number.

    files, names: in the order of their paths; names as records have them.
    rows: int64, the row of the earlier index that has the file's content, or -1.
    own: bool, whether that row's record tells of this very file.
    retold: bool, whether that record says something else of it than what is told now.
    recorded: int64, the time of change that the earlier index has for the file; IN_DOUBT for none.
    times: int64, the one that the next will have.
    contents: the SHA-256 of content that lies in the journal, by number.
    gone: the numbers of files that vanished since they were listed.
    failed: a sentence for each that cannot be used, by number; lasting: those of them that are no
    pictures, whenever they are tried.
    present: bool (N,), the rows of the earlier index whose files are there still.

    only: the names of which is known what is told now; None: all. Of others it is what it was.
    """

    def __init__(
        self, files: list[File], told: Told, known: Known, only: frozenset[str] | None
    ) -> None:
        count = len(files)
        self.files = files
        self.names = [written(file.path) for file in files]
        self._only = only
        self._told = told
        self.rows = np.full(count, _NONE, np.int64)
        self.own = np.zeros(count, np.bool_)
        self.retold = np.zeros(count, np.bool_)
        self.recorded = np.full(count, IN_DOUBT, np.int64)
        self.times = np.zeros(count, np.int64)
        self.contents: dict[int, str] = {}
        self.gone: set[int] = set()
        self.failed: dict[int, str] = {}
        self.lasting: list[Unreadable] = []
        self.present = np.zeros(known.count, np.bool_)

    def told(self, number: int) -> Mapping[str, Any]:
        """Return what is told about a file."""
        return self._told.get(self.files[number].path, {})

    def unknown(self) -> list[int]:
        """Return the numbers of the files of which nothing is known yet."""
        settled = self.contents.keys() | self.gone | self.failed.keys()
        return [each for each in np.flatnonzero(self.rows < 0).tolist() if each not in settled]

    def failures(self) -> list[tuple[str, str]]:
        """Return name and sentence of each file that cannot be used."""
        return [(self.names[number], sentence) for number, sentence in self.failed.items()]

    def find(self, number: int, record: Record, modified_ns: int) -> None:
        """Note that a file has the content of this record."""
        self.rows[number] = record.row
        self.times[number] = modified_ns
        self.own[number] = record.path == self.names[number]
        asked = self._only is None or self.names[number] in self._only
        told = asked and self.own[number]
        self.retold[number] = told and describe(record, self.told(number)) != record

    def keep(self, number: int, sha256: str, modified_ns: int) -> None:
        """Note that a file has content that lies in the journal."""
        self.contents[number] = sha256
        self.times[number] = modified_ns

    def fail(self, number: int, sentence: str) -> None:
        """Note that a file cannot be used now."""
        self.failed[number] = sentence

    def refuse(self, number: int, sentence: str, modified_ns: int) -> None:
        """Note that a file is no picture, and will not be one as long as it is the same."""
        self.failed[number] = sentence
        if modified_ns != IN_DOUBT:
            told = self.names[number], self.files[number].bytes, modified_ns, sentence
            self.lasting.append(Unreadable(*told))


def compare(
    origin: Origin, listing: Listing, told: Told, known: Known, journal: Journal
) -> Changes:
    """Find what is known of the files of an origin; no picture is decoded."""
    changes = Changes(_with_kept(listing, known), told, known, listing.only)
    _match_times(changes, known)
    _match_contents(changes, origin, known, journal)
    return changes


def _with_kept(listing: Listing, known: Known) -> list[File]:
    """Return the files, and those that are known and were not looked at.

    These were not wanted, or their folders cannot be listed now: whether they are still there
    cannot be seen, so they stay in the index as they were.
    """
    if not listing.closed and listing.only is None:
        return listing.files
    before = [(each.path, each.bytes, each.modified_ns) for each in known.records()]
    before += [(name, int(known.sizes[row]), time) for row, name, time in known.same_files()]
    before += [(name, size, time) for name, size, time, _ in known.unreadable()]
    kept = (File(path_of(name), *state) for name, *state in before if _unseen(listing, name))
    return sorted([*listing.files, *kept], key=lambda file: file.path.split("/"))


def _unseen(listing: Listing, name: str) -> bool:
    """Whether the listing cannot tell if there is a file of this name."""
    if listing.only is not None:
        return name not in listing.only
    return name.startswith(tuple(f"{written(place)}/" for place in listing.closed))


def _match_times(changes: Changes, known: Known) -> None:
    """Find the files whose path, size and time the earlier index has."""
    places = {name: number for number, name in enumerate(changes.names)}

    def same(name: str, size: int, modified_ns: int) -> int | None:
        number = places.get(name)
        if number is None:
            return None
        changes.recorded[number] = modified_ns
        state = changes.files[number][1:]
        return number if (size, modified_ns) == state else None

    for record in known.records():
        changes.present[record.row] = record.path in places
        if record.embedded is None:  # by an earlier version, which did not look
            continue
        if (number := same(record.path, record.bytes, record.modified_ns)) is not None:
            changes.find(number, record, record.modified_ns)
    for row, name, modified_ns in known.same_files():
        if (number := same(name, int(known.sizes[row]), modified_ns)) is not None:
            changes.rows[number], changes.times[number] = row, modified_ns
    for name, size, modified_ns, sentence in known.unreadable():
        if (number := same(name, size, modified_ns)) is not None:
            changes.refuse(number, sentence, modified_ns)


def _match_contents(changes: Changes, origin: Origin, known: Known, journal: Journal) -> None:
    """Find the files whose content the earlier index has, or the journal of an unfinished one."""
    sizes = journal.sizes.union(known.sizes.tolist())
    wanted = [each for each in changes.unknown() if changes.files[each].bytes in sizes]
    progress = Progress("compared", len(wanted))
    for number, found in _digests(origin, changes.files, wanted):
        if found is None:
            changes.gone.add(number)
        elif isinstance(found, str):
            changes.fail(number, found)
        elif record := known.holding(found.made):
            changes.find(number, record, found.modified_ns)
        elif found.made in journal:
            changes.keep(number, found.made, found.modified_ns)
        progress.step()


def _digests(
    origin: Origin, files: list[File], wanted: list[int]
) -> Iterator[tuple[int, Content[str] | str | None]]:
    """Yield what `_digest` tells of each of the files wanted, several at a time."""
    with ThreadPoolExecutor(max(origin.readers, os.cpu_count() or 1)) as pool:
        for start in range(0, len(wanted), _TOGETHER):
            part = wanted[start : start + _TOGETHER]
            meant = [files[number] for number in part]
            yield from zip(part, pool.map(partial(_digest, origin), meant), strict=True)


def _digest(origin: Origin, file: File) -> Content[str] | str | None:
    """Return the SHA-256 of a file; a sentence where it cannot be read, None where it is gone."""
    try:
        return origin.taken(file, lambda file: hashlib.file_digest(file, "sha256").hexdigest())
    except Gone:
        return None
    except Unread as error:
        return str(error)
