"""What draws pictures of one thing together: the contrastive loss of labelled groups."""

from typing import Any

from model.training.runtime import tf

_OUT = 1e9  # taken off a picture's similarity to itself


def loss(vectors: Any, groups: Any, temperature: float) -> Any:
    """Return how far pictures are from taking those of their group for their nearest, a scalar.

    The mean, over those with partners, of the mean of -log softmax over each one's partners (P.
    Khosla and others, "Supervised contrastive learning", 2020, outside the logarithm); with one
    partner each it is SimCLR's. A picture without any partner is only one of the others.

    0 where no picture has a partner. vectors: float32 (B, D). groups: int64 (B,).
    """
    unit = tf.math.l2_normalize(vectors, axis=1)
    itself = tf.eye(tf.shape(unit)[0])
    similarities = tf.matmul(unit, unit, transpose_b=True) / temperature
    logarithms = tf.nn.log_softmax(similarities - _OUT * itself, axis=1)
    partners = tf.cast(groups[:, None] == groups[None], tf.float32) - itself
    count = tf.reduce_sum(partners, axis=1)
    own = tf.math.divide_no_nan(tf.reduce_sum(partners * logarithms, axis=1), count)
    return -tf.math.divide_no_nan(tf.reduce_sum(own), tf.reduce_sum(tf.cast(count > 0, tf.float32)))


def loss_of_kinds(vectors: Any, kinds: Any, temperature: float) -> Any:
    """Return `loss` among the pictures whose kind is known; the others may be of any kind.

    vectors: float32 (B, D). kinds: int64 (B,), -1 where none is known.
    """
    known = kinds >= 0
    return loss(tf.boolean_mask(vectors, known), tf.boolean_mask(kinds, known), temperature)
