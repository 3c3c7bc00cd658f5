"""From code to embedding: pool, centre, project on principal axes, scale, bring to unit length.

Where a network has a head that a teacher taught, the head's answer stands for the pooled code. The
projection is fitted on training pictures only, and stored as constants
in the exported graph. What to pool without a head, and how much to whiten, was chosen on held-back
pictures, by mAP (same place of 31, three types of bridge at 64 px, five kinds of places), for the
tutorial's network after 8,000 samples:

    flattened, Euclidean, as the tutorial did          .619  .368  .271
    flattened, 256 axes, half whitened                 .619  .375  .273
    average, 256 axes, half whitened                   .563  .385  .275
    cube mean (GeM), 256 axes, half whitened           .607  .383  .272
    average by row, 256 axes, as they are              .728  .373  .270
    average by row, 256 axes, half whitened            .688  .393  .274
    average by row, 256 axes, whitened                 .603  .396  .279
    the same half whitened, 64 / 128 / 512 axes        .664 / .677 / .691  .391 / .393 / .394

Rows keep what is above and what below, sky, deck and water, and let it move from left to right.

For a taught head, on the same kind of pictures (same place of 28; two types of bridge; three types
at 64 px) after 140,000 samples, 256 axes but for the last line:

    as they are                                        .661  .703  .529
    half whitened                                      .696  .701  .523
    0.75 whitened / whitened                           .719 / .711  .686 / .656  .510 / .473
    half whitened, 64 / 128 / 512 axes                 .690 / .698 / .697  - / .701 / .701
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.training.autoencoder import encoder_of, head_of
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
    """mean: float32 (F,), matrix: float32 (F, D) on the F features of a picture."""

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]

    @property
    def dimensions(self) -> int:
        """D."""
        return int(self.matrix.shape[1])

    def __call__(self, features: Any) -> Any:
        """Turn features, tensor float32 (B, F), into embeddings (B, D) of unit length."""
        return tf.math.l2_normalize(tf.matmul(features - self.mean, self.matrix), axis=1)


def fit(autoencoder: Any, pictures: Pictures) -> Projection:
    """Fit on the features of these pictures and of their mirror images."""
    features = features_of(autoencoder, pictures.some(PICTURES), mirrored=True)
    return Projection(*principal_axes(features, DIMENSIONS, WHITENING))


def embed(autoencoder: Any, projection: Projection, pictures: Pictures) -> NDArray[np.float32]:
    """Return the pictures' embeddings, float32 (N, D)."""
    embedded: NDArray[np.float32] = projection(features_of(autoencoder, pictures)).numpy()
    return embedded


def features_of(
    autoencoder: Any, pictures: Pictures, *, mirrored: bool = False
) -> NDArray[np.float32]:
    """Return the features, float32 (N, F); with `mirrored`, of the mirror images after them."""
    encoder, head = encoder_of(autoencoder), head_of(autoencoder)
    found = [
        describe(encoder(scaled(pixels[:, :, ::turn]), training=False), head).numpy()
        for turn in ((1, -1) if mirrored else (1,))
        for pixels in pictures.batches(_BATCH)
    ]
    return np.concatenate(found)


def describe(codes: Any, head: Any | None) -> Any:
    """Turn codes (B, 4, 4, 512) into features (B, F): the head's, unit length, or the pooled."""
    return pool(codes) if head is None else tf.math.l2_normalize(head(codes), axis=1)


def pool(codes: Any) -> Any:
    """Average codes (B, H, W, C) along each row, to (B, H*C)."""
    _, height, _, channels = codes.shape
    return tf.reshape(tf.reduce_mean(codes, axis=2), (-1, height * channels))
