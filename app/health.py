"""Whether the process lives, and whether it can answer: for whoever watches it."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.live import snapshot

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say that the process lives."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say which bundle is loaded; or 503, and which of its parts are missing, or why not."""
    held = snapshot()
    if missing := held.missing():
        return jsonify(status="not ready", missing=missing), 503
    if trouble := held.ranking.trouble():
        return jsonify(status="not ready", reason=trouble), 503
    told = {"note": note} if (note := held.ranking.note()) else {}
    return jsonify(status="ready", bundle=held.bundle.generation, pictures=held.count, **told)
