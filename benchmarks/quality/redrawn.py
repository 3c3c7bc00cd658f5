"""Pictures of the gallery, and below each what the bundle's decoder draws from its code."""

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from model.bundle import Bundle, open_bundle
from model.evaluation.methods import Pixels, of_bundle
from model.images import load

COUNT: Final = 6
_SIDE: Final = 192
_GAP: Final = 8


def draw(folder: Path, out: Path) -> None:
    """Write the figure of a bundle whose gallery is linked: a WebP of two rows.

    Raises BundleError without an index.
    """
    redraw = of_bundle("", folder).redraw
    assert redraw is not None
    shown = [load(path).pixels for path in _pictures(open_bundle(folder, verify=False))]
    rows = (shown, [redraw(pixels) for pixels in shown])
    _sheet(rows).save(out, quality=80, method=6)


def _pictures(bundle: Bundle) -> list[Path]:
    """Return files from all over the gallery."""
    gallery = bundle.manifest.gallery
    assert gallery is not None
    rows = np.linspace(0, gallery.count - 1, min(COUNT, gallery.count)).astype(int).tolist()
    return [bundle.folder / gallery.root / each.path for each in bundle.gallery.records(rows)]


def _sheet(rows: tuple[list[Pixels], list[Pixels]]) -> Image.Image:
    step = _SIDE + _GAP
    sheet = Image.new("RGBA", (step * len(rows[0]) - _GAP, step * 2 - _GAP))
    for y, row in enumerate(rows):
        for x, pixels in enumerate(row):
            small = Image.fromarray(pixels).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
            sheet.paste(small, (x * step, y * step))
    return sheet
