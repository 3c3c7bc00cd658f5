"""What an operator can watch: /metrics, where it is switched on, and what measures for it.

Where it is off, nothing is measured, and prometheus-client is not even loaded.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final, Optional, TypeVar

from flask import (
    Blueprint,
    Flask,
    Response,
    before_render_template,
    current_app,
    g,
    make_response,
    request,
    template_rendered,
)

from app.health import readiness
from app.live import Snapshot, settings, snapshot
from app.settings import Settings
from model.encoder import Busy, Pool
from model.search import Answer

if TYPE_CHECKING:  # it loads prometheus-client
    from app.measures import Measures, Present

blueprint = Blueprint("metrics", __name__)

_OF_A_SEARCH: Final = ("decode", "encode", "rank", "second_look")

T = TypeVar("T")


def init_app(app: Flask, chosen: Settings) -> None:
    """Measure every answer, and tell of it at /metrics, if that is wanted."""
    app.extensions["measures"] = None
    if not chosen.metrics:
        return
    from app.measures import Measures  # noqa: PLC0415

    app.extensions["measures"] = Measures()
    app.before_request(_begin)
    app.after_request(_answered)
    app.teardown_request(_end)
    before_render_template.connect(_rendering, app)
    template_rendered.connect(_rendered, app)
    app.register_blueprint(blueprint)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Tell what all processes of this server have measured since it was started."""
    measures: Measures = current_app.extensions["measures"]
    content, kind = measures.exposed(request.headers.get("Accept", ""), _present(snapshot()))
    return make_response(content, {"Content-Type": kind, "Cache-Control": "no-store"})


def _present(held: Snapshot) -> "Present":
    from app.measures import Present  # noqa: PLC0415

    limits, model = settings(), held.bundle.manifest.model
    return Present(
        {
            "gallery_pictures": ("Pictures that can be found.", held.count),
            "ready": ("Whether /readyz answers 200.", float(readiness(held).ready)),
            "request_slots": (
                "Requests that all processes together answer side by side.",
                limits.workers * limits.threads,
            ),
            "picture_slots": (
                "Pictures that all processes together decode side by side.",
                limits.workers * limits.encodes,
            ),
        },
        {
            "model": model.checkpoint_sha256[:12],
            "recipe": model.recipe,
            "bundle": held.bundle.generation,
        },
    )


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time a block as one stage; one that fails is not counted."""
    start = time.perf_counter()
    yield
    _took(name, time.perf_counter() - start)


def searched(answer: Answer) -> Answer:
    """Count the stages of a search, and return it."""
    for name in _OF_A_SEARCH:
        if milliseconds := getattr(answer.stages, name):
            _took(name, milliseconds / 1000)
    return answer


@contextmanager
def lent(pool: Pool[T], wait: float) -> Iterator[T]:
    """Borrow from a pool, and time how long that took. Raises Busy."""
    with ExitStack() as stack:
        with _turn():
            held = stack.enter_context(pool.borrow(wait))
        yield held


def failed(kind: str) -> None:
    """Count an answer that tells of a failure. kind: one of a few names."""
    if measures := _measures():
        measures.errors.labels(kind).inc()


def shed(reason: str) -> None:
    """Count a request that is sent away for there being too many. reason: one of a few names."""
    if measures := _measures():
        measures.shed.labels(reason).inc()


@contextmanager
def _turn() -> Iterator[None]:
    measures = _measures()
    if measures is None:
        yield
        return
    with measures.waiting.track_inprogress(), measures.stages.labels("wait").time():
        try:
            yield
        except Busy:
            shed("busy")
            raise


def _measures() -> Optional["Measures"]:
    measures: Measures | None = current_app.extensions["measures"]
    return measures


def _took(name: str, seconds: float) -> None:
    if measures := _measures():
        measures.stages.labels(name).observe(seconds)


def _begin() -> None:
    if measures := _measures():
        g.begun = time.perf_counter()
        measures.answering.inc()


def _answered(response: Response) -> Response:
    if (measures := _measures()) and "begun" in g:
        route = request.endpoint or "none"
        measures.requests.labels(route).observe(time.perf_counter() - g.begun)
        measures.answers.labels(route, str(response.status_code)).inc()
    return response


def _end(_error: BaseException | None) -> None:
    if (measures := _measures()) and "begun" in g:
        measures.answering.dec()


def _rendering(_app: Flask, **_told: Any) -> None:
    g.rendering = time.perf_counter()


def _rendered(_app: Flask, **_told: Any) -> None:
    _took("render", time.perf_counter() - g.rendering)
