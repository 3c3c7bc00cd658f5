"""From code to embedding: pool, centre, project on principal axes, scale, bring to unit length.

It is fitted on training pictures only, and stored as constants in the exported graph. What to pool
and how much to whiten was chosen on held-back pictures, by mAP (same place of 31, three types of
bridge at 64 px, five kinds of places), for the tutorial's network after 8,000 samples:

    flattened, Euclidean, as the tutorial did          .619  .368  .271
    flattened, 256 axes, half whitened                 .619  .375  .273
    average, 256 axes, half whitened                   .563  .385  .275
    cube mean (GeM), 256 axes, half whitened           .607  .383  .272
    average by row, 256 axes, as they are              .728  .373  .270
    average by row, 256 axes, half whitened            .688  .393  .274
    average by row, 256 axes, whitened                 .603  .396  .279
    the same half whitened, 64 / 128 / 512 axes        .664 / .677 / .691  .391 / .393 / .394

Rows keep what is above and what below, sky, deck and water, and let it move from left to right.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.training.axes import principal_axes
from model.training.data import Pictures
from model.training.runtime import tf
from model.training.steps import scaled

DIMENSIONS: Final = 256
WHITENING: Final = 0.5  # 1 gives every axis the same weight, 0 leaves the variances as they are
PICTURES: Final = 5_000  # each also mirrored; more would not move the axes
_BATCH: Final = 64


@dataclass(frozen=True)
class Projection:
    """mean: float32 (F,), matrix: float32 (F, D) on the F pooled numbers of a code."""

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]

    @property
    def dimensions(self) -> int:
        """D."""
        return int(self.matrix.shape[1])

    def __call__(self, codes: Any) -> Any:
        """Turn codes, tensor float32 (B, 4, 4, 512), into embeddings (B, D) of unit length."""
        centred = pool(codes) - self.mean
        return tf.math.l2_normalize(tf.matmul(centred, self.matrix), axis=1)


def fit(encoder: Any, pictures: Pictures) -> Projection:
    """Fit on the codes of these pictures and of their mirror images."""
    features = features_of(encoder, pictures.some(PICTURES), mirrored=True)
    mean, matrix = principal_axes(features, DIMENSIONS, WHITENING)
    return Projection(mean, matrix)


def embed(encoder: Any, projection: Projection, pictures: Pictures) -> NDArray[np.float32]:
    """Return the pictures' embeddings, float32 (N, D)."""
    batches = pictures.batches(_BATCH)
    return np.concatenate([projection(encoder(scaled(pixels))).numpy() for pixels in batches])


def features_of(encoder: Any, pictures: Pictures, *, mirrored: bool = False) -> NDArray[np.float32]:
    """Return the pooled codes, float32 (N, F); with `mirrored`, of the mirror images after them."""
    found = [
        pool(encoder(scaled(pixels[:, :, ::turn]))).numpy()
        for turn in ((1, -1) if mirrored else (1,))
        for pixels in pictures.batches(_BATCH)
    ]
    return np.concatenate(found)


def pool(codes: Any) -> Any:
    """Average codes (B, H, W, C) along each row, to (B, H*C)."""
    _, height, _, channels = codes.shape
    return tf.reshape(tf.reduce_mean(codes, axis=2), (-1, height * channels))
