"""What a bundle's encoder knew before: the pictures of its own gallery, as they are shown."""

from collections.abc import Sequence

import numpy as np

from model.gallery import Gallery
from model.images import load
from model.training.data import Pixels


class Known:
    """Pictures of a gallery, at most so many, evenly spread; decoded whenever asked for."""

    def __init__(self, gallery: Gallery, most: int) -> None:
        self._gallery = gallery
        count = gallery.count
        self._rows = np.unique(np.linspace(0, count - 1, min(most, count)).astype(np.int64))

    def __len__(self) -> int:
        return len(self._rows)

    def pixels(self, rows: Sequence[int]) -> Pixels:
        """Return uint8 (B, 256, 256, 3). Raises ImageError for a damaged pack of thumbnails."""
        records = [self._gallery.record(int(self._rows[row])) for row in rows]
        shown = [self._gallery.thumbnail(record, "large") for record in records]
        return np.stack([load(content).pixels for content in shown])
