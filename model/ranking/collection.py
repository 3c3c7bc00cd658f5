"""A collection of Milvus: where it is, whose it is, and whether it can be asked.

A connection belongs to one process, and is made when it is first needed. Once a second at most the
collection is looked at; whatever is wrong with it is told until the next look, and what is right
again is used again, so that nobody has to restart anything.
"""

import hashlib
import importlib
import logging
import os
import re
import threading
import time
from contextlib import suppress
from typing import Any, Final, NamedTuple, Self

from model.bundle import Manifest
from model.command import CommandError
from model.ranking.interface import IndexUnavailable

PREFIX: Final = "milvus://"
# The variable that holds "user:password".
TOKEN: Final = "IMAGESEARCH_INDEX_TOKEN"  # noqa: S105 - a name, and no secret
REMEDY: Final = "python -m model move --to {address} --bundle B"

_ADDRESS: Final = re.compile(r"milvus(\+tls)?://([^/@\s]+)/([A-Za-z_]\w{0,199})", re.ASCII)
_PORT: Final = 19530
_LOOK_SECONDS: Final = 1.0
# Seconds that a server may take to say that it is there, and to answer.
_HELLO: Final = 2.0
_ANSWER: Final = 30.0

# A property that a collection is made with: the SHA-256 of the encoder.
ENCODER: Final = "imagesearch.encoder"
# What it was last filled with, to the end, is told by an alias. A property could not: Milvus 2.3.5
# forgets what was changed of them when it restarts (https://github.com/milvus-io/milvus/issues/30144).
_HOLDS: Final = "_holds_"

_log = logging.getLogger(__name__)


class EngineError(CommandError):
    """Something that cannot be done with a collection; its text says what, why, and what to do."""


class Address(NamedTuple):
    """server: host and port, as a client connects to it. name: of the collection.

    token: what the server wants to know of who asks, "user:password"; it is never written out.
    """

    server: str
    name: str
    tls: bool = False
    token: str = ""

    @classmethod
    def parse(cls, text: str, token: str | None = None) -> Self:
        """Read `milvus://host:port/collection`, or `milvus+tls://...`. Raises EngineError.

        token: None stands for what the environment says.
        """
        found = _ADDRESS.fullmatch(text)
        if found is None:
            raise EngineError(
                f"{text} is no address of a collection. One looks like "
                f"{PREFIX}127.0.0.1:{_PORT}/bridges: letters, digits and _ after the last /."
            )
        tls, host, name = found.groups()
        server = host if re.search(r":\d+$", host) else f"{host}:{_PORT}"
        return cls(server, name, bool(tls), os.environ.get(TOKEN, "") if token is None else token)

    def __str__(self) -> str:
        return f"milvus{'+tls' * self.tls}://{self.server}/{self.name}"

    def __repr__(self) -> str:
        return f"<{self}>"


class Collection:
    """One collection, as this process uses it.

    encoder: the SHA-256 of the encoder whose embeddings it must hold. content: what the bundle
    holds now (`content_of`). whole: whether one that was never filled to the end is of no use.
    """

    def __init__(self, address: Address, encoder: str, content: str, *, whole: bool = True) -> None:
        """Connect later. Raises EngineError where the client is not installed."""
        self._client: Any = None
        self.address = address
        self._encoder = encoder
        self._content = content
        self._whole = whole
        self._milvus = client_library()
        self._lock = threading.Lock()
        self._process = 0
        self._looked = 0.0
        self._trouble = ""
        self._aliases: list[str] = []

    def ask(self, what: str, *, name: str = "", **how: Any) -> Any:
        """Return what the client's method `what` answers. Raises IndexUnavailable.

        name: of what it is asked; the collection, where it is "".
        """
        client = self._ready()
        try:
            return getattr(client, what)(name or self.address.name, timeout=_ANSWER, **how)
        except self._milvus.MilvusException as error:
            with self._lock:
                self.close()
                self._looked = 0.0
            raise IndexUnavailable(self._told(error)) from error

    def trouble(self) -> str:
        """Return why it cannot be asked, or ""."""
        try:
            self._ready()
        except IndexUnavailable as error:
            return str(error)
        return ""

    def __del__(self) -> None:
        self.close()

    def note(self) -> str:
        """Return what an operator should do about a collection that can be asked, or ""."""
        if self.trouble() or self._mark in self._aliases:
            return ""
        remedy = REMEDY.format(address=self.address)
        return f"The bundle changed since {self.address} was filled. This takes it over: {remedy}"

    def mark(self) -> None:
        """Note that all of the content is there."""
        old = [alias for alias in self._aliases if alias != self._mark and _HOLDS in alias]
        if self._mark not in self._aliases:
            self.ask("create_alias", alias=self._mark)
        for alias in old:
            self.ask("drop_alias", name=alias)
        self._looked = 0.0

    @property
    def _mark(self) -> str:
        return f"{self.address.name}{_HOLDS}{self._content}"

    def close(self) -> None:
        """Give the connection back."""
        if self._client is not None and self._process == os.getpid():
            with suppress(self._milvus.MilvusException):
                self._client.close()
        self._client = None

    def _ready(self) -> Any:
        with self._lock:
            fresh = time.monotonic() - self._looked < _LOOK_SECONDS
            if not fresh or self._process != os.getpid():
                self._look()
            if self._trouble:
                raise IndexUnavailable(self._trouble)
            return self._client

    def _look(self) -> None:
        before, self._trouble = self._trouble, ""
        try:
            self._check()
        except IndexUnavailable as error:
            self._trouble = str(error)
        except self._milvus.MilvusException as error:
            self.close()
            self._trouble = self._told(error)
        self._looked = time.monotonic()
        if self._trouble != before:
            _log.warning("%s", self._trouble or f"{self.address} answers again.")

    def _check(self) -> None:
        new = self._client is None or self._process != os.getpid()
        if new:
            self._process = os.getpid()
            self._client = connect(self.address)
        if not self._client.has_collection(self.address.name, timeout=_HELLO):
            raise IndexUnavailable(_missing(self.address))
        told = self._client.describe_collection(self.address.name, timeout=_HELLO)
        self._aliases = list(told.get("aliases") or [])
        self._check_owner(told.get("properties") or {})
        if new:
            self._client.load_collection(self.address.name, timeout=_HELLO)

    def _check_owner(self, properties: dict[str, str]) -> None:
        """Raise IndexUnavailable for a collection of others, of another model, or half filled."""
        encoder = properties.get(ENCODER)
        remedy = REMEDY.format(address=self.address)
        if encoder is None:
            raise IndexUnavailable(
                f"{self.address} was not made by imagesearch. Name another collection, which this "
                f"makes: {remedy}"
            )
        if encoder != self._encoder:
            raise IndexUnavailable(
                f"{self.address} holds the embeddings of another model, to which those of this "
                f"bundle cannot be compared. Name another collection, and fill it: {remedy}"
            )
        if self._whole and not any(_HOLDS in alias for alias in self._aliases):
            raise IndexUnavailable(
                f"{self.address} was never filled to the end. This goes on with it: {remedy}"
            )

    def _told(self, error: Exception) -> str:
        return (
            f"{self.address} cannot be asked ({why(error)}). Start its server, or see its log; it "
            "is tried again every second."
        )


def content_of(manifest: Manifest) -> str:
    """Return a short name of what a bundle's index holds: its embeddings, and what is told."""
    hashes = [manifest.files[role].sha256 for role in ("embeddings", "records")]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:32]


def client_library() -> Any:
    """Return pymilvus, quiet. Raises EngineError where it is not installed."""
    try:
        library = importlib.import_module("pymilvus")
    except ModuleNotFoundError as error:
        raise EngineError(
            f"An index in Milvus needs {error.name}, which requirements-engine.txt has and a plain "
            "installation does not."
        ) from error
    # It writes a stack trace for whatever fails, and raises it, too.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    return library


def connect(address: Address) -> Any:
    """Return a client of its own, to whatever answers there."""
    uri = f"http{'s' * address.tls}://{address.server}"
    library = client_library()
    return library.MilvusClient(uri=uri, token=address.token, timeout=_HELLO, dedicated=True)


def why(error: Exception) -> str:
    """Return the first words of what went wrong."""
    text = " ".join(str(getattr(error, "message", error)).split())
    return text[:160].rstrip(" .")


def _missing(address: Address) -> str:
    return f"{address} does not exist. This makes and fills it: {REMEDY.format(address=address)}"
