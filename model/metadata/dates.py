"""Dates as cameras and programs write them, as records tell them."""

import datetime
import re
from typing import Final

# "2024:05:31 18:02:11" is EXIF's, "2024-05-31T18:02:11.5+02:00" XMP's, "20240531" IPTC's. Month and
# day may be missing, or "00" where they are not known; the zone is left out.
_WRITTEN: Final = re.compile(
    r"\s*(\d{4})(?:[:-]?(\d\d)(?:[:-]?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?)?)?)?", re.ASCII
)


def date_of(text: str) -> str:
    """Return a date as ISO 8601 without zone, as far as it is told: "2024", "2024-05", ...

    What is no date, such as a 30th of February, is "".
    """
    found = _WRITTEN.match(text)
    if found is None:
        return ""
    year, month, day, *time = (int(part or 0) for part in found.groups())
    try:
        when = datetime.datetime(year, month or 1, day or 1)
    except ValueError:
        return ""
    if not (month and day):
        return f"{year:04}-{month:02}" if month else f"{year:04}"
    return _timed(when, time) if found.group(4) else when.date().isoformat()


def _timed(day: datetime.datetime, time: list[int]) -> str:
    hour, minute, second = time
    try:
        return day.replace(hour=hour, minute=minute, second=second).isoformat()
    except ValueError:
        return day.date().isoformat()
