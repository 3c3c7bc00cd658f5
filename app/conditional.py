"""Conditional requests (RFC 9110, 13): what depends on the bundle alone is not made twice.

Such an answer is told by its address, its language, the bundle's generation and the program that
makes it, so its ETag costs no more than a hash of these, and 304 is said before any work is done.
The tags are weak: how many milliseconds a search took stands in the answer, and does not make it
another one.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import PreconditionFailed

from app.languages import present
from app.live import settings, snapshot


def init_app(app: Flask, root: Path) -> None:
    """Take the stamp of the program: another version or other settings may answer otherwise."""
    digest = hashlib.sha256()
    for pattern in ("app/*.py", "model/*.py", "templates/*.html", "translations/*/*/*.po"):
        for path in sorted(root.glob(pattern)):
            digest.update(path.read_bytes())
    app.extensions["stamp"] = digest.hexdigest()


def of_the_bundle(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Give a view's answers an ETag, and answer 304 to whoever holds that already."""

    @wraps(view)
    def answer(*arguments: Any, **named: Any) -> Response:
        tag = _tag()
        # Nobody has a tag of an answer that was not given: what it stands for need not be made.
        held = request.if_none_match
        if held.is_weak(tag) or held.is_strong(tag):
            response = make_response("", 304)
        else:
            response = make_response(view(*arguments, **named))
        response.set_etag(tag, weak=True)
        return concluded(response)

    return answer


def concluded(response: Response) -> Response:
    """Return what the request's preconditions make of a good answer that has its ETag.

    That is the answer itself or 304. Raises PreconditionFailed, and not as Werkzeug does it: that
    refuses `If-Match: *`, which any state fulfils, and sends the picture along with its 412.
    """
    tag, weak = response.get_etag()
    wanted, held = request.if_match, request.if_none_match
    met = wanted.star_tag or (str(tag) in wanted and not weak)
    if wanted and not met:
        raise PreconditionFailed
    if held.contains_weak(str(tag)):
        response.status_code = 304
    return response


def _tag() -> str:
    parts = (
        current_app.extensions["stamp"], current_app.extensions["assets"][1], repr(settings()),
        snapshot().bundle.generation, present().tag,
        request.host_url, request.root_path, request.path, request.query_string.decode("latin-1"),
    )  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:20]
