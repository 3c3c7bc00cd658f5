"""Failures as answers: a page for visitors, a problem document (RFC 9457) for programs."""

import logging
from typing import Final
from urllib.parse import quote

import msgspec
from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from app.live import settings
from app.problems import Trouble, describe
from app.request_ids import request_id
from app.schema import Problem
from app.uploads import drain

_log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"


def init_app(app: Flask) -> None:
    """Answer every exception."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """Turn any exception into the answer that fits who asked."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return make_response(error.get_response())
    trouble = describe(error, settings())
    if trouble.status == 500:
        _log.error("Request %s failed.", request_id(), exc_info=error)
    if trouble.status == 413:
        drain()
    response = _problem(trouble) if request.path.startswith("/api/") else _page(trouble)
    response.status_code = trouble.status
    response.headers.extend(dict(trouble.headers))
    return response


def _problem(trouble: Trouble) -> Response:
    problem = Problem(
        type=f"urn:imagesearch:problem:{trouble.kind}" if trouble.kind else "about:blank",
        title=trouble.title,
        status=trouble.status,
        detail=trouble.detail,
        instance=quote(request.root_path + request.path),
        request_id=request_id(),
    )
    return make_response(msgspec.json.encode(problem), {"Content-Type": MEDIA_TYPE})


def _page(trouble: Trouble) -> Response:
    return make_response(render_template("error.html", trouble=trouble, request_id=request_id()))
