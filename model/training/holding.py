"""One step of an adaptation: two views of a picture agree, and neither leaves what held before.

Two views of a picture should be nearer to each other than to any other picture's (T. Chen and
others, "SimCLR", 2020). What the network said of the whole picture before is the target of both.
The statistics of batch normalisation stay as they are: a folder of ten pictures has none.
"""

from typing import Any

from model.training import teaching
from model.training.anchor import Anchor
from model.training.autoencoder import decoder_of, encoder_of, head_of
from model.training.batches import Batch
from model.training.configuration import Adapting, Recipe
from model.training.projection import describe
from model.training.runtime import tf
from model.training.steps import Step, Stepped, coloured, descend, scaled, varied

_OUT = 1e9  # taken off what does not count


def adapting_step(autoencoder: Any, recipe: Recipe, anchor: Anchor) -> Step:
    """Return what makes a step of a batch.

    The second view of a picture is cut and coloured as the first view of its neighbour in the
    batch. Only the first view is redrawn.
    """
    encoder, decoder, head = encoder_of(autoencoder), decoder_of(autoencoder), head_of(autoencoder)
    variables = [*encoder.trainable_variables, *decoder.trainable_variables]
    variables += [] if head is None else head.trainable_variables
    weights = recipe.adapting or Adapting()

    def step(batch: Batch) -> Stepped:
        before = anchor.embed(batch.pixels)  # (B, D)
        images = _views(batch, recipe)  # (2B, 256, 256, 3)
        with tf.GradientTape() as tape:
            codes = encoder(images, training=False)  # (2B, 4, 4, 512)
            rebuilt = decoder(tf.split(codes, 2)[0], training=False)
            error = tf.reduce_mean(tf.square(rebuilt - tf.split(images, 2)[0]))
            parts = {"reconstruction": error}
            parts |= agreement(
                anchor.projection(describe(codes, head)), before, batch.groups, weights
            )
            loss = sum(getattr(weights, name) * part for name, part in parts.items())
        length = descend(autoencoder, tape, loss, variables)
        return Stepped(loss, tf.reduce_max(codes), length, parts)

    compiled: Step = tf.function(step, autograph=False)
    return compiled


def agreement(embeddings: Any, before: Any, groups: Any, weights: Adapting) -> dict[str, Any]:
    """Return three losses of a batch, each a scalar of 0 or more.

    "cosine" and "similarity": how far both views are from what the anchor said of the whole
    picture: 1 - cosine, and the divergence of the similarities within the batch, taken as
    probabilities (after N. Passalis and A. Tefas, 2018).
    "contrast": how far each view is from taking the other one, among all pictures' other views, for
    its own. Pictures of one group, and those that the anchor finds `alike`, are no wrong answers.

    embeddings: float32 (2B, D), all first views and then all second ones. before: float32 (B, D),
    of the whole pictures, by the anchor. groups: int64 (B,).
    """
    views = tf.split(embeddings, 2)
    held = [teaching.agreement(view, before, weights.temperature) for view in views]
    apart = _apart(before, groups, weights)
    parts = {name: (held[0][name] + held[1][name]) / 2.0 for name in held[0]}
    return parts | {"contrast": _contrast(views[0], views[1], apart, weights)}


def _apart(before: Any, groups: Any, weights: Adapting) -> Any:
    """Return which pictures are to be told apart, bool (B, B)."""
    alike = tf.matmul(before, before, transpose_b=True) >= weights.alike
    return tf.logical_not(alike | (groups[:, None] == groups[None]))


def _contrast(one: Any, other: Any, apart: Any, weights: Adapting) -> Any:
    counts = tf.cast(apart, tf.float32) + tf.eye(tf.shape(one)[0])
    similarities = tf.matmul(one, other, transpose_b=True) / weights.temperature
    similarities -= _OUT * (1.0 - counts)
    rows, columns = (tf.nn.log_softmax(similarities, axis=axis) for axis in (1, 0))
    return -tf.reduce_mean(tf.linalg.diag_part(rows) + tf.linalg.diag_part(columns)) / 2.0


def _views(batch: Batch, recipe: Recipe) -> Any:
    """Return all first views and then all second ones, float32 (2B, S, S, 3)."""
    pictures, chosen = scaled(batch.pixels), recipe.augmentation
    views = [
        coloured(
            varied(pictures, tf.roll(batch.boxes, turn, 0), chosen, batch.side),
            tf.roll(batch.colours, turn, 0),
            chosen,
        )
        for turn in (0, 1)
    ]
    return tf.concat(views, axis=0)
