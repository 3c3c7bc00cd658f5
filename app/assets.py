"""Style, scripts and icons: read once at the start, sent with an address that names their content.

Nothing is opened because a request asks for it, and nothing comes from another server.
"""

import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask, Response, current_app, make_response, url_for
from werkzeug.exceptions import NotFound

from app.conditional import concluded
from app.layout import stylesheet

blueprint = Blueprint("assets", __name__)

_FOREVER: Final = "public, max-age=31536000, immutable"


def init_app(app: Flask, folder: Path) -> None:
    """Read the folder, and give templates `asset(name)`."""
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    files["layout.css"] = stylesheet().encode()
    app.extensions["assets"] = (files, _version(files))
    app.add_template_global(asset)
    app.register_blueprint(blueprint)


def asset(*names: str) -> str:
    """Return the address of a file of static/, or of several of a kind, one after another."""
    version = current_app.extensions["assets"][1]
    return url_for("assets.send", version=version, name="+".join(names))


@blueprint.get("/static/<version>/<name>")
def send(version: str, name: str) -> Response:
    """Send a file, or several as one: each request that a page waits for delays its first paint.

    Modules import each other by relative address, so all share one version.
    """
    files, present = current_app.extensions["assets"]
    names = name.split("+")
    if not set(names) <= set(files) or len(set(names)) < len(names):
        raise NotFound
    content = b"\n".join(files[each] for each in names)
    response = make_response(content, {"Content-Type": _content_type(name)})
    if version == present:
        response.headers["Cache-Control"] = _FOREVER
    response.add_etag()
    return concluded(response)


def _version(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name}:{len(content)}:".encode() + content)
    return digest.hexdigest()[:12]


def _content_type(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return (
        kind if kind.startswith("image/") and kind != "image/svg+xml" else f"{kind}; charset=utf-8"
    )
