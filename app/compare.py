"""The pages that show two pictures beside each other, and what makes them alike."""

import base64
from typing import NamedTuple

from flask import Blueprint, Response, make_response, render_template, url_for

from app import asking
from app.comparison import Comparison, by_part, by_picture, by_record, encoded_anew
from app.conditional import of_the_bundle
from app.live import settings, snapshot
from app.overlay import overlay
from app.pictures import found_or_404
from app.redrawing import redrawn
from app.words import labelled
from model.gallery import Record
from model.images import Picture
from model.view import WHOLE, View

blueprint = Blueprint("compare", __name__)


class Detail(NamedTuple):
    """What two records tell under one label; "" where one of them says nothing."""

    label: str
    first: str
    second: str


@blueprint.get("/compare/<identifier>/<other>")
@of_the_bundle
def pair(identifier: str, other: str) -> str:
    """Compare two pictures of the gallery, or a part of the first with the second."""
    first, second = found_or_404(identifier), found_or_404(other)
    view = asking.of_gallery()
    if view.clipped(first.width, first.height) != WHOLE:
        return _of_part(first, view, second)
    found = by_record(snapshot(), first, second, settings())
    drawn = url_for("compare.drawn", identifier=first.id)
    return _page(found, first=first, second=second, looked=first, redrawn=drawn)


def _of_part(first: Record, view: View, second: Record) -> str:
    (picture, code), found = by_part(snapshot(), first, view, second, settings())
    return _page(
        found,
        first=first,
        second=second,
        looked=picture.reduced,
        redrawn=as_address(redrawn(snapshot(), code, settings())),
        part=asking.shown_of_gallery(first, view, picture),
    )


@blueprint.post("/compare/<identifier>")
def sent(identifier: str) -> str:
    """Compare a picture that is sent, or comes along with a page, with one of the gallery.

    Of several it is the first.
    """
    second, asked = found_or_404(identifier), asking.from_form()[0]
    (picture, code), found = by_picture(snapshot(), asked.sent, second, settings())
    return _page(
        found,
        first=picture,
        second=second,
        looked=picture.reduced,
        redrawn=as_address(redrawn(snapshot(), code, settings())),
        shown=asking.shown(asked, picture),
    )


@blueprint.get("/images/<identifier>/redrawn.webp")
@of_the_bundle
def drawn(identifier: str) -> Response:
    """Send what the decoder draws from the code of a picture."""
    code = encoded_anew(snapshot(), found_or_404(identifier), settings()).code
    content = redrawn(snapshot(), code, settings())
    response = make_response(content, {"Content-Type": "image/webp"})
    if settings().origins:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def as_address(webp: bytes) -> str:
    """Return a data: address of a WebP that has no other, because nothing sent is stored."""
    return f"data:image/webp;base64,{base64.b64encode(webp).decode()}"


def details(first: Record | Picture, second: Record) -> list[Detail]:
    """Return what both records tell besides, or one of them, under each label once."""
    one = dict(labelled(first.details)) if isinstance(first, Record) else {}
    two = dict(labelled(second.details))
    return [Detail(label, one.get(label, ""), two.get(label, "")) for label in {**one, **two}]


def _page(found: Comparison, *, first: Record | Picture, second: Record, **given: object) -> str:
    return render_template(
        "compare.html",
        found=found,
        first=first,
        second=second,
        overlay=overlay(found),
        details=details(first, second),
        **given,
    )
