"""Pages, style and scripts travel compressed, where the browser takes that: a sixth of the bytes.

No page holds a secret that its compressed size could betray (BREACH): there are no accounts, and
the password, where there is one, stands in none. Pictures are compressed already, and what programs
ask for is small.
"""

import gzip
from typing import Final

from flask import Flask, Response, request

_KINDS: Final = {"text/html", "text/css", "text/javascript"}
# Smaller ones fit one packet as they are.
_LEAST: Final = 1000


def init_app(app: Flask) -> None:
    """Compress what is worth it, last of all that is done to an answer."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype not in _KINDS:
        return response
    response.vary.add("Accept-Encoding")
    worth = response.status_code != 304 and len(response.get_data()) >= _LEAST
    if worth and request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        _weaken(response)
    return response


def _weaken(response: Response) -> None:
    """Say that the tag stands for the same content, no longer for the same bytes."""
    tag, _ = response.get_etag()
    if tag is not None:
        response.set_etag(tag, weak=True)
