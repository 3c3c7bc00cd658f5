"""What is measured: ways to describe a picture by a vector, and to compare two vectors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.baselines import BASELINES, MissingLibrary, Vector
from model.bundle import BundleError, Manifest, read_manifest
from model.copies import Hashes, unpacked
from model.encoder import Decoder, Encoder
from model.images import SIDE
from model.variants import Seen, see

MODEL: Final = "this bundle"
TUTORIAL: Final = "its code, flattened, Euclid"
RANDOM: Final = "random"

Pixels = NDArray[np.uint8]
Similarities = NDArray[np.float32]


def by_cosine(vectors: NDArray[np.float32]) -> Similarities:
    """Compare float32 (N, F) by the dot product of their directions: float32 (N, N)."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return np.asarray(unit @ unit.T, np.float32)


def by_euclid(vectors: NDArray[np.float32]) -> Similarities:
    """Compare float32 (N, F) by minus their squared distance: float32 (N, N)."""
    squares = (vectors**2).sum(axis=1)
    return np.asarray(2 * vectors @ vectors.T - squares[:, None] - squares[None], np.float32)


@dataclass(frozen=True, kw_only=True)
class Method:
    """One row of the table.

    describe: uint8 (256, 256, 3) to float32 (F,). compare: float32 (N, F) to (N, N), higher is
    nearer. redraw: the picture as the method's decoder draws it, uint8 (256, 256, 3).
    learned: the hashes of its training pictures, bool (T, 64); None where nobody knows them.
    weights: bytes of the file that describes. see: what `model/variants.py` compares.
    """

    name: str
    describe: Callable[[Pixels], Vector]
    compare: Callable[[NDArray[np.float32]], Similarities] = by_cosine
    redraw: Callable[[Pixels], Pixels] | None = None
    learned: Hashes | None = None
    weights: int = 0
    trained: bool = False
    see: Callable[[Pixels], Seen] | None = None


def of_bundle(name: str, folder: Path) -> Method:
    """Return a bundle's embedding as a method; the one called MODEL sees for the variants, too.

    Raises BundleError without a usable encoder.
    """
    manifest = read_manifest(folder)
    path = part(folder, manifest, "encoder")
    encoder, decoder = Encoder(path), Decoder(part(folder, manifest, "decoder"))

    def redraw(pixels: Pixels) -> Pixels:
        drawn: Pixels = decoder.decode(encoder.encode(pixels[np.newaxis]).code)[0]
        return drawn

    return Method(
        name=name,
        describe=lambda pixels: encoder.encode(pixels[np.newaxis]).embedding[0],
        redraw=redraw,
        learned=learned_by(folder, manifest),
        weights=path.stat().st_size,
        trained=True,
        see=partial(see, encoder) if name == MODEL else None,
    )


def flattened(name: str, folder: Path) -> Method:
    """Return the tutorial's way as a method: a bundle's whole code, compared by distance."""
    manifest = read_manifest(folder)
    path = part(folder, manifest, "encoder")
    encoder = Encoder(path)
    return Method(
        name=name,
        describe=lambda pixels: encoder.encode(pixels[np.newaxis]).code.ravel(),
        compare=by_euclid,
        learned=learned_by(folder, manifest),
        weights=path.stat().st_size,
        trained=True,
    )


def baselines() -> tuple[list[Method], dict[str, str]]:
    """Return the baselines that can run, and of the others what they lack."""
    found, missing = [], {}
    for name, baseline in BASELINES.items():
        try:
            baseline(np.zeros((SIDE, SIDE, 3), np.uint8))
        except MissingLibrary as error:
            missing[name] = str(error)
        else:
            found.append(Method(name=name, describe=baseline))
    return found, missing


def learned_by(folder: Path, manifest: Manifest) -> Hashes | None:
    """Return the hashes of a bundle's training pictures, bool (T, 64), or None."""
    if "training-hashes" not in manifest.files:
        return None
    return unpacked(np.load(part(folder, manifest, "training-hashes")))


def part(folder: Path, manifest: Manifest, role: str) -> Path:
    """Return a file of the model; an index is not needed here. Raises BundleError."""
    path = folder / manifest.files[role].name
    if not path.is_file():
        raise BundleError(role, f"The bundle {folder} lacks {path.name}.", "export it again.")
    return path


def named(texts: Sequence[str]) -> dict[str, Path]:
    """Read NAME=BUNDLE, as often as given. Raises BundleError for anything else."""
    pairs = [text.partition("=") for text in texts]
    for text, (name, _, folder) in zip(texts, pairs, strict=True):
        if not (name and folder):
            raise BundleError("name", f"`{text}` names no bundle.", "write NAME=BUNDLE.")
    return {name: Path(folder) for name, _, folder in pairs}
