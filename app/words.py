"""How templates write numbers, sizes and dates, in the language of the page."""

import datetime
import math
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, get_decimal_symbol
from babel.units import format_unit
from flask import Flask

from app.languages import present
from app.layout import aspect
from app.texts import gettext
from app.vocabulary import of_measures, of_records
from model.gallery import BOXES, Record, Size
from model.search import Stages


def init_app(app: Flask) -> None:
    """Give templates the filters below."""
    for word in (
        number,
        figure,
        significant,
        milliseconds,
        chance,
        percent,
        stages,
        day,
        web_address,
        labelled,
        host,
        kind_of_file,
        size_of_file,
        fitted,
        capitalize_first,
        of_records,
        of_measures,
    ):
        app.add_template_filter(word)
    app.add_template_filter(aspect_of, "aspect")


def number(value: float, pattern: str = "#,##0") -> str:
    """Write 1284 as 1,284. pattern: how many digits, as Unicode's number patterns say it."""
    return _number(value, pattern, present().locale)


# A page has hundreds of numbers, mostly small ones that the next has, too: ranks and counts.
@lru_cache(maxsize=4096)
def _number(value: float, pattern: str, locale: Locale) -> str:
    return format_decimal(value, pattern, locale=locale)


def figure(value: float, digits: int = 3) -> str:
    """Write 0.98765 as 0.988, with a real minus where it is below 0."""
    text = f"{value:.{digits}f}".replace(".", _point(present().locale))
    return text.replace("-", "\N{MINUS SIGN}")


@lru_cache
def _point(locale: Locale) -> str:
    return get_decimal_symbol(locale)


def significant(value: float) -> str:
    """Write a number with the three digits that tell: 0.0394, 20.7, 13,100."""
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    return number(round(value, digits), "#,##0.############")


def milliseconds(value: float) -> str:
    """Write a duration with as many digits as it deserves: 0.3 ms, 6 ms, 1,204 ms."""
    return _measured(value, "duration-millisecond", "0.0" if value < 1 else "#,##0")


def chance(value: float) -> str:
    """Write 0.00032 as "1 in 3,000": one digit is all that a chance is known to."""
    rarity = 1 / value
    unit = 10 ** math.floor(math.log10(rarity))
    return gettext("1 in %(count)s", count=number(max(1, round(rarity / unit)) * unit))


def percent(share: float) -> str:
    """Write 0.034 as 3 %."""
    return gettext("%(number)s %%", number=number(100 * share))


def stages(taken: Stages) -> str:
    """Write the stages that were needed, such as "decode 4 ms, encode 2 ms, rank 0.1 ms"."""
    parts = (
        (gettext("decode"), taken.decode),
        (gettext("encode"), taken.encode),
        (gettext("rank"), taken.rank),
        (gettext("second look"), taken.second_look),
    )
    return ", ".join(f"{name} {milliseconds(value)}" for name, value in parts if value)


def day(date: str) -> str:
    """Write an ISO date as 14 March 2024; whatever is no date stays as it is."""
    try:
        parsed = datetime.date.fromisoformat(date[:10])
    except ValueError:
        return date
    return format_date(parsed, "long", locale=present().locale)


def web_address(source: str) -> bool:
    """Whether a record's source may be linked: only the web, never `javascript:` and the like."""
    try:
        return urlsplit(source).scheme in {"http", "https"}
    except ValueError:  # such as "http://[", which is no address
        return False


def labelled(details: dict[str, str | int | float]) -> list[tuple[str, str]]:
    """Write what a record tells besides: `span_m: 12` becomes ("Span", "12 m")."""
    return [_labelled(name, value) for name, value in details.items()]


def _labelled(name: str, value: str | float) -> tuple[str, str]:
    metres = name.endswith("_m") and isinstance(value, int | float)
    words = (name.removesuffix("_m") if metres else name).replace("_", " ")
    return capitalize_first(of_records(words)), _metres(value) if metres else known(value)


def known(value: object) -> str:
    """Write what a record tells, one word or several with commas, in known words."""
    return ", ".join(map(of_records, str(value).split(", ")))


def _metres(value: object) -> str:
    return _measured(value, "length-meter", "#,##0.###")


def _measured(value: Any, unit: str, pattern: str) -> str:
    return format_unit(value, unit, "short", format=pattern, locale=present().locale)


def kind_of_file(name: str) -> str:
    """Write a format as people know it."""
    return {"HEIF": "HEIC", "WEBP": "WebP"}.get(name, name)


def size_of_file(size: int) -> str:
    """Write a number of bytes as 812 bytes, 34 kB or 1.3 MB, with kB of 1,000 bytes."""
    if size < 1000:
        return format_unit(size, "digital-byte", "long", locale=present().locale)
    if size < 999_500:
        return _measured(size / 1000, "digital-kilobyte", "#,##0")
    return _measured(size / 1_000_000, "digital-megabyte", "#,##0.0")


def aspect_of(record: Record) -> str:
    """Return the layout class of a picture's proportions."""
    return aspect(record.width, record.height)


def host(source: str) -> str:
    """Write a web address as the site it leads to."""
    return urlsplit(source).hostname or source


def capitalize_first(label: str) -> str:
    """Begin with a capital letter and leave the rest, which may hold names, as it is."""
    return label[:1].upper() + label[1:]


def fitted(record: Record, size: Size) -> tuple[int, int]:
    """Return the width and height in pixels of a picture's thumbnail."""
    width, height = BOXES[size]
    scale = min(width / record.width, height / record.height, 1.0)
    return max(1, round(record.width * scale)), max(1, round(record.height * scale))
