"""What gunicorn itself logs, in the lines of `app.logs`: no address, and nothing of a request.

gunicorn tells of requests that it refuses with the address they came from and a piece of them, and
of those that fail with their whole address; here only what was wrong stays.
"""

import logging
import sys
from datetime import timedelta
from typing import Any, Final

from gunicorn.config import Config
from gunicorn.glogging import Logger

from app.logs import ROUTE, Lines, Standard
from app.settings import load

_GUNICORNS: Final = "Invalid request from ip="
# What stands in its place.
REFUSED: Final = "A request that no client may send was refused: %s."
_FAILED: Final = "Error handling request"


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn tells no types
    """gunicorn's logger; `logger_class` of gunicorn.conf.py."""

    def setup(self, cfg: Config) -> None:
        """Give its lines, and warnings of Python, the form that the settings name."""
        super().setup(cfg)
        kind = load().log_format
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(Lines(kind))
        logging.captureWarnings(capture=True)
        logging.getLogger("py.warnings").handlers = [Standard(kind)]

    def warning(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Tell what is worth a warning."""
        if msg.startswith(_GUNICORNS):
            msg, args = REFUSED, (type(sys.exc_info()[1]).__name__,)
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Tell of an exception."""
        if msg.startswith(_FAILED):
            msg, args = "A request failed before or behind the application.", ()
        super().exception(msg, *args, **kwargs)

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Tell of one answer: which route, not which address, and how it went."""
        if not self.access_log_enabled:
            return
        method, route = req.method if req else "-", environ.get(ROUTE, "-")
        known = method if method in _METHODS else "-"
        status, sent = int(str(resp.status).split()[0]), resp.sent or 0
        took = round(request_time.total_seconds() * 1000, 3)
        number = next((value for name, value in resp.headers if name == "X-Request-Id"), None)
        facts = {"method": known, "route": route, "status": status, "bytes": sent}
        facts |= {"milliseconds": took} | ({"request_id": number} if number else {})
        self.access_log.info(
            "%s %s %d, %d bytes in %s ms", known, route, status, sent, took, extra=facts
        )


# What somebody else sends as a method is a text of theirs.
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
