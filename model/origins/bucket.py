"""A bucket of an S3-compatible object store, asked through botocore."""

import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, BinaryIO, Final, NamedTuple
from urllib.parse import unquote_to_bytes

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.utils import parse_timestamp

from model.folders import File
from model.origins.trouble import (
    CHANGED,
    FAULTS,
    MISSING,
    OF_ALL,
    OF_OBJECT,
    StoreError,
    code_of,
    unusable,
)
from model.pouring import pour
from model.reading import Gone, Unread

_TRIES: Final = 5  # for one object, when the connection is lost while it comes
_PAUSE_SECONDS: Final = 0.2
_CONNECT_SECONDS: Final = 10
_PIECE: Final = 1 << 20
_SECOND_NS: Final = 1_000_000_000


class Object(NamedTuple):
    """What a bucket tells of an object. version: see `version_of`."""

    key: str
    bytes: int
    version: int


def version_of(told: Mapping[str, Any]) -> int:
    """Return what tells the content of an object from others, as `File.modified_ns` does.

    It is when the object was written, to the second: some stores tell no more. What a file has
    below that is drawn from its ETag here, which differs wherever the content does.
    """
    drawn = hashlib.sha256(told["ETag"].strip('"').encode()).digest()
    written: datetime = told["LastModified"]
    return int(written.timestamp()) * _SECOND_NS + int.from_bytes(drawn[:8]) % _SECOND_NS


class Bucket:
    """A bucket, by its name. at_once: requests that may be under way at a time."""

    def __init__(self, name: str, at_once: int) -> None:
        self.name = name
        self._at_once = at_once

    def objects(self, prefix: str) -> Iterator[Object]:
        """Yield all objects below a prefix, by their keys. Raises StoreError.

        Bytes of keys that are not UTF-8 are told as the system tells those of file names.
        """
        page = self._page(prefix)
        while True:
            encoded = page.get("EncodingType") == "url"
            for told in page.get("Contents", ()):
                key = _decoded(told["Key"]) if encoded else told["Key"]
                yield Object(key, told["Size"], version_of(told))
            if not page["IsTruncated"]:
                return
            if not (token := page.get("NextContinuationToken")):  # or it would begin again
                raise StoreError(
                    f"The object store tells only a part of what s3://{self.name} has."
                )
            page = self._page(prefix, ContinuationToken=token)

    def require(self, prefix: str = "") -> None:
        """Raise StoreError where the bucket does not answer."""
        self._page(prefix, MaxKeys=1)

    def has(self, key: str) -> bool:
        """Whether there is an object of this key, and it may be read."""
        try:
            self._client.head_object(Bucket=self.name, Key=key)
        except FAULTS:
            return False
        return True

    def copy(self, key: str, file: BinaryIO, listed: File | None = None) -> int:
        """Copy an object into an empty file, as it was at one moment; return its version.

        listed: what it has to be. Raises Unread, Gone where it is not there or is not as listed,
        and StoreError where the whole store does not answer.
        """
        etag = ""
        for _ in range(_TRIES):
            found = self._asked(key, file.tell(), etag)
            if found is None:  # another has taken its place
                etag = ""
                _empty(file)
                continue
            version, etag = version_of(found), found["ETag"]
            if "ContentRange" not in found:
                _empty(file)
                if listed is not None and (found["ContentLength"], version) != listed[1:]:
                    found["Body"].close()
                    raise Gone
            if _poured(found["Body"], file):
                return version
            time.sleep(_PAUSE_SECONDS)
        self.require()
        raise Unread("It changed, or the connection was lost, each time it was read: index again.")

    def _asked(self, key: str, start: int, etag: str) -> dict[str, Any] | None:
        """Ask for an object from some byte on; None where it is no longer that of this ETag."""
        more = {"Range": f"bytes={start}-", "IfMatch": etag} if start else {}
        try:
            found: dict[str, Any] = self._client.get_object(Bucket=self.name, Key=key, **more)
        except FAULTS as error:
            if start and code_of(error) in CHANGED:
                return None
            raise self._trouble(error) from None
        return found

    def _trouble(self, error: Exception) -> Exception:
        """Return what to raise for an object; raise StoreError where it is not that one alone."""
        code = code_of(error)
        if code in MISSING:
            return Gone()
        if code in OF_OBJECT:
            return Unread(OF_OBJECT[code])
        if code in OF_ALL:
            return unusable(error, self.name, self._client)
        self.require()
        return Unread(f"It cannot be read: the object store answers {code}.")

    def _page(self, prefix: str, **more: object) -> dict[str, Any]:
        try:
            page: dict[str, Any] = self._client.list_objects_v2(
                Bucket=self.name, Prefix=prefix, EncodingType="url", **more
            )
        except FAULTS as error:
            raise unusable(error, self.name, self._client) from None
        return page

    @property
    def _client(self) -> Any:
        told = frozenset(each for each in os.environ.items() if each[0].startswith("AWS_"))
        return _client_of(told, self._at_once)


@cache
def _client_of(told: frozenset[tuple[str, str]], at_once: int) -> Any:
    """Make a client as the environment tells; each process has one. Raises StoreError."""
    session = botocore.session.get_session()
    parsers = session.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=_moment)
    # Unlike all other clients of S3, botocore knows it as AWS_DEFAULT_REGION only.
    region = dict(told).get("AWS_REGION") or session.get_config_variable("region") or "us-east-1"
    config = Config(connect_timeout=_CONNECT_SECONDS, max_pool_connections=at_once)
    try:
        return session.create_client("s3", region_name=region, config=config)
    except ValueError:
        raise StoreError(
            "AWS_ENDPOINT_URL is no address of an object store, such as https://s3.example.org."
        ) from None
    except BotoCoreError as error:
        raise StoreError(f"The settings for object stores cannot be used: {error}") from None


def _moment(told: Any) -> datetime:
    """Return a time as botocore does, which takes three quarters of a long listing for them."""
    try:
        return datetime.fromisoformat(told)
    except (TypeError, ValueError):
        moment: datetime = parse_timestamp(told)
        return moment


def _decoded(key: str) -> str:
    return os.fsdecode(unquote_to_bytes(key.replace("+", " ")))


def _poured(body: Any, file: BinaryIO) -> bool:
    """Append what comes, and say whether all of it came."""
    try:
        while piece := body.read(_PIECE):
            pour(piece, file)
    except BotoCoreError:
        return False
    return True


def _empty(file: BinaryIO) -> None:
    file.seek(0)
    file.truncate()
