"""A folder in which some pictures lie more than once, as they do in a real archive."""

import shutil
from pathlib import Path

from PIL import Image

from tests import drawing


def fill(folder: Path) -> Path:
    """Write four textured pictures below a folder, copies of two of them, and flat drawings.

    Of `bridge.png` there are a small JPEG, a WebP in other light and the same file again; of
    `other.jpg` the same file; `lone.png` and `empty.png` stand for themselves.
    """
    (folder / "scans").mkdir(parents=True)
    bridge = drawing.textured("arch", 1)
    bridge.save(folder / "bridge.png")
    bridge.resize((240, 160), Image.Resampling.LANCZOS).save(folder / "mail.jpg", quality=40)
    brighter = bridge.point(lambda value: min(255, round(value * 1.1)))
    brighter.save(folder / "scans" / "bridge.webp", quality=60)
    shutil.copy(folder / "bridge.png", folder / "scans" / "again.png")
    drawing.textured("truss", 2).save(folder / "other.jpg", quality=90)
    shutil.copy(folder / "other.jpg", folder / "scans" / "other (1).jpg")
    drawing.textured("arch", 3).save(folder / "lone.png")
    for seed in range(2):  # so flat that nothing can be said of them
        drawing.draw("beam", seed).save(folder / f"flat-{seed}.png")
        Image.new("RGB", drawing.SIZE, (seed, seed, seed)).save(folder / f"empty-{seed}.png")
    return folder
