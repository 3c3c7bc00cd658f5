"""What draws pictures of one thing together: the contrastive loss of labelled groups."""

from typing import Any

from model.training.runtime import tf

_OUT = 1e9  # taken off a picture's similarity to itself


def loss(vectors: Any, groups: Any, temperature: float) -> Any:
    """Return how far each picture is from taking those of its group for its nearest, a scalar.

    The mean over a batch of the mean of -log softmax over each one's partners (P. Khosla and
    others, "Supervised contrastive learning", 2020, outside the logarithm); with one partner each
    it is SimCLR's.

    vectors: float32 (B, D). groups: int64 (B,), in which every number stands at least twice.
    """
    unit = tf.math.l2_normalize(vectors, axis=1)
    itself = tf.eye(tf.shape(unit)[0])
    similarities = tf.matmul(unit, unit, transpose_b=True) / temperature
    logarithms = tf.nn.log_softmax(similarities - _OUT * itself, axis=1)
    partners = tf.cast(groups[:, None] == groups[None], tf.float32) - itself
    count = tf.maximum(tf.reduce_sum(partners, axis=1), 1.0)
    return -tf.reduce_mean(tf.reduce_sum(partners * logarithms, axis=1) / count)
