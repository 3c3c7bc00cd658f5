"""The OpenAPI document: made of the definitions that check the requests, so the two cannot differ.

What those definitions cannot say (bodies that are pictures, headers, the type of a problem) is
added here.
"""

import re
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, Final

import msgspec
from flask import current_app, request
from flask.typing import ResponseReturnValue
from spectree import Response as Answers
from spectree import SpecTree
from spectree.model_adapter import get_msgspec_model_adapter
from werkzeug.exceptions import UnprocessableEntity

from app import schema
from app.errors import MEDIA_TYPE
from app.settings import expectation

View = Callable[..., ResponseReturnValue]

_FAILURES: Final = {
    400: "No picture arrived, or the form could not be read.",
    404: "No picture of the gallery has this id.",
    413: "Too many bytes, parts or pixels.",
    415: "Not a picture of a format that is read here.",
    422: "A parameter out of its range, or a damaged picture.",
    503: "Too many searches at once.",
}

_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_PICTURE: Final = {
    "required": True,
    "description": "One picture: JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP.",
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["image"],
                "properties": {"image": {"type": "string", "format": "binary"}},
            }
        },
        "image/*": _BINARY,
        "application/octet-stream": _BINARY,
    },
}

_ETAG: Final = {
    "ETag": {
        "description": "The state of this answer; send it back in If-None-Match.",
        "required": True,
        "schema": {"type": "string"},
    }
}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer: when nothing has changed, 304 comes back.",
    "schema": {"type": "string"},
}
_RETRY_AFTER: Final = {
    "Retry-After": {
        "description": "Seconds to wait before the next try.",
        "required": True,
        "schema": {"type": "integer"},
    }
}


class Contract:
    """The operations of the interface: `checked` adds one, `document` describes them all."""

    def __init__(self) -> None:
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

    def checked(
        self,
        view: Callable[..., msgspec.Struct],
        answer: type[msgspec.Struct],
        says: str,
        *,
        query: type[msgspec.Struct] | None = None,
        failures: tuple[int, ...] = (),
    ) -> View:
        """Return the view behind the check of its query, described by its docstring and `says`."""
        described: dict[str, Any] = {
            f"HTTP_{status}": (schema.Problem, _FAILURES[status]) for status in failures
        }
        checked: View = self._tree.validate(
            query=query,
            resp=Answers(HTTP_200=(answer, says), **described),
            operation_id=view.__name__,
            before=partial(_refuse, query),
            path_parameter_descriptions={"identifier": "The id of a picture of the gallery."},
        )(view)
        return checked

    @cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document. Made when it is first asked for: most servers never are."""
        document: dict[str, Any] = self._tree.spec
        for path in document["paths"].values():
            for method, operation in path.items():
                _finish(method, operation)
        return document


def attached() -> dict[str, Any]:
    """Return the document of the present application, at the address it is served from."""
    contract: Contract = current_app.extensions["contract"]
    return {**contract.document, "servers": [{"url": request.root_path or "/"}]}


def _finish(method: str, operation: dict[str, Any]) -> None:
    """Say of one operation what its definitions cannot."""
    answers = operation["responses"]
    # spectree expects that anything may fail its check; without a query there is none.
    if not any(parameter["in"] == "query" for parameter in operation["parameters"]):
        answers.pop("422", None)
    for status, answer in answers.items():
        if status != "200":
            answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
    if method == "get":
        operation["parameters"].append(_IF_NONE_MATCH)
        answers["200"]["headers"] = _ETAG
        answers["304"] = {"description": "Nothing has changed.", "headers": _ETAG}
    else:
        operation["requestBody"] = _PICTURE
        answers["503"]["headers"] = _RETRY_AFTER


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
    # msgspec ends its sentence with the place, such as "at `$.limit`".
    name = re.findall(r"\$\.(\w+)", str(error))[-1]
    kind = next(field.type for field in msgspec.structs.fields(query) if field.name == name)
    raise UnprocessableEntity(
        f"The parameter {name} takes {expectation(kind)}, and only once."
    ) from error
