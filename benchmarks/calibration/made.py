"""Pictures made by code that are of nothing: text and noise, in kinds that fit and kinds that test.

Every picture is a function of its number, so that the same ones come on every run.
"""

import io
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_SIZE: Final = (480, 360)
_WORDS: Final = ("a", "of", "light", "paper", "house", "with", "water", "under", "every", "green")

Colour = tuple[int, ...]


def encoded(kind: str, count: int) -> list[bytes]:
    """Return so many pictures of a kind as JPEG; of faces, where scikit-image brings them."""
    if kind == "faces":
        return [_jpeg(each) for each in _faces(count)]
    return [_jpeg(MAKERS[kind](np.random.default_rng(number))) for number in range(count)]


def black_text(chance: np.random.Generator) -> Image.Image:
    """Write black on white, as a page."""
    return _page(chance, (255, 255, 255), (0, 0, 0))


def coloured_text(chance: np.random.Generator) -> Image.Image:
    """Write in one colour on another."""
    return _page(chance, _colour(chance), _colour(chance))


def fine_noise(chance: np.random.Generator) -> Image.Image:
    """Give every pixel a colour, or a grey, of its own."""
    channels = int(chance.choice([1, 3]))
    values = chance.integers(0, 256, (_SIZE[1], _SIZE[0], channels), np.uint8)
    return Image.fromarray(np.broadcast_to(values, (_SIZE[1], _SIZE[0], 3)).copy())


def coarse_noise(chance: np.random.Generator) -> Image.Image:
    """Enlarge noise, in blocks or smoothly."""
    side = int(chance.choice([6, 12, 24, 48]))
    values = chance.integers(0, 256, (side * 3 // 4, side, 3), np.uint8)
    way = chance.choice([Image.Resampling.NEAREST, Image.Resampling.BICUBIC])
    return Image.fromarray(values).resize(_SIZE, Image.Resampling(int(way)))


def plain(chance: np.random.Generator) -> Image.Image:
    """Fill a picture with one colour, or with the way from one to another."""
    top, bottom = np.array(_colour(chance)), np.array(_colour(chance))
    way = np.linspace(0, int(chance.integers(2)), _SIZE[1])[:, np.newaxis, np.newaxis]
    rows = (top + way * (bottom - top)).astype(np.uint8)
    return Image.fromarray(np.broadcast_to(rows, (_SIZE[1], _SIZE[0], 3)).copy())


MAKERS: Final[dict[str, Callable[[np.random.Generator], Image.Image]]] = {
    "black_text": black_text,
    "coloured_text": coloured_text,
    "fine_noise": fine_noise,
    "coarse_noise": coarse_noise,
    "plain": plain,
}


def _page(chance: np.random.Generator, paper: Colour, ink: Colour) -> Image.Image:
    image = Image.new("RGB", _SIZE, paper)
    pen, size = ImageDraw.Draw(image), int(chance.integers(12, 56))
    font = ImageFont.load_default(size)
    for top in range(size // 2, _SIZE[1], int(size * 1.4)):
        words = chance.choice(_WORDS, 2 + 900 // (size * 3))
        pen.text((size // 2, top), " ".join(words), fill=ink, font=font)
    return image


def _faces(count: int) -> list[Image.Image]:
    """Return faces of the Labelled Faces in the Wild, as far as scikit-image carries them along."""
    try:
        from skimage.data import lfw_subset  # noqa: PLC0415 - not everybody has it
    except ModuleNotFoundError:
        return []
    faces = (255 * lfw_subset()[:100]).astype(np.uint8)[:: -(-100 // count)]
    return [Image.fromarray(face).resize((250, 250), Image.Resampling.BICUBIC) for face in faces]


def _colour(chance: np.random.Generator) -> Colour:
    return tuple(chance.integers(0, 256, 3).tolist())


def _jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=90)
    return file.getvalue()
