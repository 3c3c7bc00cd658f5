"""What somebody tells of a picture, field by field: checked, and fit for a record."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from werkzeug.exceptions import UnprocessableEntity

from app.texts import gettext
from app.words import number
from model.edited_folder import Words
from model.metadata.dates import date_of
from model.metadata.told import LONGEST, LONGEST_TAG, MOST_TAGS
from model.metadata.words import clean

# The fields, and how many characters each takes.
FIELDS: Final = {**LONGEST, "date": 19, "group": 200, "tags": MOST_TAGS * (LONGEST_TAG + 2)}
_MONTH_OR_DAY: Final = (
    r"((0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
)
# Of four years one has a 29th of February, of full centuries those that 400 divides.
_LEAP_DAY: Final = r"([12][0-9](0[48]|[2468][048]|[13579][26])|(1[26]|2[048])00)-02-29"
_TIME: Final = r"(T([01][0-9]|2[0-3])(:[0-5][0-9]){1,2})?"
# A year, a month, or a day with its time: what records have.
DATE: Final = rf"^([12][0-9]{{3}}(-{_MONTH_OR_DAY}{_TIME})?|{_LEAP_DAY}{_TIME})?$"


def words_of(given: Mapping[str, str | list[str] | None]) -> Words:
    """Return the fields of a record among these, clean; tags may be one text with commas.

    None, and "", say that nothing is told; an empty list, that there are no tags. Raises
    UnprocessableEntity for what is too long, and a date that is none.
    """
    return {name: _checked(name, value) for name, value in given.items() if name in FIELDS}


def _checked(name: str, value: str | list[str] | None) -> str | list[str] | None:
    if value is None or isinstance(value, list):
        return value if value is None else _tags(value)
    if len(value) > FIELDS[name]:
        raise UnprocessableEntity(
            gettext(
                "“%(name)s” takes %(most)s characters at most.",
                name=name,
                most=number(FIELDS[name]),
            )
        )
    if name == "tags":
        return _tags(value.split(",")) or None
    return _date(value) if name == "date" else clean(value, FIELDS[name])


def _tags(tags: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(filter(None, (clean(tag, LONGEST_TAG) for tag in tags))))
    if len(found) > MOST_TAGS:
        raise UnprocessableEntity(
            gettext("A picture takes %(most)s tags at most.", most=number(MOST_TAGS))
        )
    return found


def _date(text: str) -> str:
    date = date_of(text) if re.fullmatch(DATE, text.strip()) else ""
    if text.strip() and not date:
        raise UnprocessableEntity(
            gettext("A date is written 2024-05-31, or 2024-05, or 2024; that is none.")
        )
    return date
