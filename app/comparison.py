"""Two pictures compared: how similar they are, and what each of their places brings to that."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.decoding import seen
from app.live import Snapshot
from app.metrics import lent, stage
from app.search import part_of
from app.settings import Settings
from model.encoder import Encoded
from model.gallery import Record
from model.images import MAX_PIXELS, Picture, load
from model.places import Shares, pairs, settled
from model.search import Sent
from model.similarity import Likeness, background
from model.view import View

Embedding = NDArray[np.float32]


@dataclass(frozen=True)
class Comparison:
    """similarity: cosine, -1 to 1, of the embeddings that a search compares.

    pairs: what each pair of places brings to it, float64 (16, 16), the first picture's places along
    the rows; they add up to the similarity (`model.places`). None where the encoder tells no cells.
    """

    similarity: float
    likeness: Likeness
    pairs: Shares | None


class Coded(NamedTuple):
    """A picture from outside, and its code, float32 (1, 4, 4, 512)."""

    picture: Picture
    code: NDArray[np.float32]


def by_picture(
    snapshot: Snapshot, sent: Sent, record: Record, settings: Settings
) -> tuple[Coded, Comparison]:
    """Compare any picture with one of the gallery.

    Raises ImageError with a sentence for the sender, and Busy when too many others are searching.
    """
    return _by_sent(snapshot, sent, record, settings, settings.pixels)


def by_part(
    snapshot: Snapshot, first: Record, view: View, second: Record, settings: Settings
) -> tuple[Coded, Comparison]:
    """Compare a part of a picture of the gallery with another. Raises OutsideRegion and Busy."""
    return _by_sent(snapshot, part_of(snapshot, first, view), second, settings, MAX_PIXELS)


def _by_sent(
    snapshot: Snapshot, sent: Sent, record: Record, settings: Settings, max_pixels: int
) -> tuple[Coded, Comparison]:
    with lent(snapshot.encoders, settings.wait) as encoder:
        with stage("decode"):
            (picture,) = seen([sent], settings, max_pixels)
        with stage("encode"):
            encoded = encoder.encode(picture.pixels[np.newaxis])
    embedding = encoded.embedding[0]
    cells = None if encoded.cells is None else settled(encoded.cells[0], embedding)
    other = None if cells is None else _cells(snapshot, record, settings)
    found = _compared(snapshot, embedding, _embedding(snapshot, record), cells, other)
    return Coded(picture, encoded.code), found


def by_record(snapshot: Snapshot, first: Record, second: Record, settings: Settings) -> Comparison:
    """Compare two pictures of the gallery. Raises Busy."""
    cells = _cells(snapshot, first, settings)
    other = None if cells is None else _cells(snapshot, second, settings)
    embedding = _embedding(snapshot, first)
    return _compared(snapshot, embedding, _embedding(snapshot, second), cells, other)


def encoded_anew(snapshot: Snapshot, record: Record, settings: Settings) -> Encoded:
    """Encode a picture of the gallery from what is shown of it. Raises Busy."""
    content = snapshot.gallery.thumbnail(record, "large")
    with lent(snapshot.encoders, settings.wait) as encoder:
        with stage("decode"):
            pixels = load(content).pixels
        with stage("encode"):
            return encoder.encode(pixels[np.newaxis])


def _cells(snapshot: Snapshot, record: Record, settings: Settings) -> NDArray[np.float64] | None:
    """Return the cells of a picture of the gallery, which add up to its stored embedding."""
    cells = encoded_anew(snapshot, record, settings).cells
    return None if cells is None else settled(cells[0], _embedding(snapshot, record))


def _embedding(snapshot: Snapshot, record: Record) -> Embedding:
    return snapshot.ranking.embedding(record.row)


def _compared(
    snapshot: Snapshot,
    first: Embedding,
    second: Embedding,
    cells: NDArray[np.float64] | None,
    other: NDArray[np.float64] | None,
) -> Comparison:
    exact = np.dot(first.astype(np.float64), second.astype(np.float64))
    similarity = float(np.clip(exact, -1, 1))
    usual = background(snapshot.ranking.sample(first), snapshot.bundle.calibration)
    shares = None if cells is None or other is None else pairs(cells, other)
    return Comparison(similarity, usual.likeness(similarity), shares)
