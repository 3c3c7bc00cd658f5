"""Handing pictures out to the workers of a cluster, a batch at a time, and taking the answers.

A batch may be done twice, where a worker was killed or is slow; it is answered once. What a worker
says that it does not see is looked for here, and sent to one; or encoded here, at the end, where it
is too large for that. What kills its worker again and again is given out once more when all others
are done, alone, so that it takes nothing else along.
"""

import sys
import time
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from model.cluster.at_work import Order, Parcel, carried, encode_batch
from model.cluster.connecting import Cluster, Killed, Task
from model.cluster.program import fingerprint
from model.encoder import Encoder
from model.entries import Answer, Entry, Failure, Job, Work, encode
from model.reading import Content, Gone, Unread
from model.scans import AT_ONCE_BYTES

_TOGETHER: Final = 16  # pictures of a batch: half a second's work, which a killed worker costs
_BYTES_TOGETHER: Final = 16 << 20  # or so many bytes, where files are sent
_AHEAD: Final = 2  # batches for each thread: one to do, and the next
_BYTES_AHEAD: Final = 256 << 20  # under way at a time: they are here and at the scheduler
_SENT: Final = (
    "The workers do not find the pictures where this machine does: it reads them, and sends them."
)
_FATAL: Final = (
    "Every process that read it was killed, or had not enough memory. Index it where there is more."
)


def encoded_on(address: str, work: Work) -> Iterator[tuple[int, Answer]]:
    """Yield what became of each file, as soon as it is known.

    address: of the scheduler. Raises ClusterError where the cluster cannot be used, or is lost.
    """
    with Cluster(address) as cluster:
        cluster.require_same_program()
        yield from _HandingOut(cluster, work).answers()


class _Wanted(NamedTuple):
    """A picture to hand out. sent: with the content of its file."""

    number: int
    job: Job
    sent: bool


class _Begun(NamedTuple):
    """A batch under way. since_ns: when it was handed out, nanoseconds since 1970."""

    task: Task
    batch: list[Parcel]
    bytes: int
    since_ns: int


class _HandingOut:
    """The batches of one run."""

    def __init__(self, cluster: Cluster, work: Work) -> None:
        self._cluster = cluster
        self._encoder = cluster.carry(carried, work.encoder.read_bytes())
        self._order = Order(work.sha256, fingerprint())
        self._work = work
        self._begun: dict[str, _Begun] = {}
        self._again: deque[_Wanted] = deque()
        self._told: list[tuple[int, Answer]] = []  # found out here
        self._suspects: list[_Wanted] = []
        self._here: list[_Wanted] = []  # too large to be sent
        self._sending = False  # whether the workers see other files than this machine
        self._alone = False

    def answers(self) -> Iterator[tuple[int, Answer]]:
        """Hand out everything and yield what comes back."""
        yield from self._round()
        self._alone = True
        self._again.extend(self._suspects)
        yield from self._round()
        if self._here:
            encoder = Encoder(self._work.encoder)
            for number, job, _ in self._here:
                yield number, encode(job, encoder)

    def _round(self) -> Iterator[tuple[int, Answer]]:
        while True:
            while self._has_room() and (batch := self._batch()):
                self._begin(batch)
            yield from self._told
            self._told.clear()
            if not self._begun:
                return
            ended = self._begun.pop(self._cluster.next_ended())
            try:
                answers = self._cluster.result(ended.task)
            except Killed:
                self._take_killed(ended.batch)
            else:
                yield from self._taken(ended, answers)

    def _has_room(self) -> bool:
        if self._alone:
            return not self._begun
        under_way = sum(begun.bytes for begun in self._begun.values())
        most = max(1, self._cluster.threads) * _AHEAD
        return len(self._begun) < most and under_way < _BYTES_AHEAD

    def _begin(self, batch: list[Parcel]) -> None:
        since_ns = time.time_ns()
        task = self._cluster.begin(encode_batch, self._encoder, self._order, batch)
        size = sum(parcel.bytes for parcel in batch)
        self._begun[task.key] = _Begun(task, batch, size, since_ns)

    def _batch(self) -> list[Parcel]:
        """Return the next pictures to hand out, none when there are no more."""
        batch: list[Parcel] = []
        most, size = 1 if self._alone else _TOGETHER, 0
        while len(batch) < most and size < _BYTES_TOGETHER:
            parcel = self._parcel()
            if parcel is None:
                break
            batch.append(parcel)
            size += parcel.bytes
        return batch

    def _parcel(self) -> Parcel | None:
        """Return the next picture; note what turns out here to be gone, or not to be read."""
        while (wanted := self._wanted()) is not None:
            number, job, sent = wanted
            if not sent:
                return Parcel(number, job)
            if job.file.bytes > AT_ONCE_BYTES:
                self._here.append(wanted)
                continue
            found = _content(job)
            if isinstance(found, Content):
                return Parcel(number, job, found)
            self._told.append((number, found))
        return None

    def _wanted(self) -> _Wanted | None:
        if self._again:
            return self._again.popleft()
        given = next(self._work.jobs, None)
        if given is None:
            return None
        return _Wanted(*given, self._sending)

    def _taken(self, ended: _Begun, answers: list[Answer]) -> Iterator[tuple[int, Answer]]:
        unseen = [
            _Wanted(parcel.number, parcel.job, sent=True)
            for parcel, answer in zip(ended.batch, answers, strict=True)
            if answer is None
        ]
        self._again.extend(unseen)
        if len(unseen) == len(ended.batch):
            self._note_unseen(unseen[0].job)
        for parcel, answer in zip(ended.batch, answers, strict=True):
            if answer is not None:
                yield parcel.number, _by_our_clock(parcel.job, answer, ended.since_ns)

    def _note_unseen(self, job: Job) -> None:
        """Send all files from now on, where this machine sees one of them."""
        if not self._sending and job.origin.has(job.file.path):
            self._sending = True
            print(_SENT, file=sys.stderr)

    def _take_killed(self, batch: list[Parcel]) -> None:
        if self._alone:
            failure = Failure(_FATAL, lasting=False, modified_ns=0)
            self._told += [(parcel.number, failure) for parcel in batch]
        else:
            self._suspects += [
                _Wanted(number, job, content is not None) for number, job, content in batch
            ]


def _content(job: Job) -> Content[bytes] | Failure | None:
    """Return what a file holds; None when it is gone."""
    try:
        return job.origin.taken(job.file, lambda file: file.read())
    except Gone:
        return None
    except Unread as error:
        return Failure(str(error), lasting=False, modified_ns=0)


def _by_our_clock(job: Job, answer: Entry | Failure, since_ns: int) -> Entry | Failure:
    """Doubt the time of a change that is too near to the reading; the worker's clock may be off."""
    if isinstance(answer, Failure):
        return answer._replace(modified_ns=job.origin.trusted(answer.modified_ns, since_ns))
    modified_ns = job.origin.trusted(answer.record.modified_ns, since_ns)
    return answer._replace(record=msgspec.structs.replace(answer.record, modified_ns=modified_ns))
