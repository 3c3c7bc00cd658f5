"""Shows the pictures of every kind to the encoder, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration import made
from benchmarks.calibration.kinds import KINDS, Kind
from model.calibration import SMALL
from model.encoder import Encoder
from model.folders import FolderError, pictures_in
from model.image_errors import ImageError
from model.images import load
from model.progress import Progress

Embeddings = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """The pictures of a kind. embeddings: float32 (n, D). small: bool (n,), by `SMALL`."""

    kind: Kind
    embeddings: Embeddings
    small: NDArray[np.bool_]

    def sized(self, *, small: bool) -> Embeddings:
        """Return the embeddings of its small pictures, or of the others."""
        return np.asarray(self.embeddings[self.small == small])


def see(folder: Path, encoder: Encoder) -> list[Seen]:
    """Encode the pictures of all kinds that are there. Raises FolderError where none is."""
    found = {kind: _pictures(folder, kind) for kind in KINDS}
    if not any(kind.folders and pictures for kind, pictures in found.items()):
        raise FolderError(f"{folder} has none of the folders of benchmarks/calibration/kinds.py.")
    progress = Progress("encoded", sum(map(len, found.values())))
    seen = [_see(kind, pictures, encoder, progress) for kind, pictures in found.items() if pictures]
    progress.finish()
    return [each for each in seen if len(each.embeddings)]


def _pictures(folder: Path, kind: Kind) -> Sequence[Path | bytes]:
    if kind.made:
        return made.encoded(kind.made, kind.most)
    listed = [pictures_in(folder / name) for name in kind.folders if (folder / name).is_dir()]
    return [path for paths in listed for path in paths[:: -(-len(paths) // kind.most)]]


def _see(
    kind: Kind, pictures: Sequence[Path | bytes], encoder: Encoder, progress: Progress
) -> Seen:
    embeddings, small = [], []
    for source in pictures:
        progress.step()
        try:
            picture = load(source)
        except (ImageError, OSError) as error:
            progress.note(f"{kind.name}: {error}")
            continue
        embeddings.append(encoder.encode(picture.pixels[np.newaxis]).embedding[0])
        small.append(max(picture.width, picture.height) < SMALL)
    return Seen(kind, np.array(embeddings, np.float32), np.array(small, np.bool_))
