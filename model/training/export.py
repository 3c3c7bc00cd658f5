"""Writes a trained network into a bundle: serving graphs for LiteRT, and the network itself.

Scaling, projection and normalising live inside the graphs. Nothing is published before LiteRT and
TensorFlow were seen to agree on real pictures.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from model.bundle import Manifest, ModelInfo, hash_of
from model.encoder import Decoder, Encoder
from model.images import LOADER_VERSION, SIDE
from model.publishing import publish_model
from model.training import checkpoints, projection, shares, spread
from model.training.autoencoder import build, code_shape, decoder_of, encoder_of, head_of
from model.training.configuration import Source, State
from model.training.conversion import Graph, lite, lite_in_integers
from model.training.data import Pictures
from model.training.errors import TrainingError
from model.training.job import data_of
from model.training.projection import Projection
from model.training.runtime import tf
from model.training.seen import hashes_of, seen_by
from model.training.steps import measure, scaled

AGREEMENT: Final = 1e-4  # between the two runtimes, in any number of an embedding
MEAN_COSINE: Final = 0.98  # between a quantised encoder's embeddings and those of float32
LOWEST_COSINE: Final = 0.95
_LEVELS: Final = 2  # of 255, between what the decoder draws in either
_COMPARED: Final = 64  # pictures that the runtimes are compared on
_EXAMINED: Final = 1_000  # pictures whose embeddings' spread is measured
_BATCH: Final = 32
_PICTURES: Final = tf.TensorSpec((None, SIDE, SIDE, 3), tf.uint8)


@dataclass(frozen=True)
class Origin:
    """What a network was trained on. data: in words, for the model card.

    seen: a bundle whose training pictures it has seen, too, in a training before.
    """

    data: str = ""
    seen: Path | None = None


def export(
    job_dir: Path,
    bundle: Path,
    *,
    origin: Origin | None = None,
    quantize: bool = False,
    fitted: Projection | None = None,
) -> Manifest:
    """Publish the newest checkpoint of a job as the bundle's model.

    origin: what it was trained on. quantize: the encoder's convolutions compute in 8-bit integers.
    fitted: the projection, if it is not to be fitted on these pictures.

    Raises TrainingError: no checkpoint, other pictures than it was trained on, or runtimes that
    disagree. The bundle is then as it was.
    """
    origin = origin or Origin()
    earlier = seen_by(origin.seen)
    newest = checkpoints.latest(job_dir)
    if newest is None:
        raise TrainingError(f"{job_dir} holds no checkpoint. Train first, with --job-dir {job_dir}")
    trained, state = checkpoints.load(newest)
    training, evaluation = data_of(state.run, job_dir)
    autoencoder = _in_float32(trained, state)
    fitted = fitted or projection.fit(autoencoder, training)
    encode, decode = encode_graph(autoencoder, fitted), decode_graph(autoencoder)
    with tempfile.TemporaryDirectory(prefix="export-") as scratch:
        files = {role: Path(scratch, role) for role in ("encoder", "decoder")}
        content = (
            lite_in_integers(encode, "encode", _PICTURES, "image", training)
            if quantize
            else lite(encode, "encode", _PICTURES, "image")
        )
        files["encoder"].write_bytes(content)
        files["decoder"].write_bytes(lite(decode, "decode", _codes(state), "code", halved=True))
        compared = evaluation.some(_COMPARED)
        agreement = check_agreement(encode, decode, files, compared, quantized=quantize)
        files["checkpoint"] = Path(scratch, "checkpoint.keras")
        checkpoints.write(files["checkpoint"], autoencoder, _without_places(state), optimizer=False)
        checkpoints.add_projection(files["checkpoint"], fitted.mean, fitted.matrix)
        checkpoints.pack(files["checkpoint"])
        files["training-hashes"] = Path(scratch, "training-hashes.npy")
        np.save(files["training-hashes"], hashes_of(training, earlier))
        measures = _measures(autoencoder, evaluation, state)
        spreads = spread.measures(autoencoder, evaluation.some(_EXAMINED), fitted)
        measures |= {f"health {name}": value for name, value in spreads.items()}
        if quantize:
            measures["int8 agreement"] = agreement
        info = _info(state, fitted, measures, files["checkpoint"])
        if origin.data:
            info.trained["data"] = origin.data
        return publish_model(bundle, files, info)


def encode_graph(autoencoder: Any, fitted: Projection) -> Graph:
    """Return uint8 (B, 256, 256, 3) -> embedding (B, D), unit length, and code (B, 4, 4, 512).

    And `cells`, (B, 16, D): what each cell of the code, row by row, brings to the embedding. They
    add up to it.
    """
    encoder, head = _constant(encoder_of(autoencoder)), head_of(autoencoder)
    taught = None if head is None else _constant(head)
    cells = _shares_of(head, fitted)

    def encode(image: Any) -> dict[str, Any]:
        code = encoder(scaled(image))
        embedding = fitted(projection.describe(code, taught))
        return {"embedding": embedding, "code": code, "cells": cells(code)}

    return encode


def _shares_of(head: Any | None, fitted: Projection) -> Callable[[Any], Any]:
    """Return what turns codes into the shares of their cells."""
    if head is None:
        return lambda codes: shares.pooled(codes, fitted)
    matrix = shares.linear(head)
    return lambda codes: shares.taught(codes, fitted, matrix)


def decode_graph(autoencoder: Any) -> Graph:
    """Return code (B, 4, 4, 512) -> image, uint8 (B, 256, 256, 3)."""
    decoder = _constant(decoder_of(autoencoder))

    def decode(code: Any) -> dict[str, Any]:
        levels = tf.round((decoder(code) + 1.0) * 127.5)
        return {"image": tf.cast(tf.clip_by_value(levels, 0.0, 255.0), tf.uint8)}

    return decode


def _constant(part: Any) -> Callable[[Any], Any]:
    """Return the part as a function with its weights as constants: LiteRT has no variables."""
    learnt = [tf.constant(variable.numpy()) for variable in part.trainable_variables]
    fixed = [tf.constant(variable.numpy()) for variable in part.non_trainable_variables]
    return lambda inputs: part.stateless_call(learnt, fixed, inputs, training=False)[0]


def check_agreement(
    encode: Graph,
    decode: Graph,
    files: dict[str, Path],
    pictures: Pictures,
    *,
    quantized: bool = False,
) -> float:
    """Raise TrainingError unless LiteRT answers as TensorFlow does, for each of these pictures.

    quantized: the encoder computes in integers, so only the direction of its embeddings is
    compared. Returns the mean cosine between both runtimes' embeddings.
    """
    encoder, decoder = Encoder(files["encoder"]), Decoder(files["decoder"])
    cosines: list[float] = []
    for pixels in pictures.batches(_BATCH):
        wanted = {name: value.numpy() for name, value in encode(pixels).items()}
        found = encoder.encode(pixels)
        cosines += (wanted["embedding"] * found.embedding).sum(axis=1).tolist()
        if not quantized:
            _refuse_difference("embeddings", wanted["embedding"] - found.embedding, AGREEMENT)
            if found.cells is None:
                raise TrainingError("LiteRT does not answer with cells. Nothing was published.")
            _refuse_difference("cells", wanted["cells"] - found.cells, AGREEMENT)
        rebuilt = decode(wanted["code"])["image"].numpy().astype(np.int16)
        _refuse_difference("pictures", rebuilt - decoder.decode(wanted["code"]), _LEVELS)
    if quantized:
        _refuse_turned(cosines)
    return float(np.mean(cosines))


def _refuse_turned(cosines: list[float]) -> None:
    mean, lowest = float(np.mean(cosines)), min(cosines)
    if not (mean >= MEAN_COSINE and lowest >= LOWEST_COSINE):
        raise TrainingError(
            f"The encoder in integers is too far from the one in float32: the cosine between their "
            f"embeddings is {mean:.3f} on average and {lowest:.3f} at least, and must be "
            f"{MEAN_COSINE} and {LOWEST_COSINE}. Nothing was published. Export without --quantize."
        )


def _refuse_difference(what: str, difference: Any, most: float) -> None:
    largest = float(np.abs(difference).max())
    if not largest <= most:
        raise TrainingError(
            f"TensorFlow and LiteRT disagree: their {what} differ by up to {largest:.2g}, "
            f"more than {most:g}. Nothing was published. Other versions of the two may agree."
        )


def _codes(state: State) -> Any:
    return tf.TensorSpec((None, *code_shape(state.run.recipe.network)), tf.float32)


def _in_float32(trained: Any, state: State) -> Any:
    """Return the same network computing in float32, whatever it was trained in.

    Its weights are rounded to float16's precision: the checkpoint packs into half the space.
    """
    recipe = state.run.recipe
    autoencoder = build(recipe.network, recipe.head, recipe.contrast)
    autoencoder.set_weights([_rounded(weights) for weights in trained.get_weights()])
    return autoencoder


def _rounded(weights: Any) -> Any:
    """Round float32 to 10 bits after the leading one, as float16 has, with float32's range."""
    bits = np.asarray(weights, np.float32).view(np.uint32)
    return ((bits + np.uint32(1 << 12)) & np.uint32(0xFFFFE000)).view(np.float32)


def _without_places(state: State) -> State:
    """Leave out where on this machine the pictures lay: the bundle travels."""

    def placeless(source: Source) -> Source:
        return msgspec.structs.replace(source, files="")

    run = msgspec.structs.replace(
        state.run,
        training=placeless(state.run.training),
        evaluation=placeless(state.run.evaluation),
    )
    return msgspec.structs.replace(state, run=run)


def _measures(autoencoder: Any, evaluation: Pictures, state: State) -> dict[str, float]:
    """Measure the reconstruction on the evaluation's pictures. PSNR in dB, of a range of 2.

    The cosine to the teacher is the one of the last epoch.
    """
    found = [measure(autoencoder, pixels)[0].numpy() for pixels in evaluation.batches(_BATCH)]
    losses = np.maximum(np.concatenate(found), 1e-12)
    measures = {
        "evaluation loss": float(losses.mean()),
        "evaluation PSNR": float(np.mean(10 * np.log10(4 / losses))),
    }
    if state.evaluation_cosine:
        measures["evaluation cosine"] = state.evaluation_cosine[max(state.evaluation_cosine)]
    return measures


def _info(
    state: State, fitted: Projection, measures: dict[str, float], checkpoint: Path
) -> ModelInfo:
    run = state.run
    return ModelInfo(
        recipe=run.recipe.name,
        dimensions=fitted.dimensions,
        code_shape=code_shape(run.recipe.network),
        checkpoint_sha256=hash_of(checkpoint),
        loader_version=LOADER_VERSION,
        trained={
            "pictures": run.training.pictures,
            "evaluation pictures": run.evaluation.pictures,
            "steps": state.step + sum(stage.steps for stage in run.before),
            **({} if run.before else {"epochs": max(state.evaluation_loss, default=0)}),
            "seconds": round(state.seconds + sum(stage.seconds for stage in run.before)),
            "batch size": run.recipe.batch_size,
            "learning rate": run.recipe.learning_rate,
            "precision": run.recipe.precision,
            "seed": run.seed,
            **({"teacher": run.recipe.head.teacher} if run.recipe.head else {}),
            **(
                {"after the recipes": ", ".join(stage.recipe for stage in run.before)}
                if run.before
                else {}
            ),
            **({"adapted from": run.recipe.adapting.start[:12]} if run.recipe.adapting else {}),
        },
        measures=measures,
    )
