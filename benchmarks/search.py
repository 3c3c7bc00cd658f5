"""Where the time of one search goes: decode, encode, rank, render."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Final

import numpy as np
from flask import Flask, before_render_template, template_rendered
from PIL import Image

from app import create_app
from benchmarks.contest import contest
from benchmarks.drawings import SIZES, jpeg
from benchmarks.machine import why_absent
from benchmarks.measure import Measurement, interleaved, milliseconds, ratios, spread
from benchmarks.options import Options
from benchmarks.results import OURS, Chart, Row, Section, absent, at_most, row
from benchmarks.worker import Worker
from model.bundle import read_manifest
from model.encoder import Encoder
from model.images import SIDE, load
from model.search import Stages

_UNIT = "ms"
_STAGES: Final = ("decode", "encode", "rank", "render", "rest")
_KERAS: Final = ("model.predict(x)", "model(x)", "tf.function(model)(x)")
_DECODE_AIM = 1.2
_ENCODE_AIM = 3.0


def run(options: Options) -> Section:
    """Split whole searches, then hold decoding and encoding against the alternatives."""
    return Section(
        name="search",
        title="One search, stage by stage",
        about=(
            "The form's upload on generated JPEGs, answered with the whole page, in this process: "
            "no network. `render` is the page's template, `rest` the form, the preview of the "
            "picture and the headers. Pillow's own reduced decode is `Image.draft` to the same 512 "
            "pixels and one `resize` to 256. Encoding takes one picture on one thread in LiteRT; "
            "Keras uses every core."
        ),
        charts=(
            Chart(title="One search, stage by stage", unit=_UNIT, kind="stacks"),
            Chart(title="Decoding a JPEG to 256x256", unit="ms to decode", scale="logarithmic"),
            Chart(title="Encoding one picture", unit="ms to encode", scale="logarithmic"),
        ),
        rows=(*_stages(options), *_decoding(options), *_encoding(options)),
    )


def _stages(options: Options) -> list[Row]:
    app = create_app({"BUNDLE": str(options.bundle), "TESTING": True})
    rounds = options.choose(25, 2)
    searches = {name: _Search(app, jpeg(size)) for name, size in SIZES.items()}
    interleaved({name: search.once for name, search in searches.items()}, rounds, warm=2)
    return [
        row(f"{name} JPEG", stage, _UNIT, search.taken(stage)[-rounds:])
        for name, search in searches.items()
        for stage in (*_STAGES, "total")
    ]


class _Search:
    """Uploads one picture to the home page again and again, and keeps what each stage took."""

    def __init__(self, app: Flask, picture: bytes) -> None:
        self._app, self._picture = app, picture
        self._client = app.test_client()
        self._all: list[dict[str, float]] = []

    def once(self) -> float:
        """Search, and return milliseconds."""
        with _watched(self._app) as seen:
            total = milliseconds(self._post)()
        stages: Stages = seen["answer"].stages
        found = {"decode": stages.decode, "encode": stages.encode, "rank": stages.rank}
        found["render"] = seen["rendered"]
        self._all.append({**found, "rest": total - sum(found.values()), "total": total})
        return total

    def taken(self, stage: str) -> list[float]:
        """Return what a stage took each time, in milliseconds."""
        return [found[stage] for found in self._all]

    def _post(self) -> None:
        form = {"image": (io.BytesIO(self._picture), "picture.jpg")}
        answer = self._client.post("/", data=form)
        assert answer.status_code == 200, answer.status


@contextmanager
def _watched(app: Flask) -> Iterator[dict[str, Any]]:
    """Note the answer that is rendered, and the milliseconds that rendering takes."""
    seen: dict[str, Any] = {}

    def before(_sender: Flask, context: dict[str, Any], **_: object) -> None:
        seen["answer"], seen["begun"] = context["answer"], time.perf_counter()

    def after(_sender: Flask, **_: object) -> None:
        seen["rendered"] = (time.perf_counter() - seen["begun"]) * 1000

    with (
        before_render_template.connected_to(before, app),
        template_rendered.connected_to(after, app),
    ):
        yield seen


def _decoding(options: Options) -> list[Row]:
    rows: list[Row] = []
    for name, size in SIZES.items():
        content = jpeg(size)
        methods: dict[str, Callable[[bytes], object]] = {
            OURS: load,
            "Pillow, draft and resize": _reduced,
            "Pillow, full decode": _full,
        }
        found = interleaved(
            {how: milliseconds(partial(method, content)) for how, method in methods.items()},
            options.choose(25, 2),
            warm=2,
        )
        rows += _decode_rows(name, found)
    return rows


def _decode_rows(name: str, found: dict[str, list[float]]) -> list[Row]:
    base = found.pop(OURS)
    times = ratios(base, found["Pillow, draft and resize"]).median
    aim = at_most(f"decode of {name}", times, _DECODE_AIM, "times Pillow's reduced decode")
    what, unit = f"decode {name}", "ms to decode"
    others = [row(what, how, unit, values, base=base) for how, values in found.items()]
    return [row(what, OURS, unit, base, aim=aim), *others]


def _reduced(content: bytes) -> object:
    image = Image.open(io.BytesIO(content))
    image.draft("RGB", (2 * SIDE, 2 * SIDE))
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def _full(content: bytes) -> object:
    image = Image.open(io.BytesIO(content)).convert("RGB")
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def _encoding(options: Options) -> list[Row]:
    what, unit = "encode one picture", "ms to encode"
    encoder = Encoder(options.bundle / read_manifest(options.bundle).files["encoder"].name)
    pixels = load(jpeg(SIZES["256 px"])).pixels[np.newaxis]
    ours = milliseconds(lambda: encoder.encode(pixels))
    missing = why_absent("tensorflow")
    with ExitStack() as stack:
        others: dict[str, Measurement] = {}
        if not missing:
            worker = Worker("benchmarks.others.keras_encoder", str(options.bundle.resolve()))
            stack.enter_context(worker)
            others = {f"Keras, {name}": partial(worker.ask, {"method": name}) for name in _KERAS}
        found = contest(ours, others, options.choose(40, 2), warm=2)
    aim = at_most("encode", spread(found.ours).median, _ENCODE_AIM, _UNIT)
    rows = [row(what, OURS, unit, found.ours, aim=aim)]
    rows += [row(what, how, unit, times, base=found.ours) for how, times in found.others.items()]
    if not found.others:
        rows.append(absent(what, "Keras", unit, missing or found.failed))
    return rows
