"""The one loader: bytes of any picture in, what the encoder sees out.

Training, indexing, serving and thumbnails all come through `load`. Two loaders would drift apart,
and every distance would be wrong by a little.
"""

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import PIL
import pillow_heif
from numpy.typing import NDArray
from PIL import Image

from model.image_errors import DamagedImage, OutsideRegion, TooManyPixels, UnsupportedFormat
from model.metadata.png import without_texts
from model.metadata.raw import Raw, raw_of
from model.upright import (
    as_stored,
    is_legible,
    is_turned,
    orientation_of,
    upright,
    upright_size,
)
from model.view import WHOLE, Region, View

LOADER_VERSION: Final = 1  # raised whenever the same bytes would give other pixels
# What decodes: with another version of it, a file that was refused may be read.
READER: Final = (
    f"{LOADER_VERSION} Pillow {PIL.__version__} pillow-heif {pillow_heif.__version__} "
    f"libvips {version('pyvips-binary')}"
)
SIDE: Final = 256
FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP", "HEIF")
MAX_PIXELS: Final = 100_000_000

# Decoding at half, a quarter or an eighth of the size makes a 12-megapixel JPEG five times cheaper.
# Twice the encoder's side keeps the mean difference at 0.2 grey levels.
_REDUCED_SIDE: Final = 2 * SIDE
KEPT_SIDE: Final = 2048
_STRIP_PIXELS: Final = 1_000_000
_GROUND: Final = (255, 255, 255)

# Pillow turns against the clock.
_CLOCKWISE: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture.

    pixels: uint8 (256, 256, 3) RGB, what the encoder sees.
    reduced: the same as RGB in its own proportions; its shorter side is at least 512 where the
        original has that many.
    whole: RGB, upright, all of the picture, as large as `reduced` or larger; the same as that
        where all is looked at.
    view: what of it was looked at, its region clipped at the edges.
    width, height: pixels of the upright original.
    turned: whether EXIF said that the picture had to be turned or mirrored.
    raw: what it carries beside its pixels, not yet understood (`model/metadata`).
    """

    pixels: NDArray[np.uint8]
    reduced: Image.Image
    whole: Image.Image
    view: View
    width: int
    height: int
    format: str
    turned: bool
    raw: Raw

    @property
    def seen(self) -> tuple[int, int]:
        """Width and height of what was looked at, in pixels of the original."""
        region = self.view.region
        return (self.width, self.height) if region is None else (region.width, region.height)


def load(source: bytes | Path, *, max_pixels: int = MAX_PIXELS, view: View = WHOLE) -> Picture:
    """Decode a picture the way that every part of this project does.

    view: which part of it is wanted, and how turned. The part is cut out of the full picture, so
    that a small one is as sharp as the whole.

    Raises ImageError with a sentence for the sender, and OSError when a path cannot be read.
    """
    content = source if isinstance(source, bytes) else source.read_bytes()
    if not content:
        raise UnsupportedFormat("The file is empty.")
    try:
        return _loaded(content, max_pixels, view)
    except (UnsupportedFormat, DamagedImage):
        bare = without_texts(content)
        if bare is None:
            raise
    # Megabytes of text, or EXIF that is none, are no reason to leave out a picture that is whole.
    return replace(_loaded(bare, max_pixels, view), raw=Raw(broken=("metadata",)))


def _loaded(content: bytes, max_pixels: int, view: View) -> Picture:
    with open_header(io.BytesIO(content), max_pixels) as image:
        sniffed = "JPEG" if image.format == "MPO" else image.format or ""
        try:
            legible = is_legible(image)
            width, height = upright_size(image)
            turned = is_turned(image)
            view = _clipped(view, width, height)
            whole, part = _reduced(image, view.region)
            raw = raw_of(image, legible=legible)
        except (MemoryError, OutsideRegion):
            raise
        except Exception as error:  # decoders raise nearly anything on damaged files
            raise DamagedImage(
                "The %(format)s picture is damaged or incomplete and cannot be decoded.",
                format=sniffed,
            ) from error
    reduced = _held(part, view)
    square = reduced.resize((SIDE, SIDE), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return Picture(
        pixels=np.asarray(square, dtype=np.uint8),
        reduced=reduced,
        whole=whole,
        view=view,
        width=width,
        height=height,
        format=sniffed,
        turned=turned,
        raw=raw,
    )


def lightened(picture: Picture, side: int = KEPT_SIDE) -> Picture:
    """Return a picture whose reduced copies fit in a square, and that carries nothing.

    side: of the square in pixels; 0 for whoever looks at no copy, which then is one pixel.
    Of a long panorama they are as large as itself, which is too much to keep of several.
    """
    reduced = _fitted(picture.reduced, side)
    whole = reduced if picture.whole is picture.reduced else _fitted(picture.whole, side)
    return replace(picture, reduced=reduced, whole=whole, raw=Raw())


def webp(image: Image.Image, box: tuple[int, int], *, quality: int = 80) -> bytes:
    """Encode a picture as WebP without metadata, scaled down (never up) to fit in `box`."""
    copy = image.copy()
    copy.thumbnail(box, Image.Resampling.LANCZOS, reducing_gap=3.0)
    file = io.BytesIO()
    copy.save(file, "WEBP", quality=quality, method=2)
    return file.getvalue()


def preview(image: Image.Image, box: tuple[int, int], *, quality: int = 80) -> bytes:
    """Encode a picture as a small JPEG that is looked at once: a quarter of the time of `webp`."""
    copy = image.copy()
    copy.thumbnail(box, Image.Resampling.BILINEAR, reducing_gap=2.0)
    file = io.BytesIO()
    copy.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _fitted(image: Image.Image, side: int) -> Image.Image:
    if side == 0:
        return Image.new("RGB", (1, 1))
    if max(image.size) <= side:
        return image
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return copy


@cache
def prepare_pillow() -> None:
    """Teach Pillow HEIC, and make its warning about decompression bombs an error.

    What it finds odd in the metadata of a picture is nothing that an operator could act on.
    """
    pillow_heif.register_heif_opener()
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def open_header(file: BinaryIO, max_pixels: int) -> Image.Image:
    """Read the header only, and refuse what is too large before anything is decoded.

    Raises UnsupportedFormat and TooManyPixels.
    """
    prepare_pillow()
    Image.MAX_IMAGE_PIXELS = max_pixels
    try:
        image = Image.open(file, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many(max_pixels) from error
    except MemoryError:
        raise
    except Exception as error:  # a hostile header may raise anything
        raise UnsupportedFormat(
            "This is not a picture that can be read here. "
            "JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF and BMP can."
        ) from error
    if image.width * image.height > max_pixels:
        raise _too_many(max_pixels)
    return image


def _too_many(max_pixels: int) -> TooManyPixels:
    return TooManyPixels(
        "The picture has more than %(most)s megapixels. Make it smaller and send it again.",
        most=round(max_pixels / 1e6),
    )


def _clipped(view: View, width: int, height: int) -> View:
    found = view.clipped(width, height)
    if found is None:
        width, height = view.size or (width, height)
        raise OutsideRegion(
            "That part lies outside the picture, which is %(width)s pixels wide and "
            "%(height)s high. Choose one inside it.",
            width=width,
            height=height,
        )
    return found


def _reduced(image: Image.Image, region: Region | None) -> tuple[Image.Image, Image.Image]:
    """Decode the first frame, no larger than is useful, upright and as RGB on the fixed ground.

    Returns all of it, and the region of it, which decides how much is useful.
    """
    size, orientation = image.size, orientation_of(image)
    stored = Region(0, 0, *size) if region is None else as_stored(region, size, orientation)
    factor = max(1, min(stored.width, stored.height) // _REDUCED_SIDE)
    image.draft("RGB", (max(1, size[0] // factor), max(1, size[1] // factor)))
    image.load()
    eight_bits = _eight_bits(image)
    whole = upright(_smaller(image, eight_bits), orientation)
    if region is None:
        return whole, whole
    x, y, width, height = stored.scaled(size, image.size)
    part = image.crop((x, y, x + width, y + height))
    return whole, upright(_smaller(part, eight_bits), orientation)


def _smaller(image: Image.Image, eight_bits: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Return a picture as RGB, reduced as far as is useful, strip by strip.

    Done to all of it at once, the steps of 16 bits and of alpha take 28 bytes a pixel.
    """
    factor = max(1, min(image.size) // _REDUCED_SIDE)
    strip = max(1, _STRIP_PIXELS // (image.width * factor)) * factor

    def made(part: Image.Image) -> Image.Image:
        rgb = _rgb(eight_bits(part))
        return rgb.reduce(factor) if factor > 1 else rgb

    if strip >= image.height:
        whole = made(image)
        whole.info = {}  # or copies would carry what the picture does: comments, any colour profile
        return whole
    whole = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, image.height, strip):
        part = image.crop((0, top, image.width, min(top + strip, image.height)))
        whole.paste(made(part), (0, top // factor))
    return whole


def _held(image: Image.Image, view: View) -> Image.Image:
    """Mirror and turn a picture as the view says."""
    if view.mirror:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    turn = _CLOCKWISE.get(view.turn)
    return image if turn is None else image.transpose(turn)


def _rgb(image: Image.Image) -> Image.Image:
    """Convert any mode of 8 bits to RGB: alpha is laid on the fixed ground."""
    if image.has_transparency_data:
        ground = Image.new("RGBA", image.size, (*_GROUND, 255))
        return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Return what scales a strip of this picture to 8 bits; Pillow's own conversion would clip.

    16-bit, 32-bit and float grey are scaled, the last two so that the whole picture's range fits.
    """
    if not image.mode.startswith(("I", "F")):
        return lambda strip: strip
    low, scale = (0.0, 1 / 257) if image.mode.startswith("I;16") else _range(image)

    def scaled(strip: Image.Image) -> Image.Image:
        values = (np.asarray(strip, dtype=np.float64) - low) * scale
        return Image.fromarray(np.nan_to_num(values).clip(0, 255).round().astype(np.uint8))

    return scaled


def _range(image: Image.Image) -> tuple[float, float]:
    """Return the darkest value of a picture, and what makes 8 bits of those above it."""
    values = np.asarray(image)
    if (values.min() >= 0 and values.max() <= 255) or np.isnan(values).any():
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    return low, 255 / max(high - low, 1e-9)
