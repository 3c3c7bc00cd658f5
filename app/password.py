"""One password for the whole site, where the operator sets one (HTTP Basic, RFC 7617).

Whoever only asks whether the server lives needs none, and the page that asks for it has its style:
that is the same for everybody, and tells nothing of the gallery.
"""

import hashlib
import hmac
from typing import Any, Final

from flask import Flask, Response, request
from werkzeug.exceptions import Unauthorized

from app import guessing
from app.live import settings
from app.settings import Settings

_OPEN: Final = ("health.alive", "health.ready", "assets.send")
# By hand: Werkzeug leaves the marks around the realm out, and RFC 9110, 11.5, wants them.
CHALLENGE: Final = 'Basic realm="imagesearch", charset="UTF-8"'


class PasswordWanted(Unauthorized):
    """Nobody sent the password, or another one."""


def init_app(app: Flask, chosen: Settings) -> None:
    """Ask for the password before anything else is done, if there is one."""
    if chosen.password:
        app.before_request(_ask)
        app.after_request(_keep_private)


def described(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document that says that the password is asked for, where it is."""
    if not settings().password:
        return document
    scheme = {"password": {"type": "http", "scheme": "basic", "description": "Any user name."}}
    known = document["components"].get("securitySchemes", {})
    components = {**document["components"], "securitySchemes": {**known, **scheme}}
    return {**document, "components": components, "security": [{"password": []}]}


def _ask() -> None:
    if not (request.endpoint in _OPEN or _asks_for_leave() or _knows()):
        raise PasswordWanted


def _asks_for_leave() -> bool:
    """Whether a browser asks if a script of another site may send the password: it has none yet."""
    preflight = "Access-Control-Request-Method" in request.headers
    return bool(request.method == "OPTIONS" and preflight and settings().origins)


def _knows() -> bool:
    """Whether the password was sent, or the token, in whose place a request has no room for it."""
    sent, chosen = request.authorization, settings()
    if sent is None:
        return False
    if sent.type == "bearer" and chosen.token:
        return _tried(sent.token or "", chosen.token)
    return sent.type == "basic" and _tried(sent.password or "", chosen.password)


def _tried(sent: str, right: str) -> bool:
    """Compare, unless who sends it was wrong too often. Raises TooManyGuesses."""
    guessing.refuse()
    if _same(sent, right):
        return True
    guessing.was_wrong()
    return False


def _same(sent: str, right: str) -> bool:
    """Compare hashes, in the same time whatever was sent: lengths tell nothing, either."""
    return hmac.compare_digest(_hash(sent), _hash(right))


def _hash(password: str) -> bytes:
    return hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()


def _keep_private(response: Response) -> Response:
    """Let nobody's shared cache hand out what was asked for with the password."""
    told = response.headers.get("Cache-Control", "")
    if "no-store" not in told and request.endpoint not in _OPEN:
        kept = [part for part in told.split(", ") if part and part != "public"]
        response.headers["Cache-Control"] = ", ".join(["private", *kept])
    return response
