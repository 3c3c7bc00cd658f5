"""The web application: `create_app` puts it together, and nothing happens at import time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flask import Flask

from app import (
    api,
    assets,
    compare,
    compression,
    conditional,
    cors,
    duplicates,
    edit,
    errors,
    fetching,
    guessing,
    headers,
    health,
    hosts,
    languages,
    live,
    logs,
    metrics,
    options,
    pages,
    password,
    pictures,
    rates,
    reference,
    request_ids,
    settings,
    switch,
    texts,
    waiting,
    words,
)
from app import map as gallery_map
from app.settings import Settings
from app.uploads import MemoryRequest

_ROOT: Final = Path(__file__).parent.parent


def create_app(config: Mapping[str, object] | None = None) -> Flask:
    """Return the application, its bundle open.

    `config` takes precedence over the environment: settings in upper case, and Flask's own.
    Raises SettingsError for a setting, BundleError for a bundle and LanguageError for a translation
    that cannot be used.
    """
    app = Flask(__name__, root_path=str(_ROOT), static_folder=None)
    given = dict(config or {})
    app.config.update({name: given.pop(name) for name in list(given) if name in app.config})
    chosen = settings.load(given)
    _configure(app, chosen)
    logs.init_app(app, chosen)
    live.attach(app, chosen)
    metrics.init_app(app, chosen)
    waiting.init_app(app)
    rates.init_app(app, chosen)
    guessing.init_app(app)
    hosts.init_app(app, chosen)
    password.init_app(app, chosen)
    fetching.init_app(app, chosen)
    languages.init_app(app, _ROOT / "translations")
    # What is done to an answer is done in the opposite order.
    for part in (compression, texts, words, switch, request_ids, headers, cors, options, errors):
        part.init_app(app)
    assets.init_app(app, _ROOT / "static")
    conditional.init_app(app, _ROOT)
    api.init_app(app, chosen)
    for blueprint in (
        pages.blueprint,
        pictures.blueprint,
        compare.blueprint,
        duplicates.blueprint,
        reference.blueprint,
        health.blueprint,
        gallery_map.blueprint,
    ):
        app.register_blueprint(blueprint)
    if chosen.token:
        app.register_blueprint(edit.blueprint)
    return app


def _configure(app: Flask, chosen: Settings) -> None:
    app.request_class = MemoryRequest
    # `/api//v1/model` is no address: a redirect from it would be in no document, and name a host.
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = chosen.request_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = chosen.request_bytes
    app.config["MAX_FORM_PARTS"] = chosen.form_parts
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # Words of bridges are for the gallery that ships; another one may hold anything.
    of_bridges = Path(chosen.bundle).resolve() == _ROOT / "model" / "bundle"
    app.context_processor(
        lambda: {"settings": chosen, "held": live.snapshot(), "of_bridges": of_bridges}
    )
