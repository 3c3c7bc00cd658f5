"""Forms that change something are taken from the pages of this site only.

A browser says where a form was sent from: in Sec-Fetch-Site, or in Origin where the site has no
TLS. Programs say nothing, and have nobody who could be made to send something unawares.
"""

from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import Forbidden


def refuse() -> None:
    """Go on if nothing is changed, or the form is of this site. Raises Forbidden."""
    if request.method == "POST" and not _is_own():
        raise Forbidden


def _is_own() -> bool:
    if told := request.headers.get("Sec-Fetch-Site"):
        return told in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
