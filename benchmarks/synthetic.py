"""Synthetic embeddings that spread as a bundle's real ones do, as many as are wanted."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from model.bundle import open_bundle, read_manifest

# With fewer pictures than this, the spectrum is a guess; more than that do not change it.
_FEWEST: Final = 32
_MOST: Final = 4096
_ASSUMED: Final = "assumed, for the bundle has too few pictures"
_BLOCK: Final = 65_536


@dataclass(frozen=True)
class Spectrum:
    """How embeddings spread.

    mean: float32 (D,). together: float32 (K, D), directions that vary by themselves, each as long
    as its deviation. alone: float32 (D,), the deviation of each dimension for itself. source: in
    words.
    """

    mean: NDArray[np.float32]
    together: NDArray[np.float32]
    alone: NDArray[np.float32]
    source: str

    @property
    def dimensions(self) -> int:
        """D."""
        return len(self.mean)

    @classmethod
    def of(cls, bundle: Path) -> Self:
        """Measure a bundle's embeddings; without an index, let the variance fall as 1/sqrt(i)."""
        manifest = read_manifest(bundle)
        if manifest.gallery is None or manifest.gallery.count < _FEWEST:
            return cls.assumed(manifest.model.dimensions)
        return cls.measured(open_bundle(bundle).embeddings)

    @classmethod
    def assumed(cls, dimensions: int) -> Self:
        """Return a spectrum whose variance falls as 1/sqrt(i)."""
        alone = (np.arange(1, dimensions + 1) ** -0.25).astype(np.float32)
        none = np.zeros((0, dimensions), np.float32)
        return cls(np.zeros(dimensions, np.float32), none, alone, _ASSUMED)

    @classmethod
    def measured(cls, embeddings: NDArray[np.float32]) -> Self:
        """Return the spectrum of embeddings, float32 (N, D).

        A few hundred pictures span fewer directions than there are dimensions, and the others are
        not empty. So half of the variance is drawn as it was found, and half of it dimension by
        dimension, in every direction.
        """
        sample = embeddings[:: -(-len(embeddings) // _MOST)]
        mean = sample.mean(axis=0)
        _, lengths, directions = np.linalg.svd(sample - mean, full_matrices=False)
        together = directions * (lengths / np.sqrt(len(sample)))[:, np.newaxis]
        half = np.float32(0.5**0.5)
        source = f"of the bundle's {len(embeddings):,} embeddings"
        return cls(mean, half * together, half * sample.std(axis=0), source)

    def draw(self, count: int, *, seed: int) -> NDArray[np.float32]:
        """Return `count` embeddings of unit length, float32 (count, D)."""
        random = np.random.default_rng(seed)
        drawn = np.empty((count, self.dimensions), np.float32)
        for start in range(0, count, _BLOCK):
            block = drawn[start : start + _BLOCK]
            random.standard_normal(dtype=np.float32, out=block)
            block *= self.alone
            chances = random.standard_normal((len(block), len(self.together)), dtype=np.float32)
            block += chances @ self.together
            block += self.mean
            block /= np.linalg.norm(block, axis=1, keepdims=True)
        return drawn
