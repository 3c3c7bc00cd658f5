"""What a request may say of this site: under which name it was asked for, and below which path.

Both come from whoever asks, or from the proxy in front, and addresses on pages are made of them.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from flask import Flask, request
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from app.live import settings
from app.settings import Settings
from app.texts import gettext

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A path of this site: `//example.org` and `/\example.org` would be another site.
_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+/?")
# They tell whether the server lives, to whoever finds it by any name.
_PROBES: Final = ("health.alive", "health.ready")


class OwnPrefix:
    """Forgets a path, told by a header, that is none of a site."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        if not _PREFIX.fullmatch(environ.get("SCRIPT_NAME", "")):
            environ["SCRIPT_NAME"] = ""
        return self._inner(environ, start)


def init_app(app: Flask, chosen: Settings) -> None:
    """Answer for the names that are set, if any are; believe as many proxies as are set."""
    inner, count = OwnPrefix(app.wsgi_app), chosen.proxies
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as Flask documents it
        inner, x_for=count, x_proto=count, x_host=count, x_prefix=count
    )
    if chosen.hosts:
        app.before_request(_refuse)


def _refuse() -> None:
    names = settings().hosts.replace(",", " ").split()
    if request.endpoint not in _PROBES and not host_is_trusted(request.host, names):
        raise BadRequest(gettext("This site does not have that name. Is the address right?"))
