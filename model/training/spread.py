"""How well the embeddings of a checkpoint are spread, told without any label.

Effective rank: O. Roy and M. Vetterli, 2007. Uniformity and alignment: T. Wang and P. Isola, 2020.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.images import SIDE
from model.training import projection
from model.training.autoencoder import encoder_of, head_of
from model.training.configuration import Augmentation
from model.training.data import Pictures
from model.training.runtime import tf
from model.training.steps import scaled, varied

_BATCH: Final = 64
_OTHER_VIEW: Final = (0.1, 0.9, 0.9, 0.1)  # y0 x0 y1 x1: the middle, mirrored

Embedding = Callable[[Any], Any]


def unit(features: Any) -> Any:
    """Bring features, tensor (B, F), to unit length: the embedding before it is projected."""
    return tf.math.l2_normalize(features, axis=1)


def measures(autoencoder: Any, pictures: Pictures, embedding: Embedding) -> dict[str, float]:
    """Return how the embeddings of these pictures are spread.

    "effective_rank": how many axes they fill evenly, from 1 up to D or the number of pictures.
    "dead_units": the share of the code's channels that are 0 in every picture, from 0 to 1.
    "uniformity": the logarithm of the mean of exp(-2 d^2) over all pairs, d their distance; lower
    is more even. "alignment": the mean of d^2 between a picture and its mirrored middle; lower is
    better.

    embedding: from features (B, F) to embeddings (B, D) of unit length.
    """
    encoder, head = encoder_of(autoencoder), head_of(autoencoder)
    embedded, others, largest = [], [], []
    for pixels in pictures.batches(_BATCH):
        codes = encoder(scaled(pixels), training=False)
        largest.append(np.max(codes.numpy(), axis=(0, 1, 2)))
        embedded.append(embedding(projection.describe(codes, head)).numpy())
        codes = encoder(_other_views(pixels), training=False)
        others.append(embedding(projection.describe(codes, head)).numpy())
    vectors = np.concatenate(embedded)
    return {
        "effective_rank": effective_rank(vectors),
        "dead_units": float(np.mean(np.max(largest, axis=0) <= 0.0)),
        "uniformity": uniformity(vectors),
        "alignment": float(np.mean(((vectors - np.concatenate(others)) ** 2).sum(axis=1))),
    }


def effective_rank(vectors: NDArray[np.float32]) -> float:
    """Return exp of the entropy of the centred vectors' singular values, as shares of their sum."""
    values = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False)
    shares = values[values > 0] / max(float(values.sum()), 1e-30)
    return float(np.exp(-np.sum(shares * np.log(shares))))


def uniformity(vectors: NDArray[np.float32]) -> float:
    """Return log mean exp(-2 d^2) over all pairs of unit vectors; 0 where all are the same."""
    pairs = np.triu_indices(len(vectors), 1)
    if not len(pairs[0]):
        return 0.0
    squares = np.maximum(2.0 - 2.0 * (vectors @ vectors.T)[pairs], 0.0)
    return float(np.log(np.mean(np.exp(-2.0 * squares))))


def _other_views(pixels: NDArray[np.uint8]) -> Any:
    boxes = np.tile(np.array(_OTHER_VIEW, np.float32), (len(pixels), 1))
    return varied(scaled(pixels), boxes, Augmentation(mirror=True), SIDE)
