"""The autoencoder: a picture down to its code, and the code back to a picture.

Both halves work in [-1, 1]. The whole is a plain Keras model of two named parts, so that Keras
alone can load a checkpoint.
"""

from typing import Any

from model.images import SIDE
from model.training import residual
from model.training.configuration import AnyNetwork, Contrast, Network, Residual, Teaching
from model.training.runtime import keras


def build(
    network: AnyNetwork,
    teaching: Teaching | None = None,
    contrast: Contrast | None = None,
    *,
    precision: str = "float32",
) -> Any:
    """Return keras.Model "autoencoder": float32 (B, 256, 256, 3) in [-1, 1] to the same.

    Its parts are `encoder_of` and `decoder_of` it. With precision "bfloat16" the layers compute in
    bfloat16 on float32 weights. A residual network takes other sides, too. With teaching there is a
    further part, `head_of` it, and a second output: its answer, float32 (B, D). With contrast alone
    that part is a projector instead, which only training uses: `projector_of`.
    """
    policy = "mixed_bfloat16" if precision == "bfloat16" else "float32"
    encoder, decoder = _encoder(network, policy), _decoder(network, policy)
    image = keras.Input(_image_shape(network), name="image")
    code = encoder(image)
    outputs = decoder(code)
    if teaching is not None:
        outputs = [outputs, _head(code_shape(network)[-1], teaching)(code)]
    elif contrast is not None:
        outputs = [outputs, _projector(code_shape(network)[-1], contrast)(code)]
    return keras.Model(image, outputs, name="autoencoder")


def encoder_of(autoencoder: Any) -> Any:
    """Return the part from image to code."""
    return autoencoder.get_layer("encoder")


def decoder_of(autoencoder: Any) -> Any:
    """Return the part from code to image."""
    return autoencoder.get_layer("decoder")


def head_of(autoencoder: Any) -> Any | None:
    """Return the part from code to what a teacher says, or None where nobody taught."""
    return _part(autoencoder, "head")


def projector_of(autoencoder: Any) -> Any | None:
    """Return the part that contrast compares by, or None where there is none of its own."""
    return _part(autoencoder, "projector")


def _part(autoencoder: Any, name: str) -> Any | None:
    return next((layer for layer in autoencoder.layers if layer.name == name), None)


def answers_by_cell(head: Any, code: Any) -> Any:
    """Return what the head says of each cell, (B, H, W, D); the mean over cells is its answer."""
    return head.get_layer("linear")(code)


def code_shape(network: AnyNetwork) -> tuple[int, int, int]:
    """Return the shape of a code, (4, 4, 512) for the tutorial's network."""
    side = SIDE >> len(network.encoder)
    return (side, side, network.encoder[-1])


def _image_shape(network: AnyNetwork) -> tuple[int | None, int | None, int]:
    return (None, None, 3) if isinstance(network, Residual) else (SIDE, SIDE, 3)


def _encoder(network: AnyNetwork, policy: str) -> Any:
    image = keras.Input(_image_shape(network), name="image")  # (B, 256, 256, 3)
    if isinstance(network, Residual):
        code = residual.down(image, network, policy)
    else:
        code = _down(image, network, policy)
    return keras.Model(image, _float32(code, "code"), name="encoder")  # (B, 4, 4, 512)


def _down(image: Any, network: Network, policy: str) -> Any:
    x = image
    for level, channels in enumerate(network.encoder, start=1):
        # (B, 128, 128, 16) (B, 64, 64, 32) (B, 32, 32, 64) (B, 16, 16, 128) (B, 8, 8, 256)
        x = keras.layers.Conv2D(
            channels, 3, 2, "same", activation="relu", dtype=policy, name=f"down{level}"
        )(x)
    return x


def _decoder(network: AnyNetwork, policy: str) -> Any:
    height, width, channels = code_shape(network)
    if isinstance(network, Residual):
        code = keras.Input((None, None, channels), name="code")
        picture = residual.up(code, network, policy)
    else:
        code = keras.Input((height, width, channels), name="code")  # (B, 4, 4, 512)
        picture = _up(code, network, policy)
    return keras.Model(code, _float32(picture, "picture"), name="decoder")  # (B, 256, 256, 3)


def _up(code: Any, network: Network, policy: str) -> Any:
    x = code
    last = len(network.decoder)
    for level, channels in enumerate(network.decoder, start=1):
        # (B, 8, 8, 512) (B, 16, 16, 256) (B, 32, 32, 128) (B, 64, 64, 64) (B, 128, 128, 32)
        x = keras.layers.Conv2DTranspose(
            channels,
            3,
            2,
            "same",
            activation="tanh" if level == last else "relu",
            dtype=policy,
            name=f"up{level}",
        )(x)
    return x


def _head(channels: int, teaching: Teaching) -> Any:
    """Return the part that is compared with the teacher; it is small and computes in float32."""
    code = keras.Input((None, None, channels), name="code")  # (B, 4, 4, 512)
    pooled = keras.ops.mean(code, axis=(1, 2))
    dense = keras.layers.Dense(teaching.dimensions, dtype="float32", name="linear")
    return keras.Model(code, dense(pooled), name="head")  # (B, D)


def _projector(channels: int, contrast: Contrast) -> Any:
    """Return two dense layers on the averaged code, in float32, as SimCLR has them."""
    code = keras.Input((None, None, channels), name="code")
    hidden = keras.layers.Dense(contrast.hidden, "relu", dtype="float32", name="hidden")
    dense = keras.layers.Dense(contrast.dimensions, dtype="float32", name="linear")
    return keras.Model(code, dense(hidden(keras.ops.mean(code, axis=(1, 2)))), name="projector")


def _float32(x: Any, name: str) -> Any:
    """Hand results over in float32, whatever the layers computed in."""
    return keras.layers.Activation("linear", dtype="float32", name=name)(x)
