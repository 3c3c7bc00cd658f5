"""Failures as answers: a page for visitors, a problem document (RFC 9457) for programs."""

import logging
from typing import Final
from urllib.parse import quote

import msgspec
from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from app.live import settings
from app.metrics import failed
from app.problems import Trouble, describe
from app.request_ids import request_id
from app.schema import Problem
from model.assembling import IndexingError
from model.edited_folder import Unavailable
from model.gallery import GalleryAway
from model.image_errors import DeadlyImage, TooSlow
from model.ranking.collection import EngineError

_log = logging.getLogger(__name__)

# Failures whose own text is not for whoever asked.
_OPERATORS: Final = (Unavailable, IndexingError, EngineError, GalleryAway)
# Pictures that ended the process that was to decode them: whoever runs the server may look why.
_ENDED: Final = (DeadlyImage, TooSlow)

MEDIA_TYPE: Final = "application/problem+json"


def init_app(app: Flask) -> None:
    """Answer every exception."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """Turn any exception into the answer that fits who asked."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return make_response(error.get_response())
    trouble = noted(error)
    response = _problem(trouble) if request.path.startswith("/api/") else _page(trouble)
    response.status_code = trouble.status
    response.headers.extend(dict(trouble.headers))
    return response


def noted(error: Exception) -> Trouble:
    """Return what to tell about an exception, and tell the operator what only that one can mend."""
    trouble = describe(error, settings())
    failed(trouble.kind or str(trouble.status))
    if trouble.status == 500:
        _log.error("Request %s failed.", request_id(), exc_info=error)
    elif isinstance(error, _OPERATORS):
        _log.error("Request %s failed. %s", request_id(), error)
    elif isinstance(error, _ENDED):
        _log.warning("Request %s ended a decoder. %s", request_id(), error)
    return trouble


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
