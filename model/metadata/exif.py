"""EXIF, what cameras write, and the few words that a PNG may hold beside it.

The tags are those of EXIF 2.32; those from 0x9C9B on are Windows' own, in UTF-16.
"""

from collections.abc import Mapping
from typing import Any, Final

from model.metadata.told import Told, cleaned
from model.metadata.words import decoded

_DESCRIPTION: Final = 0x010E
_ARTIST: Final = 0x013B
_COPYRIGHT: Final = 0x8298
_TAKEN: Final = 0x9003
_TITLE: Final = 0x9C9B
_COMMENT: Final = 0x9C9C
_AUTHOR: Final = 0x9C9D
_KEYWORDS: Final = 0x9C9E
# What is taken of the first directory, and of the camera's.
TAGS: Final = (_DESCRIPTION, _ARTIST, _COPYRIGHT, _TITLE, _COMMENT, _AUTHOR, _KEYWORDS)
CAMERA_TAGS: Final = (_TAKEN,)

# What cameras put where a person's words belong; each begins with one of these.
_CAMERAS_OWN: Final = (
    "charset=",
    "dcim\\",
    "default",
    "digital camera",
    "exif_jpeg_picture",
    "kodak digital",
    "konica minolta digital camera",
    "minolta digital camera",
    "olympus digital camera",
    "samsung camera",
    "sony dsc",
)


def told_by_exif(exif: Mapping[int, Any], camera: Mapping[int, Any]) -> Told:
    """Return what EXIF tells. exif: the tags of its first directory. camera: of the camera's."""
    description = _text(exif, _DESCRIPTION)
    if description.strip().lower().startswith(_CAMERAS_OWN):
        description = ""
    return cleaned(
        Told(
            title=_wide(exif, _TITLE),
            alt=description or _wide(exif, _COMMENT),
            credit=_text(exif, _ARTIST) or _wide(exif, _AUTHOR),
            licence=_copyright(_text(exif, _COPYRIGHT)),
            date=_text(camera, _TAKEN),
            tags=tuple(_wide(exif, _KEYWORDS).split(";")),
        )
    )


def told_by_text(text: Mapping[str, str]) -> Told:
    """Return what a PNG says by the keywords that its standard names."""
    return cleaned(
        Told(
            title=text.get("Title", ""),
            alt=text.get("Description", ""),
            credit=text.get("Author", ""),
            licence=text.get("Copyright", ""),
        )
    )


def _text(tags: Mapping[int, Any], tag: int) -> str:
    """Return a text. Programs write UTF-8 where EXIF has ASCII; Pillow takes it for Latin 1."""
    value = tags.get(tag, "")
    if isinstance(value, bytes):
        return decoded(value)
    if not isinstance(value, str):
        return ""
    try:
        return decoded(value.encode("latin-1"))
    except UnicodeEncodeError:
        return value


def _wide(tags: Mapping[int, Any], tag: int) -> str:
    value = tags.get(tag, b"")
    if isinstance(value, tuple):
        value = bytes(byte for byte in value if isinstance(byte, int) and 0 <= byte <= 255)
    text = value.decode("utf-16-le", "replace") if isinstance(value, bytes) else ""
    return text.partition("\0")[0]


def _copyright(text: str) -> str:
    """Join the two notices, a photographer's and an editor's, that a zero byte parts."""
    return ", ".join(part for each in text.split("\0") if (part := each.strip()))
