"""A number for every request: in the answer, in every error, in the log."""

import re
import secrets
from typing import Final

from flask import Flask, Response, g, request

from app.live import settings

_ACCEPTED: Final = re.compile(r"[0-9A-Za-z-]{8,64}")


def init_app(app: Flask) -> None:
    """Put the number on every answer."""
    app.after_request(_mark)


def request_id() -> str:
    """Return the number of the present request; a proxy's, when one is trusted."""
    if "request_id" not in g:
        g.request_id = _proxys() or secrets.token_hex(8)
    number: str = g.request_id
    return number


def _proxys() -> str | None:
    sent = request.headers.get("X-Request-Id", "")
    return sent if settings().proxies and _ACCEPTED.fullmatch(sent) else None


def _mark(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id()
    return response
