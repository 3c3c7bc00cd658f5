"""What goes wrong with an object store, in sentences.

None of them repeats what the store or botocore said in words: that may hold names of accounts, or
what was signed.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's, which is not a kind of Python's
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from model.command import CommandError

FAULTS: Final = (BotoCoreError, ClientError, ResponseParserError)
MISSING: Final = frozenset(("NoSuchKey", "404"))
CHANGED: Final = frozenset(("PreconditionFailed", "InvalidRange", "412", "416"))
# What is wrong with one object alone.
OF_OBJECT: Final[Mapping[str, str]] = {
    "AccessDenied": "It cannot be read: the credentials may not.",
    "403": "It cannot be read: the credentials may not.",
    "InvalidObjectState": "It lies in an archive: restore it there first.",
}
# What is wrong with all of them, beside a store that does not answer.
OF_ALL: Final = frozenset((
    "ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "NoCredentialsError", "NoSuchBucket",
    "PartialCredentialsError", "SignatureDoesNotMatch", "TokenRefreshRequired",
))  # fmt: skip

_KEPT: Final = "The old index stays, and what was encoded is kept: run it again."
_REFUSED: Final = (
    "{where} does not accept the credentials ({code}). AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY "
    f"and AWS_SESSION_TOKEN tell them. {_KEPT}"
)
_DENIED: Final = (
    "The credentials may not list s3://{bucket} at {where} ({code}): they need s3:ListBucket and "
    "s3:GetObject."
)
_UNTOLD: Final = (
    "There are no credentials for s3://{bucket}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
)
_SILENT: Final = (
    f"{{where}} does not answer ({{code}}). AWS_ENDPOINT_URL tells where the store is. {_KEPT}"
)
_STRANGE: Final = (
    "What answers at {where} is no object store, or is in trouble ({code}). AWS_ENDPOINT_URL tells "
    f"where the store is. {_KEPT}"
)
_BY_CODE: Final[Mapping[str, str]] = {
    "NoSuchBucket": "There is no bucket {bucket} at {where}.",
    "AccessDenied": _DENIED,
    "403": _DENIED,
} | dict.fromkeys(OF_ALL - {"NoSuchBucket"}, _REFUSED)
_BY_KIND: Final[Mapping[type[Exception], str]] = {
    NoCredentialsError: _UNTOLD,
    PartialCredentialsError: _UNTOLD,
    ParamValidationError: "{bucket} cannot be the name of a bucket.",
    SSLError: "The certificate of {where} is not trusted. AWS_CA_BUNDLE names a file of those that "
    "are.",
    ConnectionError: _SILENT,
    HTTPClientError: _SILENT,
}


class StoreError(CommandError):
    """An object store that cannot be used; its text says what, why, and what to do."""


def unusable(error: Exception, bucket: str, client: Any) -> StoreError:
    """Return what to raise where a bucket cannot be asked."""
    code = code_of(error)
    kinds = (sentence for kind, sentence in _BY_KIND.items() if isinstance(error, kind))
    sentence = next(kinds, _BY_CODE.get(code, _STRANGE))
    return StoreError(sentence.format(bucket=bucket, where=_host(client), code=code))


def code_of(error: Exception) -> str:
    """Return S3's word for an error, or botocore's where nothing was answered."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code") or "an error")
    return type(error).__name__


def _host(client: Any) -> str:
    """Return where a client asks, without what an address may hold beside that."""
    address = urlsplit(client.meta.endpoint_url)
    port = f":{address.port}" if address.port else ""
    return f"{address.scheme}://{address.hostname}{port}"
