"""What a network that is taught has to lose: how far it is from its teacher, in two ways."""

from typing import Any

from model.training.runtime import tf

_OUT = 1e9  # taken off a picture's similarity to itself: it is the same for everybody


def parts(answers: Any, targets: Any, temperature: float) -> dict[str, Any]:
    """Return two losses of a batch, each a scalar of 0 or more.

    "cosine": 1 - cosine between answer and target, the mean over the batch. "similarity": how far
    the pictures' similarities to each other, taken as probabilities, are from the teacher's: the
    Kullback-Leibler divergence (after N. Passalis and A. Tefas, 2018).

    answers, targets: float32 (B, D).
    """
    student, teacher = (tf.math.l2_normalize(vectors, axis=1) for vectors in (answers, targets))
    ours, theirs = (_log_neighbours(vectors, temperature) for vectors in (student, teacher))
    divergence = tf.reduce_sum(tf.exp(theirs) * (theirs - ours), axis=1)
    return {
        "cosine": 1.0 - tf.reduce_mean(tf.reduce_sum(student * teacher, axis=1)),
        "similarity": tf.reduce_mean(divergence),
    }


def _log_neighbours(vectors: Any, temperature: float) -> Any:
    """Return, of unit vectors, the logarithm of each one's likeness to each other, (B, B)."""
    similarities = tf.matmul(vectors, vectors, transpose_b=True)
    others = similarities / temperature - _OUT * tf.eye(tf.shape(vectors)[0])
    return tf.nn.log_softmax(others, axis=1)
