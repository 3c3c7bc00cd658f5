"""The arithmetic of a training: one step, the loss, and the learning rate of a step."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from model.training import contrast, teaching
from model.training.autoencoder import (
    answers_by_cell,
    decoder_of,
    encoder_of,
    head_of,
    projector_of,
)
from model.training.batches import Batch
from model.training.configuration import Augmentation, Recipe
from model.training.runtime import tf


class Stepped(NamedTuple):
    """What a step saw before it changed the weights, each a scalar tensor.

    largest: value of the codes. length: of the encoder's gradient alone. parts: of the loss, by
    name, unweighted.
    """

    loss: Any
    largest: Any
    length: Any
    parts: dict[str, Any]


Step = Callable[[Batch], Stepped]


def scaled(pixels: Any) -> Any:
    """Turn uint8 (B, 256, 256, 3) into float32 in [-1, 1]."""
    return tf.cast(pixels, tf.float32) / 127.5 - 1.0


def training_step(autoencoder: Any, recipe: Recipe) -> Step:
    """Return what makes a step of a batch.

    It changes the weights. The gradient is the encoder's alone: it comes through the decoder, so a
    death anywhere on its way makes it 0; where a head is taught it comes through that, too.
    """
    encoder, decoder = encoder_of(autoencoder), decoder_of(autoencoder)
    other = head_of(autoencoder) or projector_of(autoencoder)
    variables = [*encoder.trainable_variables, *decoder.trainable_variables]
    variables += [] if other is None else other.trainable_variables

    def step(batch: Batch) -> Stepped:
        images = shown(batch, recipe.augmentation)
        with tf.GradientTape() as tape:
            codes = encoder(images, training=True)  # (B, 4, 4, 512)
            drawn = math.ceil(recipe.rebuilt * images.shape[0])
            rebuilt = decoder(codes[:drawn], training=True)
            parts = {"reconstruction": tf.reduce_mean(tf.square(rebuilt - images[:drawn]))}
            parts |= _learnt(autoencoder, codes, batch, recipe)
            loss = weighted(parts, recipe)
        length = descend(autoencoder, tape, loss, variables)
        return Stepped(loss, tf.reduce_max(codes), length, parts)

    compiled: Step = tf.function(step, autograph=False)
    return compiled


def descend(autoencoder: Any, tape: Any, loss: Any, variables: list[Any]) -> Any:
    """Change the variables, the encoder's first; return the length of the encoder's gradient.

    Where the encoder is not among them, it is that of all of them.
    """
    gradients = tape.gradient(loss, variables)
    autoencoder.optimizer.apply_gradients(zip(gradients, variables, strict=True))
    learning = {id(variable) for variable in encoder_of(autoencoder).trainable_variables}
    of_encoder = [g for g, v in zip(gradients, variables, strict=True) if id(v) in learning]
    return tf.linalg.global_norm(of_encoder or gradients)


def _learnt(autoencoder: Any, codes: Any, batch: Batch, recipe: Recipe) -> dict[str, Any]:
    """Return the parts of the loss beside the reconstruction, of codes (B, 4, 4, 512)."""
    head, projector = head_of(autoencoder), projector_of(autoencoder)
    parts: dict[str, Any] = {}
    answers = None if head is None else answers_by_cell(head, codes)  # (B, 4, 4, 512)
    if answers is not None and recipe.teaching is not None:
        count = _taught(recipe, answers.shape[0])
        parts |= teaching.parts(answers[:count], batch.targets[:count], recipe.teaching.temperature)
    if (wanted := recipe.contrast) is not None:
        compared = tf.reduce_mean(answers, (1, 2)) if projector is None else projector(codes)
        parts["contrast"] = contrast.loss(compared, batch.groups, wanted.temperature)
        if wanted.kinds:
            parts["kinds"] = contrast.loss_of_kinds(compared, batch.kinds, wanted.temperature)
    return parts


def _taught(recipe: Recipe, size: int) -> int:
    """Return how many of a batch, from its beginning, the teacher is asked of."""
    pairs = 0 if recipe.contrast is None or recipe.contrast.taught else recipe.contrast.pairs
    return size - 2 * pairs


def weighted(parts: dict[str, Any], recipe: Recipe) -> Any:
    """Return the loss that a recipe makes of its parts."""
    pulls = recipe.contrast
    weights = {} if pulls is None else {"contrast": pulls.weight, "kinds": pulls.kinds}
    return sum(
        weights.get(name, getattr(recipe.teaching, name, 1.0)) * part
        for name, part in parts.items()
    )


def measure(autoencoder: Any, pixels: Any) -> tuple[Any, Any]:
    """Return the losses, float32 (B,), and the largest value of the codes, changing nothing.

    pixels: uint8 (B, 256, 256, 3).
    """
    images = scaled(pixels)
    codes = encoder_of(autoencoder)(images, training=False)  # (B, 4, 4, 512)
    rebuilt = decoder_of(autoencoder)(codes, training=False)
    return tf.reduce_mean(tf.square(rebuilt - images), axis=(1, 2, 3)), tf.reduce_max(codes)


def learning_rate(recipe: Recipe, step: int, end: int) -> float:
    """Return the learning rate of a step (from 0) of a training of `end` steps."""
    schedule, rate = recipe.schedule, recipe.learning_rate
    if step < schedule.warmup:
        return rate * (step + 1) / schedule.warmup
    if schedule.shape == "constant":
        return rate
    share = (step - schedule.warmup) / max(end - schedule.warmup, 1)
    return rate * (1 + math.cos(math.pi * share)) / 2


def shown(batch: Batch, augmentation: Augmentation) -> Any:
    """Return what a step sees of a batch, float32 (B, S, S, 3) in [-1, 1]."""
    cut = varied(scaled(batch.pixels), batch.boxes, augmentation, batch.side)
    return coloured(cut, batch.colours, augmentation)


def varied(images: Any, boxes: Any, augmentation: Augmentation, side: int) -> Any:
    """Cut each image's box out, float32 (B, 4), and bring it to a side.

    See `batches.Batch`.
    """
    if augmentation == Augmentation():  # the whole picture as it is: nothing to resample
        return images
    which = tf.range(tf.shape(images)[0])
    return tf.image.crop_and_resize(images, boxes, which, (side, side))


def coloured(images: Any, colours: Any, augmentation: Augmentation) -> Any:
    """Change brightness, contrast and saturation of images in [-1, 1] by factors, float32 (B, 3).

    In this order: times the first; away from the picture's mean grey by the second; away from each
    pixel's own grey by the third. What leaves the range is cut off.
    """
    if augmentation.brightness == augmentation.contrast == augmentation.saturation == 0.0:
        return images
    brightness, contrast, saturation = tf.unstack(colours[:, :, None, None, None], axis=1)
    bright = (images + 1.0) / 2.0 * brightness
    mean = tf.reduce_mean(_grey(bright), axis=(1, 2, 3), keepdims=True)
    strong = mean + (bright - mean) * contrast
    grey = _grey(strong)
    return tf.clip_by_value((grey + (strong - grey) * saturation) * 2.0 - 1.0, -1.0, 1.0)


def _grey(images: Any) -> Any:
    """Return the luma of RGB images, (B, H, W, 1), as ITU-R BT.601 weighs it."""
    return tf.tensordot(images, tf.constant([0.299, 0.587, 0.114]), 1)[..., None]
