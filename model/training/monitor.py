"""What TensorBoard shows of a training: curves, reconstructions, and the embedding projector.

tensorboard --logdir JOB
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.training.data import Pictures, Pixels
from model.training.runtime import tf

FOLDER: Final = "tensorboard"
_SPRITE_SIDE: Final = 64

_PROJECTOR: Final = """embeddings {{
  tensor_name: "embedding"
  tensor_path: "embedding.tsv"
  metadata_path: "metadata.tsv"
  sprite {{
    image_path: "sprite.png"
    single_image_dim: {side}
    single_image_dim: {side}
  }}
}}
"""


class Monitor:
    """Writes into the job's TensorBoard folder."""

    def __init__(self, job_dir: Path) -> None:
        self._folder = job_dir / FOLDER
        self._writer = tf.summary.create_file_writer(str(self._folder))

    def scalars(self, step: int, values: dict[str, float]) -> None:
        """Add a point to each of these curves."""
        with self._writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(name, value)

    def reconstructions(self, step: int, originals: Pixels, reconstructed: Pixels) -> None:
        """Show uint8 (B, 256, 256, 3) originals, and to their right what the decoder made."""
        pairs = np.concatenate([originals, reconstructed], axis=2)  # (B, 256, 512, 3)
        with self._writer.as_default(step=step):
            tf.summary.image("original and reconstruction", pairs, max_outputs=len(pairs))

    def projector(self, embeddings: NDArray[np.float32], pictures: Pictures) -> None:
        """Lay out the embedding projector: float32 (N, D), and the N pictures they are of."""
        np.savetxt(self._folder / "embedding.tsv", embeddings, fmt="%.5f", delimiter="\t")
        names = "\n".join(place.path.replace("\t", " ") for place in pictures.places)
        (self._folder / "metadata.tsv").write_text(names + "\n", encoding="utf-8")
        _sprite(pictures).save(self._folder / "sprite.png")
        (self._folder / "projector_config.pbtxt").write_text(
            _PROJECTOR.format(side=_SPRITE_SIDE), encoding="utf-8"
        )

    def close(self) -> None:
        """Write what is buffered."""
        self._writer.close()


def _sprite(pictures: Pictures) -> Image.Image:
    """Return all pictures, small, in the square grid that the projector cuts apart again."""
    columns = int(np.ceil(np.sqrt(len(pictures))))
    sprite = Image.new("RGB", (columns * _SPRITE_SIDE, columns * _SPRITE_SIDE))
    for row in range(len(pictures)):
        small = Image.fromarray(pictures.pixels([row])[0]).resize((_SPRITE_SIDE, _SPRITE_SIDE))
        y, x = divmod(row, columns)
        sprite.paste(small, (x * _SPRITE_SIDE, y * _SPRITE_SIDE))
    return sprite


def as_pixels(pictures: Any) -> Pixels:
    """Turn float (B, 256, 256, 3) in [-1, 1] into uint8."""
    scaled = (np.asarray(pictures, np.float32) + 1.0) * 127.5
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)
