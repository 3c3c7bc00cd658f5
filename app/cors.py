"""Which other sites' scripts may use the interface (CORS): none, unless the setting names them."""

from typing import Final

from flask import Flask, Response, request

from app.live import settings

# What a script may read of an answer, and send with a request, beyond what every script may.
_READABLE: Final = "ETag, Retry-After, X-Request-Id"
_SENDABLE: Final = "Authorization, Content-Type, If-None-Match"
# How long a browser may remember the answer to its preflight, in seconds.
_REMEMBERED: Final = "600"


def init_app(app: Flask) -> None:
    """Say in the answers of the interface who may read them."""
    app.after_request(_allow)


def _allow(response: Response) -> Response:
    named = settings().origins.lower().replace(",", " ").split()
    if not named or not request.path.startswith("/api/"):
        return response
    headers = response.headers
    if "*" in named:
        headers["Access-Control-Allow-Origin"] = "*"
    else:
        # Also where the origin is not among them: a cache must not give that answer to one that is.
        response.vary.add("Origin")
        if request.headers.get("Origin", "").lower() not in named:
            return response
        headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
    headers["Access-Control-Expose-Headers"] = _READABLE
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "")
        headers["Access-Control-Allow-Headers"] = _SENDABLE
        headers["Access-Control-Max-Age"] = _REMEMBERED
    return response
