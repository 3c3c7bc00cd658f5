"""The pages that change the gallery: adding pictures, telling of them, removing them.

They are there only where a token is set. What succeeds leads on to another page, so that reloading
that one does nothing again; what fails shows the form again, and why.
"""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnprocessableEntity

from app import changing, forgery
from app.access import require
from app.conditional import of_the_bundle
from app.errors import noted
from app.live import snapshot
from app.pictures import found_or_404
from app.telling import FIELDS, words_of
from app.texts import gettext
from model.edited_folder import Words, is_ours
from model.gallery import Record

blueprint = Blueprint("edit", __name__)
blueprint.before_request(forgery.refuse)

_TOO_LARGE: Final = 413  # then no field of the form was read


@blueprint.get("/upload")
@of_the_bundle
def upload_form() -> str:
    """Show the form for pictures that are to stay; and those that have just come."""
    found = [snapshot().gallery.find(each) for each in request.args.getlist("id")]
    return render_template("upload.html", told={}, added=[each for each in found if each])


@blueprint.post("/upload")
def upload() -> ResponseReturnValue:
    """Add the pictures of the form, and lead to them."""
    try:
        require(request.form.get("token", ""))
        added = changing.add(changing.from_form(), words_of(_filled()))
    except Exception as error:
        return _again(error, "upload.html", added=[])
    generation = added.generation or snapshot().bundle.generation
    if len(added.ids) > 1:
        return _on("edit.upload_form", "added", generation, id=added.ids)
    done = "added" if added.new else "there"
    return _on("pictures.page", done, generation, identifier=added.ids[0])


@blueprint.get("/images/<identifier>/edit")
@of_the_bundle
def form(identifier: str) -> str:
    """Show what is told of a picture as a form."""
    record = found_or_404(identifier)
    return render_template("edit.html", told=_told(record), **_picture(record))


@blueprint.post("/images/<identifier>/edit")
def save(identifier: str) -> ResponseReturnValue:
    """Save what the form says of a picture, or remove the picture."""
    record = found_or_404(identifier)
    try:
        require(request.form.get("token", ""))
        if request.form.get("do") == "remove":
            return _removed(identifier)
        changed = changing.tell(identifier, _changed(record))
    except Exception as error:
        return _again(error, "edit.html", **_picture(record))
    generation = changed.generation or snapshot().bundle.generation
    return _on("pictures.page", "changed", generation, identifier=changed.record.id)


def _removed(identifier: str) -> ResponseReturnValue:
    if not request.form.get("sure"):
        raise UnprocessableEntity(
            gettext(
                "Removing cannot be undone. Tick the box beside the button, then press it again."
            )
        )
    return _on("pages.browse", "removed", changing.remove(identifier).generation)


def _on(endpoint: str, done: str, generation: str, **where: Any) -> ResponseReturnValue:
    """Lead to a page that says what was done.

    Each process finds a new generation by itself, so the address names the one it has to show.
    """
    return redirect(url_for(endpoint, done=done, generation=generation, **where), 303)


def _again(error: Exception, template: str, **shown: Any) -> ResponseReturnValue:
    """Show a form again, filled in as it was, and say why; what is no fault of it has a page."""
    trouble = noted(error)
    if trouble.status in {404, 500}:
        raise error
    told = {} if trouble.status == _TOO_LARGE else _filled()
    page = render_template(template, trouble=trouble, told=told, **shown)
    return make_response(page, trouble.status, dict(trouble.headers))


def _filled() -> dict[str, str]:
    """Return what the form says of the picture."""
    return {name: request.form[name] for name in FIELDS if name in request.form}


def _changed(record: Record) -> Words:
    """Return what the form says that the record does not: all else is left to whoever told it."""
    before = _told(record)
    words = words_of({name: text for name, text in _filled().items() if text != before[name]})
    # Whoever empties the field of the tags wants none, and not those of the file.
    return {
        name: [] if name == "tags" and value is None else value for name, value in words.items()
    }


def _told(record: Record) -> dict[str, str]:
    told = {name: getattr(record, name) for name in FIELDS}
    return {**told, "tags": ", ".join(record.tags)}


def _picture(record: Record) -> Mapping[str, Any]:
    return {"record": record, "removable": is_ours(record)}
