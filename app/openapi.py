"""The OpenAPI document: made of the definitions that check the requests, so the two cannot differ.

What those definitions cannot say (bodies that are pictures, headers, the type of a problem) is
added here.
"""

import re
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, Final, NamedTuple

import msgspec
from flask import current_app, request
from flask.typing import ResponseReturnValue
from spectree import Response as Answers
from spectree import SpecTree
from spectree.model_adapter import get_msgspec_model_adapter
from werkzeug.exceptions import UnprocessableEntity

from app import schema
from app.api_filters import with_words
from app.errors import MEDIA_TYPE
from app.live import snapshot
from app.password import described
from app.settings import expectation, repeated
from model.query import MOST_PICTURES

View = Callable[..., ResponseReturnValue]

_FAILURES: Final = {
    400: "No picture arrived.",
    401: "The token is missing or wrong.",
    404: "No picture of the gallery has this id.",
    405: "The address takes other methods; Allow names them.",
    409: "That cannot be done with this picture; `detail` says why.",
    412: "If-Match names a state: these ETags are weak, so only * is met.",
    413: "Too many bytes, parts or pixels, or a picture that takes too much memory.",
    415: "Not a picture of a format that is read here.",
    422: "A parameter out of its range, or a picture that is damaged or takes too long.",
    429: "Your address has asked too often, or guessed too often.",
    500: "A mistake of ours.",
    503: "Too many requests at once, or the index or the folder of the pictures is away.",
}
# What may happen at every address.
_ANYWHERE: Final = (405, 429, 500, 503)

_SCHEME: Final = "token"  # as RFC 6750 says it is sent
_BINARY: Final = {"type": "string", "format": "binary", "minLength": 1}
PICTURE: Final[dict[str, Any]] = {
    "required": True,
    "description": "JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP; several, where it is a form.",
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["image"],
                "properties": {
                    "image": _BINARY
                    | {"description": f"A picture; may be given {MOST_PICTURES} times."}
                },
            },
            "encoding": {"image": {"contentType": "image/*, application/octet-stream"}},
        },
        "image/*": {"schema": _BINARY},
        "application/octet-stream": {"schema": _BINARY},
    },
}


def _header(description: str, **schema: object) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": schema}


_NUMBER: Final = {
    "X-Request-Id": _header(
        "The number of this request; a mistake of ours is logged under it.",
        type="string",
        pattern="^[0-9A-Za-z-]{8,64}$",
    )
}
_ETAG: Final = {
    "ETag": _header(
        "The state of this answer; send it back in If-None-Match.",
        type="string",
        pattern='^W/"[^"]+"$',
    )
}
_RETRY: Final = {"Retry-After": _header("Seconds to wait before the next try.", type="integer")}
_OF_STATUS: Final = {
    "405": {"Allow": _header("The methods that the address takes.", type="string")},
    "401": {"WWW-Authenticate": _header("What is asked for: Bearer.", type="string")},
    "429": _RETRY,
    "503": _RETRY,
}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer: when nothing has changed, 304 comes back.",
    "schema": {"type": "string"},
}


class Definition(NamedTuple):
    """One operation. What it is called and what it does stands in the docstring of its view.

    says: what the answer is, in words. failures: the statuses it may answer with, beyond those that
    may come from everywhere. query: what it takes behind the question mark. identifier: what the
    part of its path with this name may be, where there is one. created: what a 201 says, where it
    may answer so. body: what it takes, as the document says it. secured: whether it asks for the
    token. kept: whether what it answers to GET has an ETag.
    """

    view: Callable[..., Any]
    answer: type[msgspec.Struct]
    says: str
    failures: tuple[int, ...]
    query: type[msgspec.Struct] | None = None
    identifier: Any = schema.PictureId
    created: str = ""
    body: dict[str, Any] | None = None
    secured: bool = False
    kept: bool = True


class Contract:
    """The operations of the interface: `checked` adds one, `document` describes them all."""

    def __init__(self) -> None:
        self._defined: dict[str, Definition] = {}
        self._tree = SpecTree(
            "flask",
            model_adapter=get_msgspec_model_adapter(),
            mode="strict",
            annotations=False,
            title="imagesearch",
            version="1",
            description="Finds the pictures of the gallery that look like yours.",
            naming_strategy=lambda model: model.__name__,
            nested_naming_strategy=lambda _parent, child: child,
            validation_error_model=schema.Problem,
        )

    def checked(self, defined: Definition) -> View:
        """Return the view behind the check of its query, and describe it in the document."""
        described: dict[str, Any] = {
            f"HTTP_{status}": (schema.Problem, _FAILURES[status])
            for status in (*defined.failures, *_ANYWHERE)
        }
        if defined.created:
            described["HTTP_201"] = (defined.answer, defined.created)
        name = defined.view.__name__
        self._defined[name] = defined
        checked: View = self._tree.validate(
            query=defined.query,
            resp=Answers(HTTP_200=(defined.answer, defined.says), **described),
            operation_id=name,
            security={_SCHEME: []} if defined.secured else None,
            before=partial(_refuse, defined.query),
        )(defined.view)
        return checked

    @cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document. Made when it is first asked for: most servers never are."""
        document: dict[str, Any] = self._tree.spec
        for path in document["paths"].values():
            for method, operation in path.items():
                _finish(method, operation, self._defined[operation["operationId"]])
        if any(each.secured for each in self._defined.values()):
            scheme = {"type": "http", "scheme": "bearer", "description": "The token of the server."}
            document["components"]["securitySchemes"] = {_SCHEME: scheme}
        return document


def checked_query() -> Any:
    """Return what the present request asks behind the question mark, as `Definition.query`."""
    return request.context.query  # type: ignore[attr-defined]  # spectree puts it there


def attached() -> dict[str, Any]:
    """Return the document of the present application, at the address it is served from."""
    contract: Contract = current_app.extensions["contract"]
    document = contract.document
    paths = {path: _present(methods) for path, methods in document["paths"].items()}
    return described({**document, "paths": paths, "servers": [{"url": request.root_path or "/"}]})


def _present(methods: dict[str, Any]) -> dict[str, Any]:
    """Return the operations of a path with what the gallery that is served now can be asked for."""
    return {
        method: {
            **operation,
            "parameters": [
                with_words(parameter, snapshot()) if parameter["name"] == "where" else parameter
                for parameter in operation["parameters"]
            ],
        }
        for method, operation in methods.items()
    }


def _finish(method: str, operation: dict[str, Any], defined: Definition) -> None:
    """Say of one operation what its definitions cannot."""
    answers, identifier = operation["responses"], msgspec.json.schema(defined.identifier)
    # spectree expects that anything may fail its check; without query and body there is none.
    if defined.body is None and not any(
        parameter["in"] == "query" for parameter in operation["parameters"]
    ):
        answers.pop("422", None)
    for status, answer in answers.items():
        answer["headers"] = _NUMBER | _OF_STATUS.get(status, {})
        if not status.startswith("2"):
            answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            parameter |= {"schema": identifier, "description": identifier["description"]}
    if method == "get" and defined.kept:
        operation["parameters"].append(_IF_NONE_MATCH)
        answers["200"]["headers"] = _NUMBER | _ETAG
        answers["304"] = {"description": "Nothing has changed.", "headers": _NUMBER | _ETAG}
    elif defined.body is not None:
        operation["requestBody"] = defined.body


def _refuse(
    query: type[msgspec.Struct] | None,
    _request: object,
    _response: object,
    error: Exception | None,
    _instance: object,
    _adapter: object,
) -> None:
    """Answer a parameter out of its range as every other failure is answered."""
    if query is None or error is None:
        return
    # msgspec ends its sentence with the place, such as "at `$.limit`", or with what is not there.
    name = re.findall(r"(?:\$\.|field `)(\w+)", str(error))[-1]
    kind = next(field.type for field in msgspec.structs.fields(query) if field.name == name)
    often = repeated(kind)
    times = "only once" if often is None else f"at most {often} times"
    raise UnprocessableEntity(
        f"The parameter {name} takes {expectation(kind)}, and {times}."
    ) from error
