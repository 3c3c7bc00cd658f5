"""A collection as `python -m benchmarks.calibration` wants it, of pictures drawn by code."""

import random
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from tests import drawing

_SIZE: Final = (320, 240)


def fill(folder: Path) -> Path:
    """Write bridges to fit and to test, and pictures of anything to fit."""
    for number in range(40):
        _save(_shapes(number), folder / "general" / "imagenet_sample" / f"{number:02}.png")
    for seed in range(100, 112):
        for kind in drawing.KINDS:
            use = "train/arch" if seed < 108 else "bridge_type/arch"
            _save(drawing.draw(kind, seed), folder / use / f"{kind}-{seed}.png")
    small = drawing.draw("arch", 120).resize((120, 80))
    _save(small, folder / "places_128px" / "bridge" / "small.png")
    return folder


def _shapes(number: int) -> Image.Image:
    """Draw discs of many colours on a ground of another."""
    chance = random.Random(number)
    image = Image.new("RGB", _SIZE, _colour(chance))
    pen = ImageDraw.Draw(image)
    for _ in range(chance.randint(3, 30)):
        x, y, r = chance.randint(0, 320), chance.randint(0, 240), chance.randint(5, 70)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=_colour(chance))
    return image


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return (chance.randint(0, 255), chance.randint(0, 255), chance.randint(0, 255))


def _save(image: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
