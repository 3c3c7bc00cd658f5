"""The pictures of the gallery: their pages, their thumbnails, and what looks like them."""

from typing import Final, Literal

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app import asking, feedback
from app.conditional import concluded, of_the_bundle
from app.filters import Address, asked, facets
from app.live import settings, snapshot
from app.neighbours import around
from app.paging import Pages
from app.search import by_record
from app.steering import Steering
from app.texts import gettext
from model.gallery import Record
from model.search import Wanted
from model.view import WHOLE

blueprint = Blueprint("pictures", __name__)

# An id is a piece of the content's hash, so what it shows never changes. The bundle's generation is
# not part of the address: another index of the same picture would only lose everybody's caches.
_FOREVER: Final = "public, max-age=31536000, immutable"


@blueprint.get("/images/<identifier>")
@of_the_bundle
def page(identifier: str) -> str:
    """Show one picture, its record, and its neighbours near and far."""
    record = found_or_404(identifier)
    return render_template(
        "picture.html",
        record=record,
        shown=asking.shown_of_gallery(record, WHOLE, None),
        sets=around(snapshot(), record),
    )


@blueprint.get("/images/<identifier>/similar")
@of_the_bundle
def similar(identifier: str) -> ResponseReturnValue:
    """Show everything, or what filters leave, in the order of its similarity to one picture.

    Or to a part of it: whoever sends the form that says which is led to the address that says so.
    """
    held, record = snapshot(), found_or_404(identifier)
    view, moved = asking.of_gallery(), feedback.asked(held.gallery)
    filters, among = asked(held)
    address = Address("pictures.similar", {"identifier": identifier}, asking.as_args(view))
    steering = Steering(address, moved, filters)
    if asking.is_form():
        return redirect(steering.page())
    others = held.count - 1 if among is None else among.without(record.row).count
    pages = Pages.asked(others, settings().results)
    wanted = Wanted(pages.size, pages.offset, moved, among)
    picture, answer = by_record(held, record, view, settings(), wanted)
    return render_template(
        "similar.html",
        record=record,
        shown=asking.shown_of_gallery(record, view, picture),
        part=dict(asking.as_args(view)),
        answer=answer,
        pages=pages,
        steering=steering,
        facets=facets(held, filters, without=record.row),
    )


@blueprint.get("/images/<identifier>/<any(small, large):size>.webp")
def thumbnail(identifier: str, size: Literal["small", "large"]) -> Response:
    """Send a picture's thumbnail."""
    content = snapshot().gallery.thumbnail(found_or_404(identifier), size)
    response = make_response(content, {"Content-Type": "image/webp", "Cache-Control": _FOREVER})
    if settings().origins:
        # Sites that may search may show what they found; no answer can name more than "all sites".
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    return concluded(response)


@blueprint.get("/nearest/<identifier>")
def nearest(identifier: str) -> ResponseReturnValue:
    """Answer the original demo's address: an id, or a row number."""
    return redirect(url_for("pictures.page", identifier=found_by_id_or_row(identifier).id))


def found_or_404(identifier: str) -> Record:
    """Return the record with this id, or answer 404."""
    record = snapshot().gallery.find(identifier)
    if record is None:
        raise no_such_picture()
    return record


def no_such_picture() -> NotFound:
    """Return the answer to an id that no picture has."""
    return NotFound(gettext("No picture of the gallery has this id. It may have been taken out."))


def found_by_id_or_row(identifier: str) -> Record:
    """Return the record with this id, or of this row, or answer 404."""
    held = snapshot()
    is_row = identifier.isascii() and identifier.isdecimal() and len(identifier) < 12
    if is_row and int(identifier) < held.count:
        return held.gallery.record(int(identifier))
    return found_or_404(identifier)
