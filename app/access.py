"""Who may change the gallery: whoever knows the token of the settings.

Where none is set, nobody can, and the addresses that need it do not exist. A program sends it as
RFC 6750 says; a page as a field of its form, typed anew each time. No cookie holds it, so a page of
another site cannot make a browser send it along.
"""

import hmac
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Unauthorized

from app import guessing
from app.live import settings
from app.request_ids import request_id
from app.texts import gettext

_REALM: Final = 'Bearer realm="imagesearch"'
_log = logging.getLogger(__name__)


class TokenNeeded(Unauthorized):
    """The request has no token, or a wrong one."""

    def __init__(self, sentence: str, *, wrong: bool) -> None:
        super().__init__(sentence)
        self._challenge = f'{_REALM}, error="invalid_token"' if wrong else _REALM

    def get_headers(self, *arguments: Any, **named: Any) -> list[tuple[str, str]]:
        """Return the headers of the answer, with what RFC 9110 wants of a 401."""
        return [*super().get_headers(*arguments, **named), ("WWW-Authenticate", self._challenge)]


def guarded(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Ask for the token before anything else is looked at."""

    @wraps(view)
    def answer(*arguments: Any, **named: Any) -> ResponseReturnValue:
        given = request.authorization
        bearer = given.token if given is not None and given.type == "bearer" else None
        require(bearer or "")
        return view(*arguments, **named)

    return answer


def require(token: str) -> None:
    """Go on with the right token only. Raises TokenNeeded, and TooManyGuesses."""
    if not token:
        raise TokenNeeded(
            gettext("Changing the gallery takes its token. Send it, too."), wrong=False
        )
    guessing.refuse()
    # The time that this takes does not tell how much of a wrong one is right.
    if not hmac.compare_digest(token.encode(errors="replace"), settings().token.encode()):
        guessing.was_wrong()
        _log.warning("Request %s was refused: it has a wrong token.", request_id())
        raise TokenNeeded(
            gettext("That is not the token of this gallery. Whoever runs the server knows it."),
            wrong=True,
        )
