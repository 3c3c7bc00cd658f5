"""How a picture must be turned to be upright, as its EXIF tells."""

from typing import Final

from PIL import Image

from model.view import Region

# What turns a picture upright, by its EXIF orientation (tag 0x0112 of EXIF 2.32, 1 is upright).
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Which of them change left for right, and top for bottom, seen in the upright picture; those from 5
# on change rows for columns, too.
_LEFT_FOR_RIGHT: Final = (2, 3, 6, 7)
_TOP_FOR_BOTTOM: Final = (3, 4, 7, 8)


def is_legible(image: Image.Image) -> bool:
    """Read EXIF for the first time, and say whether it can be; it is empty ever after if not."""
    try:
        image.getexif()
    except MemoryError:
        raise
    except Exception:  # EXIF may be damaged in any way, in a picture whose pixels are whole
        return False
    return True


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height of a picture as it will be once it is upright."""
    return image.size[::-1] if orientation_of(image) >= 5 else image.size


def is_turned(image: Image.Image) -> bool:
    """Tell whether EXIF says that the picture must be turned or mirrored to be upright."""
    return _said(image) > 1


def orientation_of(image: Image.Image) -> int:
    """Return what remains to be done, as EXIF numbers it: Pillow turns a TIFF as it decodes it."""
    return 1 if image.format == "TIFF" else _said(image)


def _said(image: Image.Image) -> int:
    value = image.getexif().get(0x0112, 1)
    return value if value in _TURNS else 1


def as_stored(region: Region, size: tuple[int, int], orientation: int) -> Region:
    """Return where a region of the upright picture lies in the file's own, which has this size."""
    x, y, width, height = region
    across, down = size[::-1] if orientation >= 5 else size
    x = across - x - width if orientation in _LEFT_FOR_RIGHT else x
    y = down - y - height if orientation in _TOP_FOR_BOTTOM else y
    return Region(y, x, height, width) if orientation >= 5 else Region(x, y, width, height)


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn a decoded picture as an orientation says; 1 leaves it as it is."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)
