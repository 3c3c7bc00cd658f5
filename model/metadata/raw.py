"""What a decoded picture carries beside its pixels, as it was found; nothing is understood here.

It is taken in the same pass that decodes: some formats write it behind the pixels.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from PIL import Image, ImageFile, IptcImagePlugin

from model.metadata.exif import CAMERA_TAGS, TAGS

T = TypeVar("T")

# The directory of EXIF that holds what the camera wrote (EXIF 2.32, 4.6.3).
_CAMERA: Final = 0x8769
# Dataset 2 is the application record: what people write (IPTC-NAA IIM 4.2, chapter 6).
Iptc = Mapping[tuple[int, int], bytes | list[bytes]]


@dataclass(frozen=True, slots=True)
class Raw:
    """xmp: a packet. iptc: data sets by record and number. exif, camera: values by their tags.

    text: what a PNG says by keywords. broken: what is there and cannot be read.
    """

    xmp: bytes = b""
    iptc: Iptc = field(default_factory=dict)
    exif: Mapping[int, Any] = field(default_factory=dict)
    camera: Mapping[int, Any] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)
    broken: tuple[str, ...] = ()


def raw_of(image: Image.Image, *, legible: bool) -> Raw:
    """Return what a picture carries. image: it must be decoded already, and not yet closed.

    legible: whether its EXIF could be read when that was tried before.
    """
    broken: list[str] = [] if legible else ["metadata"]

    def attempt(what: str, action: Callable[[], T], otherwise: T) -> T:
        try:
            return action()
        except Exception:  # metadata may be damaged in any way, and is no reason to fail
            broken.append(what)
            return otherwise

    def tags(wanted: Iterable[int], directory: Callable[[], Mapping[int, Any]]) -> dict[int, Any]:
        # A TIFF tells in EXIF where each of its strips lies, too: that is left.
        return attempt("EXIF", lambda: _some(directory(), wanted), {})

    return Raw(
        xmp=attempt("XMP", lambda: _xmp(image), b""),
        iptc=attempt("IPTC", lambda: _iptc(image), {}),
        exif=tags(TAGS, image.getexif),
        camera=tags(CAMERA_TAGS, lambda: image.getexif().get_ifd(_CAMERA)),
        text=_text(image),
        broken=tuple(dict.fromkeys(broken)),
    )


def _some(tags: Mapping[int, Any], wanted: Iterable[int]) -> dict[int, Any]:
    return {tag: tags[tag] for tag in wanted if tag in tags}


def _xmp(image: Image.Image) -> bytes:
    found = image.info.get("xmp") or b""
    return found.encode() if isinstance(found, str) else bytes(found)


def _iptc(image: Image.Image) -> Iptc:
    if not isinstance(image, ImageFile.ImageFile):
        return {}
    return IptcImagePlugin.getiptcinfo(image) or {}


def _text(image: Image.Image) -> dict[str, str]:
    if image.format != "PNG":
        return {}
    return {str(name): value for name, value in image.info.items() if isinstance(value, str)}
