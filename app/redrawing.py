"""What the autoencoder remembers of a picture: what its decoder draws from the code alone."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.live import Snapshot
from app.metrics import lent, stage
from app.settings import Settings
from model.images import SIDE, webp


def redrawn(snapshot: Snapshot, code: NDArray[np.float32], settings: Settings) -> bytes:
    """Draw a code, float32 (1, 4, 4, 512): a WebP of 256 by 256 pixels, as the encoder saw it.

    Raises Busy when others are waiting for the same.
    """
    with lent(snapshot.decoders, settings.wait) as decoder, stage("redraw"):
        drawn = decoder.decode(code)[0]
    return webp(Image.fromarray(drawn), (SIDE, SIDE))
