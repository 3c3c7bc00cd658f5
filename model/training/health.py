"""Tells a training that diverged, before anything good is overwritten."""

from typing import Any

import numpy as np

from model.training.errors import TrainingError


class Diverged(TrainingError):
    """The network learns nothing any more; its text says how that shows and what to change."""


def check_loss(step: int, loss: float, learning_rate: float) -> None:
    """Raise Diverged for a loss that is no number."""
    if not np.isfinite(loss):
        raise Diverged(_sentence(step, f"the loss is {loss}", learning_rate))


def check_codes(step: int, largest: float, learning_rate: float) -> None:
    """Raise Diverged when the largest value of a batch's codes is 0: ReLU leaves that of the dead.

    Not for a moment only: no gradient passes a dead unit, so it never comes back.
    """
    if not largest > 0.0:
        dead = "every unit of the code is dead (0 for every picture)"
        raise Diverged(_sentence(step, dead, learning_rate))


def check_gradient(step: int, length: float, learning_rate: float) -> None:
    """Raise Diverged when nothing reaches the encoder: its gradient has the length 0.

    Either the output is white everywhere, or a layer of the decoder is dead: then only the biases
    behind it still learn, the loss looks alive, and every picture is redrawn as the same one.
    """
    if not length > 0.0:
        dead = "every picture is redrawn as the same one, and nothing reaches the encoder"
        raise Diverged(_sentence(step, dead, learning_rate))


def check_weights(step: int, autoencoder: Any, learning_rate: float) -> None:
    """Raise Diverged when a weight is no finite number."""
    if not all(np.isfinite(weights).all() for weights in autoencoder.get_weights()):
        raise Diverged(_sentence(step, "there are weights that are no numbers", learning_rate))


def _sentence(step: int, what: str, learning_rate: float) -> str:
    return (
        f"The training diverged at step {step:,}: {what}. Nothing was overwritten, the last good "
        f"checkpoint stays. Train again with a lower --learning-rate, such as "
        f"{learning_rate / 3:.0e} instead of {learning_rate:.0e}, and a new --job-dir."
    )
