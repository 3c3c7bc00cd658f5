"""The switch of languages at the foot of every page: a choice, kept in a cookie, and back again."""

import re
from typing import Final
from urllib.parse import quote

from flask import Blueprint, Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import UnprocessableEntity

from app import forgery
from app.languages import COOKIE, offered
from app.texts import gettext

blueprint = Blueprint("switch", __name__)
blueprint.before_request(forgery.refuse)

_YEAR: Final = 365 * 24 * 60 * 60
# What stands in an address as it is; all else is written as %xx.
_UNQUOTED: Final = "!$&'()*+,/:;=?@%"


def init_app(app: Flask) -> None:
    """Give templates `here()`."""
    app.add_template_global(here)
    app.register_blueprint(blueprint)


@blueprint.post("/language")
def choose() -> ResponseReturnValue:
    """Remember the chosen language, and go back to the page it was chosen on."""
    tag = request.form.get("language", "")
    if tag not in offered():
        raise UnprocessableEntity(gettext("This site does not speak that language."))
    response = redirect(_own(request.form.get("back", "")), 303)
    response.set_cookie(
        COOKIE,
        tag,
        max_age=_YEAR,
        path=request.root_path or "/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def here() -> str:
    """Return the address of the present page; home's where a form was answered."""
    if request.method == "POST":
        return url_for("pages.home")
    path = quote(request.root_path + request.path)
    query = quote(request.query_string, _UNQUOTED)
    return f"{path}?{query}" if query else path


def _own(address: str) -> str:
    """Return an address of this site, home's for any other: nobody is led elsewhere from here."""
    # Browsers read \ as / and skip control characters, so that /\example.org is another site.
    plain = address.isascii() and address.isprintable() and "\\" not in address
    return address if plain and re.match("/(?!/)", address) else url_for("pages.home")
