"""How templates write numbers, sizes and dates."""

import datetime
import math
from urllib.parse import urlsplit

from flask import Flask

from app.layout import aspect
from model.gallery import BOXES, Record, Size
from model.search import Stages


def init_app(app: Flask) -> None:
    """Give templates the filters below."""
    for word in (
        number,
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
    ):
        app.add_template_filter(word)
    app.add_template_filter(aspect_of, "aspect")


def number(value: int) -> str:
    """Write 1284 as 1,284."""
    return f"{value:,}"


def milliseconds(value: float) -> str:
    """Write a duration with as many digits as it deserves: 0.3 ms, 6 ms, 1,204 ms."""
    return f"{value:.1f} ms" if value < 1 else f"{value:,.0f} ms"


def chance(value: float) -> str:
    """Write 0.00032 as "1 in 3,000": one digit is all that a chance is known to."""
    rarity = 1 / value
    unit = 10 ** math.floor(math.log10(rarity))
    return f"1 in {max(1, round(rarity / unit)) * unit:,}"


def percent(share: float) -> str:
    """Write 0.034 as 3 %."""
    return f"{100 * share:.0f} %"


def stages(taken: Stages) -> str:
    """Write the stages that were needed, such as "decode 4 ms, encode 2 ms, rank 0.1 ms"."""
    parts = (
        ("decode", taken.decode),
        ("encode", taken.encode),
        ("rank", taken.rank),
        ("second look", taken.second_look),
    )
    return ", ".join(f"{name} {milliseconds(value)}" for name, value in parts if value)


def day(date: str) -> str:
    """Write an ISO date as 14 March 2024; whatever is no date stays as it is."""
    try:
        parsed = datetime.date.fromisoformat(date[:10])
    except ValueError:
        return date
    return f"{parsed.day} {parsed:%B %Y}"


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
    return capitalize_first(words), f"{value:,} m" if metres else str(value)


def kind_of_file(name: str) -> str:
    """Write a format as people know it."""
    return {"HEIF": "HEIC", "WEBP": "WebP"}.get(name, name)


def size_of_file(size: int) -> str:
    """Write a number of bytes as 812 bytes, 34 kB or 1.3 MB, with kB of 1,000 bytes."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:,.0f} kB" if size < 999_500 else f"{size / 1_000_000:,.1f} MB"


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
