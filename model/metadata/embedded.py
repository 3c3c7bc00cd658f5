"""What a picture itself tells: XMP before IPTC, IPTC before EXIF."""

from collections.abc import Callable
from typing import NamedTuple

from model.metadata.exif import told_by_exif, told_by_text
from model.metadata.iptc import told_by_iptc
from model.metadata.raw import Raw
from model.metadata.told import MetadataError, Told, merged
from model.metadata.xmp import told_by_xmp


class Embedded(NamedTuple):
    """What is told, and a sentence about what could not be understood, or ""."""

    told: Told
    note: str


def embedded(raw: Raw) -> Embedded:
    """Understand what a picture carries, as far as it can be understood."""
    sources: list[tuple[bool, Callable[[], Told]]] = [
        (bool(raw.xmp), lambda: told_by_xmp(raw.xmp)),
        (bool(raw.iptc), lambda: told_by_iptc(raw.iptc)),
        (bool(raw.exif or raw.camera), lambda: told_by_exif(raw.exif, raw.camera)),
        (bool(raw.text), lambda: told_by_text(raw.text)),
    ]
    told: list[Told] = []
    problems = [f"its {name} cannot be read" for name in raw.broken]
    for there, read in sources:
        try:
            told += [read()] if there else []
        except MetadataError as error:
            problems.append(str(error))
    return Embedded(merged(told), _note(problems))


def _note(problems: list[str]) -> str:
    if not problems:
        return ""
    return f"The picture is taken, but {' and '.join(problems)}: what that tells is left out."
