"""The pages that are not about one picture: home, the results of a search, browse, about."""

from functools import partial
from typing import Final

from flask import Blueprint, Response, make_response, render_template, request

from app import asking, feedback
from app.card import card
from app.conditional import of_the_bundle
from app.filters import Address, asked, facets
from app.live import Snapshot, settings, snapshot
from app.metrics import searched
from app.paging import Pages
from app.query import from_token, rounded, token
from app.search import by_picture
from app.steering import Steering
from model.gallery import Record
from model.search import Stages, Wanted, by_query

blueprint = Blueprint("pages", __name__)

_SAMPLES: Final = 6
_LOOK: Final = 24


@blueprint.get("/")
@of_the_bundle
def home() -> str:
    """Invite to search, with samples and a look into the gallery."""
    held = snapshot()
    samples = _samples(held)
    look = [record for record in _spread(held, _LOOK, 0.25) if record not in samples]
    return render_template("home.html", samples=samples, look=look)


@blueprint.post("/")
def results() -> str:
    """Search with the pictures of the form, and show the matches."""
    return _results(asking.from_form())


def _results(sent: list[asking.Asked]) -> str:
    held = snapshot()
    moved = feedback.asked(held.gallery)
    filters, among = asked(held)
    pictures, answer = by_picture(
        held,
        [each.sent._replace(side=asking.SIDE) for each in sent],
        settings(),
        Wanted(settings().results, moved=moved, among=among),
        settle=partial(rounded, bundle=held.bundle),
    )
    address = Address("pages.search", kept=(("q", token(answer.query, held.bundle)),))
    return render_template(
        "results.html",
        shown=[asking.shown(*pair) for pair in zip(sent, pictures, strict=True)],
        answer=answer,
        steering=Steering(address, moved, filters),
        pages=Pages(1, settings().results, answer.total),
        facets=facets(held, filters),
    )


@blueprint.get("/search")
def search() -> Response:
    """Search with a picture that lies elsewhere, or go on with a search.

    Then its address holds what the model keeps of the picture.
    """
    page = _results(asking.from_address()) if asking.is_named() else _going_on()
    # The address tells of a visitor's picture: no cache keeps this, and no search engine finds it.
    return make_response(page, {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"})


def _going_on() -> str:
    held, text = snapshot(), request.args.get("q", "")
    query, moved = from_token(text, held.bundle), feedback.asked(held.gallery)
    filters, among = asked(held)
    pages = Pages.asked(held.count if among is None else among.count, settings().results)
    stages = Stages()
    with stages.measure("total"):
        answer = by_query(held, query, Wanted(pages.size, pages.offset, moved, among), stages)
    searched(answer)
    return render_template(
        "results.html",
        shown=[],
        answer=answer,
        steering=Steering(Address("pages.search", kept=(("q", text),)), moved, filters),
        pages=pages,
        facets=facets(held, filters),
    )


@blueprint.get("/browse")
@of_the_bundle
def browse() -> str:
    """Show the whole gallery, or what filters leave of it, page by page."""
    held = snapshot()
    filters, among = asked(held)
    part = Pages.asked(held.count if among is None else among.count, settings().browse)
    return render_template(
        "browse.html",
        records=held.gallery.listed(part.offset, part.size, among),
        pages=part,
        filters=filters,
        facets=facets(held, filters),
        address=Address("pages.browse"),
        copies=held.gallery.count_copies(),
    )


@blueprint.get("/about")
@of_the_bundle
def about() -> str:
    """Show the model card."""
    return render_template("about.html", card=card(snapshot()))


def _samples(held: Snapshot) -> list[Record]:
    """Return a handful that fill their rows well: no panorama or tower, where there are others."""
    found = _spread(held, 4 * _SAMPLES, 0.5)
    usual = [record for record in found if 1 <= record.width / record.height <= 2] or found
    return usual[:: max(1, len(usual) // _SAMPLES)][:_SAMPLES]


def _spread(held: Snapshot, wanted: int, shift: float) -> list[Record]:
    """Return pictures from all over the gallery: neighbours in the index often look alike."""
    wanted = min(wanted, held.count)
    step = held.count / max(wanted, 1)
    return held.gallery.records([int((place + shift) * step) for place in range(wanted)])
