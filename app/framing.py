"""How much of a request has come: what a worker knows before it gives the request to a thread.

gunicorn has two parsers. This is the one that takes a request piece by piece, and here it only
looks: a thread reads the same bytes with the other, once they are all there.
"""

from typing import Final

from gunicorn.asgi.parser import ParseError, PythonProtocol
from gunicorn.config import Config

# Chunks may cost so many bytes beside what they carry, and no more than that: a body in chunks of
# one byte would keep the worker busy, which reads for everybody.
_OVERHEAD: Final = 64 * 1024


class Refused(Exception):
    """What came is no request that anybody may send. kind: the parser's name for what is wrong."""

    def __init__(self, status: str, kind: str) -> None:
        super().__init__(kind)
        self.status, self.kind = status, kind


# What is wrong with it, as gunicorn answers that; all else is 400.
_STATUS: Final = {
    "LimitRequestLine": "414 URI Too Long",
    "LimitRequestHeaders": "431 Request Header Fields Too Large",
    "UnsupportedTransferCoding": "501 Not Implemented",
}


class Framing:
    """The bytes of one request, as they come."""

    def __init__(self, cfg: Config, most: int) -> None:
        """most: bytes of a body that are worth waiting for; of a larger one the head will do."""
        self._parser = PythonProtocol(
            on_headers_complete=self._head_ends,
            on_body=self._body_goes_on,
            limit_request_line=cfg.limit_request_line,
            limit_request_fields=cfg.limit_request_fields,
            limit_request_field_size=cfg.limit_request_field_size,
        )
        self._pieces: list[bytes] = []
        self._most, self._head, self._body = most, 0, 0
        self.received = 0  # bytes, with what may follow the request
        self.headed = False  # whether the head is there
        self.too_large = False

    @property
    def ready(self) -> bool:
        """Whether a thread can answer without waiting for more."""
        return bool(self._parser.is_complete) or self.too_large

    @property
    def asks_to_go_on(self) -> bool:
        """Whether the client waits for a word before it sends the body (`Expect`)."""
        wanted = (b"expect", b"100-continue")
        told = ((name, value.lower()) for name, value in self._parser.headers)
        return self.headed and not self._body and not self.ready and wanted in told

    def feed(self, data: bytes) -> None:
        """Take what came. Raises Refused."""
        self._pieces.append(data)
        self.received += len(data)
        try:
            self._parser.feed(data)
        except ParseError as error:
            kind = type(error).__name__
            raise Refused(_STATUS.get(kind, "400 Bad Request"), kind) from error
        if self.headed and not self.ready:
            self._check()

    def parts(self) -> tuple[bytes, bytes]:
        """Return the request, and what follows it."""
        whole, rest = b"".join(self._pieces), self._parser.remaining()
        return whole[: len(whole) - len(rest)], rest

    def _check(self) -> None:
        self.too_large = self._body > self._most
        if self.received - self._head - self._body > _OVERHEAD + self._body:
            raise Refused("400 Bad Request", "TooManyChunks")

    def _head_ends(self) -> bool:
        self.headed, self._head = True, self.received
        self.too_large = (self._parser.content_length or 0) > self._most
        return False

    def _body_goes_on(self, piece: bytes) -> None:
        self._body += len(piece)
