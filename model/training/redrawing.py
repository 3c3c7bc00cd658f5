"""One step in which only the decoder learns: it draws what an encoder that stays as it is tells."""

from typing import Any

from model.training.autoencoder import decoder_of, encoder_of
from model.training.batches import Batch
from model.training.configuration import Recipe
from model.training.runtime import tf
from model.training.steps import Step, Stepped, descend, shown


def redrawing_step(autoencoder: Any, recipe: Recipe) -> Step:
    """Return what makes a step of a batch. `length` of its answer is of the decoder's gradient."""
    encoder, decoder = encoder_of(autoencoder), decoder_of(autoencoder)

    def step(batch: Batch) -> Stepped:
        images = shown(batch, recipe.augmentation)
        codes = tf.stop_gradient(encoder(images, training=False))  # (B, S/64, S/64, 512)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(decoder(codes, training=True) - images))
        length = descend(autoencoder, tape, loss, decoder.trainable_variables)
        return Stepped(loss, tf.reduce_max(codes), length, {"reconstruction": loss})

    compiled: Step = tf.function(step, autograph=False)
    return compiled
