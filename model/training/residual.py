"""The stronger network: the tutorial's stages with batch normalisation and residual blocks.

S. Ioffe and C. Szegedy, "Batch Normalization", 2015; K. He and others, "Deep Residual Learning",
2016. Every normalisation follows a convolution without bias, so that the exported graph holds
plain convolutions: LiteRT's converter multiplies what training has fixed into their weights.
"""

from typing import Any, Final

from model.training.configuration import Residual
from model.training.runtime import keras

_MOMENTUM: Final = 0.9  # of the moving statistics: they follow some dozens of steps


def down(image: Any, network: Residual, policy: str) -> Any:
    """Return the code of images (B, S, S, 3): (B, S/64, S/64, 512) after six stages."""
    x = image
    for level, (channels, blocks) in enumerate(
        zip(network.encoder, network.blocks, strict=True), start=1
    ):
        name = f"down{level}"
        convolution = keras.layers.Conv2D(
            channels, 3, 2, "same", use_bias=False, dtype=policy, name=name
        )
        x = _relu(_normalised(convolution(x), policy, name), policy, name)
        for block in range(1, blocks + 1):
            x = _block(x, channels, policy, f"{name}_block{block}")
    return x


def up(code: Any, network: Residual, policy: str) -> Any:
    """Return the pictures of codes (B, S/64, S/64, 512): (B, S, S, 3) after six stages."""
    x = code
    *inner, last = network.decoder
    for level, channels in enumerate(inner, start=1):
        name = f"up{level}"
        convolution = keras.layers.Conv2DTranspose(
            channels, 3, 2, "same", use_bias=False, dtype=policy, name=name
        )
        x = _relu(_normalised(convolution(x), policy, name), policy, name)
    return keras.layers.Conv2DTranspose(
        last, 3, 2, "same", activation="tanh", dtype=policy, name=f"up{len(network.decoder)}"
    )(x)


def _block(x: Any, channels: int, policy: str, name: str) -> Any:
    """Add what two convolutions make of the input to it; at first they make nothing.

    That start, a last factor of 0, is P. Goyal and others', 2017.
    """
    y = x
    for half, factor in enumerate(("ones", "zeros"), start=1):
        part = f"{name}_{half}"
        convolution = keras.layers.Conv2D(
            channels, 3, 1, "same", use_bias=False, dtype=policy, name=part
        )
        y = _normalised(convolution(y), policy, part, factor)
        if half == 1:
            y = _relu(y, policy, part)
    return _relu(keras.layers.Add(dtype=policy, name=f"{name}_sum")([x, y]), policy, name)


def _normalised(x: Any, policy: str, name: str, factor: str = "ones") -> Any:
    """Normalise over the batch; the moving statistics are float32 in every precision."""
    return keras.layers.BatchNormalization(
        momentum=_MOMENTUM, gamma_initializer=factor, dtype=policy, name=f"{name}_norm"
    )(x)


def _relu(x: Any, policy: str, name: str) -> Any:
    return keras.layers.Activation("relu", dtype=policy, name=f"{name}_relu")(x)
