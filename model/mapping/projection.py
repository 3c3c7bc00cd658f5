"""Lays a gallery out by a projection, t-SNE as openTSNE computes it, for `python -m model map`.

Maaten and Hinton, "Visualizing Data using t-SNE" (Journal of Machine Learning Research 9, 2008);
Linderman and others, "Fast interpolation-based t-SNE" (Nature Methods 16, 2019), which is why
100,000 pictures take minutes and not days.
"""

import importlib.metadata
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.mapping.plane import Cells, block, shared_out
from model.mapping.sorting import along_axes, settled

# A projection of fewer says nothing that sorting does not.
FEWEST: Final = 16
_PERPLEXITY: Final = 30
# How far sorting still looks around: farther would undo what the projection found.
_REACH: Final = 3.0


def projected(embeddings: NDArray[np.float32], *, jobs: int | None, seed: int = 0) -> Cells:
    """Return a place, int64 (N, 2), for each embedding, float32 (N, D), N at least `FEWEST`.

    jobs: processors to use (default: all). Raises ModuleNotFoundError without openTSNE.
    """
    from openTSNE import TSNE  # noqa: PLC0415 - indexing and serving do without it

    method = TSNE(
        perplexity=min(_PERPLEXITY, (len(embeddings) - 1) / 3),
        metric="euclidean",  # of unit vectors: the order of their cosines
        n_jobs=jobs or -1,
        random_state=seed,
    )
    points = np.asarray(method.fit(np.asarray(embeddings)))
    cells = shared_out(points, block(len(points)))
    return settled(along_axes(embeddings), cells, reach=_REACH)


def name() -> str:
    """Return what a manifest tells of the method."""
    return f"t-SNE, openTSNE {importlib.metadata.version('openTSNE')}"
