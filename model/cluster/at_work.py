"""What a worker of the cluster does: a batch of pictures, with the encoder that came along."""

import hashlib
import threading
from typing import Final, NamedTuple

from distributed import get_worker

from model.cluster.program import fingerprint
from model.command import CommandError
from model.encoder import Encoder, EncoderPool
from model.entries import Answer, Failure, Job, encode, encode_sent
from model.reading import Content

_PATIENCE_SECONDS: Final = 600.0  # each thread of a worker has an encoder, so nobody waits


class Parcel(NamedTuple):
    """A picture on its way to a worker.

    content: what its file holds; None where the worker is to look for the file itself.
    """

    number: int
    job: Job
    content: Content[bytes] | None = None

    @property
    def bytes(self) -> int:
        """How much travels."""
        return 0 if self.content is None else len(self.content.made)


class Order(NamedTuple):
    """What whoever asks expects: SHA-256 of the encoder, and `fingerprint` of the program."""

    encoder: str
    program: str


class Unfit(CommandError):
    """A worker that must not encode; its text is a sentence."""


def carried(encoder: bytes) -> bytes:
    """Return the encoder's file: as a task it is brought to each worker once, from the nearest."""
    return encoder


def encode_batch(encoder: bytes, order: Order, batch: list[Parcel]) -> list[Answer]:
    """Return what became of each picture; None where this worker does not see the file as listed.

    encoder: the content of its file. Raises Unfit for another program, or another encoder.
    """
    if fingerprint() != order.program:
        raise Unfit("It has another version of imagesearch.")
    with _pool(encoder, order.encoder).borrow(_PATIENCE_SECONDS) as ready:
        return [_encoded(parcel, ready) for parcel in batch]


def _encoded(parcel: Parcel, encoder: Encoder) -> Answer:
    if parcel.content is not None:
        return encode_sent(parcel.job, parcel.content, encoder)
    try:
        answer = encode(parcel.job, encoder, as_listed=True)
    except CommandError:  # such as an object store that this machine does not reach
        return None
    # What cannot be read here may be read by whoever asks.
    return None if isinstance(answer, Failure) and not answer.lasting else answer


_pools: dict[str, EncoderPool] = {}  # one at the most, by the SHA-256 of the encoder
_lock = threading.Lock()


def _pool(encoder: bytes, sha256: str) -> EncoderPool:
    """Return encoders for the threads of this worker; those of another run's model are dropped."""
    with _lock:
        if sha256 not in _pools:
            if hashlib.sha256(encoder).hexdigest() != sha256:
                raise Unfit("What arrived is not the encoder of the bundle: its SHA-256 differs.")
            _pools.clear()
            _pools[sha256] = EncoderPool(encoder, get_worker().state.nthreads)
        return _pools[sha256]
