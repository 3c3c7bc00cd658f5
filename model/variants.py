"""What might make a search better, measured beside the search itself: rows of `evaluate`.

A query never takes part in what is made of the gallery for it: its own row is left out of its
expansion, and out of every neighbourhood by which the gallery is augmented.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model import second_look
from model.encoder import Encoder
from model.second_look import LOOKED, Cells, packed

MIRRORED: Final = "+ mirrored query"
EXPANDED: Final = "+ query expansion"
AUGMENTED: Final = "+ augmented gallery"
SECOND_LOOK: Final = "+ second look"
ALL: Final = "+ mirrored query, expansion, second look"
VARIANTS: Final = (MIRRORED, EXPANDED, AUGMENTED, SECOND_LOOK, ALL)

Floats = NDArray[np.float32]


class Neighbourhood(NamedTuple):
    """How many neighbours a vector is averaged with, each weighted by its similarity**power."""

    size: int
    power: float


# Chosen by `python -m model.tuning`; docs/training.md has the tables.
QUERY: Final = Neighbourhood(2, 3.0)
GALLERY: Final = Neighbourhood(2, 3.0)


class Seen(NamedTuple):
    """One picture by a bundle's encoder: embeddings, float32 (D,), of it and its mirror image.

    cells: float32 (16, D), or None of an encoder that tells none.
    """

    embedding: Floats
    mirrored: Floats
    cells: Floats | None


class Searched(NamedTuple):
    """N pictures that are compared: float32 (N, D) twice, and (N, 16, D) or None."""

    embeddings: Floats
    mirrored: Floats
    cells: Floats | None


def see(encoder: Encoder, pixels: NDArray[np.uint8]) -> Seen:
    """Encode a picture, uint8 (256, 256, 3), and its mirror image."""
    encoded = encoder.encode(pixels[np.newaxis])
    mirrored = encoder.encode(np.ascontiguousarray(pixels[np.newaxis, :, ::-1]))
    cells = None if encoded.cells is None else encoded.cells[0]
    return Seen(encoded.embedding[0], mirrored.embedding[0], cells)


def together(seen: Sequence[Seen]) -> Searched:
    """Stack what one encoder saw of several pictures."""
    embeddings, mirrored, cells = zip(*seen, strict=True)
    whole = None if cells[0] is None else np.stack(cells)
    return Searched(np.stack(embeddings), np.stack(mirrored), whole)


def variants(searched: Searched) -> Iterator[tuple[str, Floats]]:
    """Yield the name of each variant and its similarities, float32 (N, N): a query each row."""
    plain = searched.embeddings
    both = _unit(plain + searched.mirrored)
    yield MIRRORED, both @ plain.T
    yield EXPANDED, expanded(plain, plain, QUERY) @ plain.T
    yield AUGMENTED, augmented(plain, GALLERY)
    if searched.cells is not None:
        cells = packed(searched.cells)
        yield SECOND_LOOK, looked_again(plain @ plain.T, cells)
        yield ALL, looked_again(expanded(both, plain, QUERY) @ plain.T, cells)


def expanded(queries: Floats, gallery: Floats, by: Neighbourhood) -> Floats:
    """Add to every query, float32 (N, D), its nearest of the gallery but its own row: (N, D).

    F. Radenovic, G. Tolias and O. Chum, "Fine-tuning CNN image retrieval with no human
    annotation", 2018: alpha query expansion.
    """
    similarities = queries @ gallery.T
    return _averaged(queries, gallery, similarities, _nearest(similarities, by.size), by.power)


def augmented(gallery: Floats, by: Neighbourhood) -> Floats:
    """Compare every picture with all others, each averaged with its own neighbours: (N, N).

    Database-side augmentation, as A. Gordo and others, "End-to-end learning of deep visual
    representations for image retrieval", 2017. Where the query is one of the neighbours, the next
    nearest takes its place.
    """
    similarities = gallery @ gallery.T
    near = _nearest(similarities, by.size + 1)
    found = gallery @ _averaged(gallery, gallery, similarities, near[:, :-1], by.power).T
    for place in range(near.shape[1] - 1):
        queries, others = near[:, place], np.delete(near, place, axis=1)
        without = _averaged(gallery, gallery, similarities, others, by.power)
        found[queries, np.arange(len(gallery))] = np.vecdot(gallery[queries], without)
    return np.asarray(found, np.float32)


def looked_again(
    similarities: Floats, cells: Cells, *, weight: float = second_look.WEIGHT
) -> Floats:
    """Let a second look add to the similarities, (N, N), of each query's nearest: (N, N)."""
    found = similarities.copy()
    nearest = _nearest(similarities, LOOKED)
    for query, rows in enumerate(nearest):
        found[query, rows] += weight * second_look.likeness(cells[query], cells[rows])
    return found


def _nearest(similarities: Floats, count: int) -> NDArray[np.int64]:
    """Return the nearest `count` of every row of (N, N), or all others: (N, count), no own row."""
    others = similarities.copy()
    np.fill_diagonal(others, -np.inf)
    count = min(count, len(others) - 1)
    return np.argsort(-others, axis=1, kind="stable")[:, :count]


def _averaged(
    vectors: Floats,
    gallery: Floats,
    similarities: Floats,
    near: NDArray[np.int64],
    power: float,
) -> Floats:
    """Add to each vector the gallery's rows `near`, (N, n), weighted: float32 (N, D), unit."""
    weights = np.maximum(np.take_along_axis(similarities, near, axis=1), 0) ** power
    return _unit(vectors + np.einsum("nk,nkd->nd", weights, gallery[near]))


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)
