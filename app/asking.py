"""The pictures of a search, as the form of a page sends them.

No picture is kept here, so the page of results carries a small copy of each (`held`) and what was
made of it, one field of each name for every picture, in the same order. A browser that still has
the originals sends them along (`original`); else the copy is searched with. Both are as foreign as
any upload, and go the same way.

A picture of the gallery lies here already: the address says how it is looked at, by the names that
the API has for that, or as a form sends it, by the fields of an upload.
"""

import base64
import binascii
import re
from dataclasses import dataclass, replace
from typing import Final

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnprocessableEntity

from app import uploads
from app.fetching import fetched
from app.live import settings
from app.texts import gettext
from model.gallery import Record
from model.images import Picture, preview
from model.query import MOST_PICTURES
from model.search import Sent
from model.view import TURNS, WHOLE, Region, View

# Where a small copy fits in: enough for an encoder that sees 256 by 256, and for looking at.
SIDE: Final = 512
_HELD: Final = (SIDE, SIDE)
_HELD_BYTES: Final = 60_000
_QUALITIES: Final = (80, 60, 40, 20)
_SIDES: Final = ("x", "y", "width", "height")


@dataclass(frozen=True)
class Asked:
    """One picture that was sent. held: whether it is the small copy, and not the picture itself."""

    content: bytes
    view: View = WHOLE
    held: bool = False

    @property
    def sent(self) -> Sent:
        """What is searched with."""
        return Sent(self.content, self.view)


@dataclass(frozen=True)
class Shown:
    """One picture of a search, as its page shows it.

    width, height: of the upright original. view: its region in pixels of that. copy: a small JPEG.
    part: what was searched with as a small JPEG, where that is not the whole picture, upright.
    format: of the original, or "" where only a copy was there. Pictures are written in Base64.
    record: of a picture of the gallery, which needs no copy.
    """

    width: int
    height: int
    format: str
    turned: bool
    view: View
    copy: str
    part: str
    record: Record | None = None


def from_form() -> list[Asked]:
    """Return the pictures of the form: those that it held, changed as it says, and new ones."""
    asked = _done(_held(), request.form.get("do", ""))
    return uploads.counted([*asked, *(Asked(content) for content in uploads.files("image"))])


def is_named() -> bool:
    """Whether the address of a page names that of a picture, which the server may fetch."""
    return settings().fetch and "url" in request.args


def from_address() -> list[Asked]:
    """Return the picture that lies where the address says. Raises what `fetched` raises."""
    return [Asked(fetched(request.args["url"]))]


def shown(asked: Asked, picture: Picture) -> Shown:
    """Return what the page of the results shows and holds of a picture."""
    width, height = asked.view.size or (picture.width, picture.height)
    view = picture.view
    if view.region is not None and asked.view.region is not None:
        view = view._replace(region=asked.view.region.within(width, height))
    return Shown(
        width=width,
        height=height,
        format="" if asked.held else picture.format,
        turned=picture.turned,
        view=view,
        copy=_text(_copy(asked, picture)),
        part="" if view == WHOLE else _text(preview(picture.reduced, _HELD)),
    )


def of_gallery() -> View:
    """Return how the address says that a picture of the gallery is looked at."""
    (view,) = _views(1)
    region = request.args.get("region", "")
    view = view._replace(region=_region((region,)) if region else view.region, size=None)
    return _done([Asked(b"", view)], request.args.get("do", ""))[0].view


def is_form() -> bool:
    """Whether the address is what a form says of a picture of the gallery, and not yet its own."""
    return not request.args.keys().isdisjoint({"do", *_SIDES})


def as_args(view: View) -> tuple[tuple[str, str], ...]:
    """Return what an address says of a view, always in one order."""
    told = {"region": view.region, "mirror": int(view.mirror), "turn": view.turn}
    return tuple((name, str(value)) for name, value in told.items() if value)


def shown_of_gallery(record: Record, view: View, picture: Picture | None) -> Shown:
    """Return what a page shows of a picture of the gallery.

    picture: the part that was searched with; None: all of it was.
    """
    return Shown(
        width=record.width,
        height=record.height,
        format=record.format,
        turned=False,
        view=view.clipped(record.width, record.height) or view,
        copy="",
        part="" if picture is None else _text(preview(picture.reduced, _HELD)),
        record=record,
    )


def _held() -> list[Asked]:
    """Return the pictures that the page held."""
    copies, originals = request.form.getlist("held"), uploads.slots("original")
    originals += [b""] * (len(copies) - len(originals))
    return list(map(_one, copies, originals, _views(len(copies))))


def _views(count: int) -> list[View]:
    """Return how the form says that so many held pictures are looked at."""
    sizes, turns, mirrors, *sides = (
        _filled(name, count) for name in ("size", "turn", "mirror", *_SIDES)
    )
    return [
        View(_region(region), mirror == "1", _turn(turn), _size(size))
        for size, turn, mirror, region in zip(
            sizes, turns, mirrors, zip(*sides, strict=True), strict=True
        )
    ]


def _filled(name: str, count: int) -> list[str]:
    given: MultiDict[str, str] = request.form if request.method == "POST" else request.args
    return (given.getlist(name) + [""] * count)[:count]


def _one(copy: str, original: bytes, view: View) -> Asked:
    if original:
        return Asked(original, view._replace(size=None))
    try:
        content = base64.b64decode(copy, validate=True)
    except (binascii.Error, ValueError):
        raise UnprocessableEntity(
            gettext(
                "The copy of the picture that the page held was damaged on its way. "
                "Choose it again."
            )
        ) from None
    return Asked(content, view, held=True)


def _region(sides: tuple[str, ...]) -> Region | None:
    if not any(side.strip() for side in sides):
        return None
    try:
        return Region.parse(",".join(side.strip() for side in sides))
    except ValueError as error:
        raise UnprocessableEntity(
            gettext("A part is told by four whole numbers, and its width and height are not 0.")
        ) from error


def _turn(text: str) -> int:
    if text and text not in map(str, TURNS):
        raise UnprocessableEntity(gettext("A picture is turned by 0, 90, 180 or 270 degrees."))
    return int(text or 0)


def _size(text: str) -> tuple[int, int] | None:
    found = re.fullmatch("([1-9][0-9]{0,5})x([1-9][0-9]{0,5})", text)
    return (int(found[1]), int(found[2])) if found else None


def _done(asked: list[Asked], what: str) -> list[Asked]:
    """Do what the pressed button says to one of the pictures, such as "turn-0" to the first."""
    action, _, place = what.partition("-")
    number = int(place) if re.fullmatch("[0-9]", place) else MOST_PICTURES
    if number >= len(asked):
        return asked
    one = asked[number]
    changed = {
        "turn": [replace(one, view=one.view.turned())],
        "mirror": [replace(one, view=one.view.mirrored())],
        "whole": [replace(one, view=one.view._replace(region=None))],
        "remove": [],
    }.get(action, [one])
    return asked[:number] + changed + asked[number + 1 :]


def _copy(asked: Asked, picture: Picture) -> bytes:
    """Return a small JPEG; one that was held stays what it was, so that it loses no more."""
    small = max(picture.width, picture.height) <= max(_HELD) and not picture.turned
    if asked.held and small and picture.format == "JPEG" and len(asked.content) <= _HELD_BYTES:
        return asked.content
    for quality in _QUALITIES:
        copy = preview(picture.whole, _HELD, quality=quality)
        if len(copy) <= _HELD_BYTES:
            break
    return copy


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
