"""Whether the process lives, and whether it can answer: for whoever watches it."""

from typing import NamedTuple

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.live import Snapshot, snapshot
from model.doctor.contents import answering
from model.doctor.parts import in_place

blueprint = Blueprint("health", __name__)


class Readiness(NamedTuple):
    """missing: the files of the bundle that are gone or changed. reason: why the index fails.

    note: what an operator should do about an index that can be asked.
    """

    missing: list[str]
    reason: str = ""
    note: str = ""

    @property
    def ready(self) -> bool:
        """Whether nothing keeps this server from answering."""
        return not self.missing and not self.reason


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say that the process lives."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say which bundle is loaded; or 503, and which of its parts are missing, or why not."""
    held = snapshot()
    found = readiness(held)
    if found.missing:
        return jsonify(status="not ready", missing=found.missing), 503
    if found.reason:
        return jsonify(status="not ready", reason=found.reason), 503
    told = {"note": found.note} if found.note else {}
    return jsonify(status="ready", bundle=held.bundle.generation, pictures=held.count, **told)


def readiness(held: Snapshot) -> Readiness:
    """Make those checks of `python -m model doctor` that cost next to nothing."""
    files = in_place(held.bundle.folder, held.bundle.manifest)
    missing = [found.part for found in files if found.state == "wrong"]
    if missing:
        return Readiness(missing)
    index = answering(held.ranking)
    said = {"wrong": "reason", "note": "note"}.get(index.state)
    return Readiness([], **({said: index.told} if said else {}))
