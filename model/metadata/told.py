"""What one source tells of a picture, in the words of a record."""

from collections.abc import Iterable
from typing import Final

import msgspec

from model.metadata.dates import date_of
from model.metadata.words import clean

# Characters that are kept of each; what is longer is cut. A tag must fit the address of a filter.
LONGEST: Final = {"title": 200, "alt": 1000, "credit": 200, "licence": 200, "source": 500}
LONGEST_TAG: Final = 100
MOST_TAGS: Final = 100


class MetadataError(ValueError):
    """Something that tells of a picture and cannot be understood; its text says what."""


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a source tells; "" and () where it says nothing.

    date: when the picture was taken, ISO 8601 without zone; a day, a month or a year may be all.
    The other fields are those of a record.
    """

    title: str = ""
    alt: str = ""
    credit: str = ""
    licence: str = ""
    source: str = ""
    date: str = ""
    tags: tuple[str, ...] = ()


def cleaned(told: Told) -> Told:
    """Return it as a record takes it: clean lines of limited length, and a date that is one."""
    words = {name: clean(getattr(told, name), most) for name, most in LONGEST.items()}
    date = date_of(told.date)
    return msgspec.structs.replace(told, **words, date=date, tags=_tags(told.tags))


def merged(sources: Iterable[Told]) -> Told:
    """Return for each field what the first source says that says anything."""
    known: dict[str, str | tuple[str, ...]] = {}
    for told in sources:
        for name, value in msgspec.structs.asdict(told).items():
            if value:
                known.setdefault(name, value)
    return msgspec.convert(known, Told)


def _tags(tags: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for tag in tags:
        if len(found) == MOST_TAGS:
            break
        if word := clean(tag, LONGEST_TAG):
            found.setdefault(word)
    return tuple(found)
