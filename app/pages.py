"""The pages that are not about one picture: home, the results of an upload, browse, about."""

import base64
from typing import Final

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from app import uploads
from app.card import card
from app.conditional import of_the_bundle
from app.live import Snapshot, settings, snapshot
from app.paging import Pages
from app.search import by_picture
from model.gallery import Record
from model.images import preview

blueprint = Blueprint("pages", __name__)

_SAMPLES: Final = 6
_LOOK: Final = 24
# The small picture that is shown back: a little more than its column is wide.
_PREVIEW: Final = (400, 400)


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
    """Search with the picture of the form, and show the matches."""
    content = uploads.from_form()
    picture, answer = by_picture(snapshot(), content, settings(), limit=settings().results)
    sent = base64.b64encode(preview(picture.reduced, _PREVIEW)).decode()
    return render_template("results.html", picture=picture, preview=sent, answer=answer)


@blueprint.get("/browse")
@of_the_bundle
def browse() -> str:
    """Show the whole gallery, or what carries a tag, page by page."""
    gallery = snapshot().gallery
    tag = request.args.get("tag") or None
    total = gallery.count_of(tag)
    if tag is not None and not total:
        raise NotFound(f"No picture of the gallery carries the tag “{tag}”.")
    part = Pages.asked(total, settings().browse)
    records = gallery.page(part.offset, part.size, tag)
    return render_template("browse.html", records=records, tag=tag, tags=gallery.tags(), pages=part)


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
