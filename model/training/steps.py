"""The arithmetic of a training: one step, the loss, and the learning rate of a step."""

import math
from collections.abc import Callable
from typing import Any

from model.images import SIDE
from model.training.autoencoder import decoder_of, encoder_of
from model.training.configuration import Augmentation, Recipe
from model.training.runtime import tf

Step = Callable[[Any, Any], tuple[Any, Any, Any]]


def scaled(pixels: Any) -> Any:
    """Turn uint8 (B, 256, 256, 3) into float32 in [-1, 1]."""
    return tf.cast(pixels, tf.float32) / 127.5 - 1.0


def training_step(autoencoder: Any, recipe: Recipe) -> Step:
    """Return (pixels, boxes) -> (loss, largest value of the codes, length of encoder's gradient).

    It changes the weights; what it returns belongs to those before. The gradient is the encoder's
    alone: it comes through the decoder, so a death anywhere on its way makes it 0.

    pixels: uint8 (B, 256, 256, 3). boxes: float32 (B, 4), see `batches.Batch`.
    """
    encoder, decoder = encoder_of(autoencoder), decoder_of(autoencoder)
    variables = [*encoder.trainable_variables, *decoder.trainable_variables]
    encoders = len(encoder.trainable_variables)

    def step(pixels: Any, boxes: Any) -> tuple[Any, Any, Any]:
        images = varied(scaled(pixels), boxes, recipe.augmentation)  # (B, 256, 256, 3)
        with tf.GradientTape() as tape:
            codes = encoder(images, training=True)  # (B, 4, 4, 512)
            loss = tf.reduce_mean(tf.square(decoder(codes, training=True) - images))
        gradients = tape.gradient(loss, variables)
        autoencoder.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss, tf.reduce_max(codes), tf.linalg.global_norm(gradients[:encoders])

    compiled: Step = tf.function(step, autograph=False)
    return compiled


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


def varied(images: Any, boxes: Any, augmentation: Augmentation) -> Any:
    """Cut each image's box out, float32 (B, 4), and bring it to full size; see `batches.Batch`."""
    if augmentation == Augmentation():  # the whole picture as it is: nothing to resample
        return images
    which = tf.range(tf.shape(images)[0])
    return tf.image.crop_and_resize(images, boxes, which, (SIDE, SIDE))
