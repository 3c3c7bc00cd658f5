"""Pictures of bridges drawn by code: small, different, and the same on every run."""

import io
import random
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

KINDS: Final = ("arch", "beam", "suspension", "truss")
SIZE: Final = (480, 320)


def draw(kind: str, seed: int = 0, size: tuple[int, int] = SIZE) -> Image.Image:
    """Draw a bridge of this kind; the seed moves it and changes the light."""
    chance = random.Random(f"{kind} {seed}")
    sky, water, steel = (_colour(chance, *bounds) for bounds in _PALETTES[kind])
    image = Image.new("RGB", size, sky)
    pen = ImageDraw.Draw(image)
    width, height = size
    deck = int(height * chance.uniform(0.5, 0.6))
    pen.rectangle((0, int(height * 0.75), width, height), fill=water)
    pen.rectangle((0, deck, width, deck + 10), fill=steel)
    _PARTS[kind](pen, width, deck, steel)
    return image


def textured(kind: str, seed: int = 0, size: tuple[int, int] = SIZE) -> Image.Image:
    """Draw a bridge in blotchy light, with as much to tell it by as a photograph has."""
    chance = np.random.default_rng([KINDS.index(kind), seed])
    blotches = Image.fromarray(chance.integers(0, 256, (20, 30, 3), np.uint8))
    return Image.blend(draw(kind, seed, size), blotches.resize(size, Image.Resampling.BICUBIC), 0.5)


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """Encode a picture in memory."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def fill(folder: Path, *, each: int = 6) -> Path:
    """Write `each` pictures of every kind below a folder, one folder for each kind."""
    for kind in KINDS:
        (folder / kind).mkdir(parents=True)
        for seed in range(each):
            draw(kind, seed).save(folder / kind / f"{seed:02}.jpg", quality=90)
    return folder


def _colour(chance: random.Random, low: int, high: int) -> tuple[int, int, int]:
    return (chance.randint(low, high), chance.randint(low, high), chance.randint(low, high))


def _arch(pen: ImageDraw.ImageDraw, width: int, deck: int, colour: tuple[int, int, int]) -> None:
    for left in range(0, width, width // 3):
        pen.arc((left, deck, left + width // 3, deck + 140), 180, 360, fill=colour, width=12)


def _beam(pen: ImageDraw.ImageDraw, width: int, deck: int, colour: tuple[int, int, int]) -> None:
    for left in range(40, width, width // 5):
        pen.rectangle((left, deck, left + 14, deck + 120), fill=colour)


def _suspension(
    pen: ImageDraw.ImageDraw, width: int, deck: int, colour: tuple[int, int, int]
) -> None:
    for tower in (width // 4, 3 * width // 4):
        pen.rectangle((tower, deck - 140, tower + 12, deck + 100), fill=colour)
    pen.arc((width // 4, deck - 260, 3 * width // 4, deck - 10), 0, 180, fill=colour, width=4)


def _truss(pen: ImageDraw.ImageDraw, width: int, deck: int, colour: tuple[int, int, int]) -> None:
    pen.line((0, deck - 70, width, deck - 70), fill=colour, width=8)
    for left in range(0, width, 60):
        pen.line((left, deck, left + 30, deck - 70, left + 60, deck), fill=colour, width=6)


_PARTS: Final = {"arch": _arch, "beam": _beam, "suspension": _suspension, "truss": _truss}
_PALETTES: Final = {
    "arch": ((190, 240), (60, 110), (90, 130)),
    "beam": ((120, 170), (40, 80), (150, 200)),
    "suspension": ((200, 250), (90, 140), (20, 60)),
    "truss": ((90, 140), (20, 60), (10, 40)),
}
