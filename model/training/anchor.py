"""A bundle's network as it is: where an adaptation starts, and what holds it.

The bundle's checkpoint carries its projection, so that embeddings can be made of it again. The
checkpoint of an older bundle does not: then the projection is fitted on the pictures at hand.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.bundle import Manifest, hash_of, read_manifest
from model.training import checkpoints, projection
from model.training.archive import read_projection
from model.training.autoencoder import build, decoder_of, encoder_of, head_of
from model.training.configuration import Precision, Recipe
from model.training.data import Pictures
from model.training.errors import TrainingError
from model.training.projection import Projection
from model.training.runtime import tf
from model.training.steps import scaled


@dataclass(frozen=True)
class Start:
    """A bundle to start from. recipe: the one that its network was trained by."""

    bundle: Path
    manifest: Manifest
    recipe: Recipe

    @property
    def checkpoint(self) -> Path:
        """The file of the network."""
        return self.bundle / self.manifest.files["checkpoint"].name

    @property
    def encoder(self) -> Path:
        """The file of the encoder, as it serves."""
        return self.bundle / self.manifest.files["encoder"].name

    @property
    def sha256(self) -> str:
        """The checkpoint's hash."""
        return self.manifest.model.checkpoint_sha256

    @property
    def quantized(self) -> bool:
        """Whether its encoder computes in integers."""
        return "int8 agreement" in self.manifest.model.measures


@dataclass(frozen=True)
class Anchor:
    """What a network said before it was adapted: it never changes."""

    encoder: Any
    head: Any | None
    projection: Projection

    def embed(self, pixels: Any) -> Any:
        """Return the embeddings, float32 (B, D), of uint8 (B, 256, 256, 3)."""
        codes = self.encoder(scaled(pixels), training=False)
        return tf.stop_gradient(self.projection(projection.describe(codes, self.head)))


def open_start(bundle: Path) -> Start:
    """Return the bundle as a start. Raises BundleError or TrainingError where it can be none."""
    manifest = read_manifest(bundle)
    path = bundle / manifest.files["checkpoint"].name
    if not path.is_file() or hash_of(path) != manifest.model.checkpoint_sha256:
        raise TrainingError(f"The bundle {bundle} lacks its checkpoint, or has another one.")
    return Start(bundle, manifest, checkpoints.read_state(path).run.recipe)


def anchored(checkpoint: Path, pictures: Pictures, precision: Precision) -> Anchor:
    """Return a checkpoint's network, computing in this precision. Raises TrainingError.

    pictures: what its projection is fitted on if it has none.
    """
    trained, state = checkpoints.load(checkpoint)
    recipe = state.run.recipe
    exact = build(recipe.network, recipe.head)
    take_over(exact, trained)
    kept = read_projection(checkpoint)
    fitted = projection.fit(exact, pictures) if kept is None else Projection(*kept)
    network = build(recipe.network, recipe.head, precision=precision)
    take_over(network, trained)
    return Anchor(encoder_of(network), head_of(network), fitted)


def projected(checkpoint: Path, pictures: Pictures) -> Projection:
    """Return the projection alone, without loading a network that has one. Raises TrainingError."""
    kept = read_projection(checkpoint)
    if kept is None:
        return anchored(checkpoint, pictures, "float32").projection
    return Projection(*kept)


def take_over(network: Any, trained: Any) -> None:
    """Give a network the weights of another one; a projector that only training uses is left."""
    for part_of in (encoder_of, decoder_of, head_of):
        ours, theirs = part_of(network), part_of(trained)
        if ours is not None and theirs is not None:
            ours.set_weights(theirs.get_weights())
