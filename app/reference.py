"""The page that shows the JSON interface: its OpenAPI document, told to a reader.

Nothing here is written down a second time: addresses, limits and answers come from the document.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from flask import Blueprint, render_template, request

from app.conditional import of_the_bundle
from app.live import snapshot
from app.openapi import attached

blueprint = Blueprint("reference", __name__)

_KINDS: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
}
_JSON: Final = "application/json"
_NAMED: Final = "#/components/schemas/"


class Field(NamedTuple):
    """A parameter, or a field of an answer. shape: the name of the definition it holds, or ""."""

    name: str
    kind: str
    shape: str
    limits: str
    description: str


class Result(NamedTuple):
    """One answer that an operation may give."""

    status: str
    description: str
    shape: str


class Operation(NamedTuple):
    """One operation. fields: of its body, where that is JSON. curl: a command for this server."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    bodies: list[str]
    fields: list[Field]
    results: list[Result]
    curl: str


@blueprint.get("/api")
@of_the_bundle
def page() -> str:
    """Show how a program uses this server."""
    document = attached()
    operations = list(_operations(document["paths"]))
    shapes = document["components"]["schemas"]
    answers = [(name, _fields(shapes[name])) for name in _reached(operations, shapes)]
    return render_template(
        "api.html", operations=operations, everywhere=_everywhere(operations), answers=answers
    )


def _everywhere(operations: list[Operation]) -> list[Result]:
    """Return the answers that every operation may give: they are shown once."""
    first, *others = operations
    return [result for result in first.results if all(result in each.results for each in others)]


def _operations(paths: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in paths.items():
        for method, told in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=told["summary"],
                description=told["description"],
                parameters=[_parameter(each) for each in told["parameters"]],
                bodies=list(_contents(told)),
                fields=_fields(_contents(told).get(_JSON, {}).get("schema", {"properties": {}})),
                results=[
                    _result(status, each) for status, each in sorted(told["responses"].items())
                ],
                curl=_curl(method, path, told),
            )


def _contents(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an operation takes as its body, by media type."""
    contents: dict[str, Any] = told.get("requestBody", {}).get("content", {})
    return contents


def _parameter(told: Mapping[str, Any]) -> Field:
    place = {"path": "in the path", "header": "a header"}.get(told["in"], "")
    limits = ", ".join(filter(None, (_limits(told["schema"]), place)))
    return Field(told["name"], *_kind(told["schema"]), limits, told["description"])


def _result(status: str, told: Mapping[str, Any]) -> Result:
    schema: dict[str, Any] = next(
        (content["schema"] for content in told.get("content", {}).values()), {}
    )
    return Result(status, told["description"], _kind(schema)[1] if schema else "")


def _fields(schema: Mapping[str, Any]) -> list[Field]:
    return [
        Field(name, *_kind(each), _limits(each), each.get("description", ""))
        for name, each in schema["properties"].items()
    ]


def _kind(schema: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a value is, in words, and the name of the definition that it holds, or ""."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_NAMED)
        return name, name
    if "anyOf" in schema:
        kinds = [_kind(each) for each in schema["anyOf"]]
        return " or ".join(kind for kind, _ in kinds), next(filter(None, dict(kinds).values()), "")
    if "prefixItems" in schema:
        return ", ".join(_kind(each)[0] for each in schema["prefixItems"]), ""
    if schema.get("type") == "array":
        kind, shape = _kind(schema["items"])
        return f"list of {kind}", shape
    if schema.get("type") == "object":
        return "names and values", ""
    return _plain(schema), ""


def _plain(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    return _KINDS.get(schema.get("type", ""), "anything")


def _limits(schema: Mapping[str, Any]) -> str:
    parts = []
    if "maximum" in schema:
        parts.append(f"{schema['minimum']:,} to {schema['maximum']:,}")
    elif schema.get("minimum"):
        parts.append(f"at least {schema['minimum']:,}")
    if "examples" in schema:
        parts.append(f"such as {', '.join(schema['examples'])}")
    elif "pattern" in schema:
        parts.append(f"matching {schema['pattern']}")
    if "maxLength" in schema:
        parts.append(f"at most {schema['maxLength']:,} characters")
    if "maxItems" in schema:
        parts.append(f"at most {schema['maxItems']:,} of them")
    default = schema.get("default")
    if isinstance(default, int) and not isinstance(default, bool):
        parts.append(f"{default:,} when left out")
    return ", ".join(parts)


def _reached(operations: list[Operation], shapes: Mapping[str, Any]) -> list[str]:
    """Return the definitions that answers are made of, each after the first that names it."""
    found = [result.shape for each in operations for result in each.results if result.shape]
    # The list grows while it is walked: what a definition names is looked at, too.
    for name in found:
        found += [each.shape for each in _fields(shapes[name]) if each.shape not in {"", *found}]
    return list(dict.fromkeys(found))


def _curl(method: str, path: str, told: Mapping[str, Any]) -> str:
    held = snapshot()
    identifier = held.gallery.record(0).id if held.count else "ID"
    address = request.url_root.rstrip("/") + re.sub(r"\{(identifier|other)\}", identifier, path)
    limited = any(each["name"] == "limit" for each in told["parameters"])
    parts = ["curl"] if method in {"get", "post"} else ["curl", "-X", method.upper()]
    parts += ["-H 'Authorization: Bearer TOKEN'"] if told.get("security") else []
    parts += ['-d \'{"title": "The old bridge"}\''] if _JSON in _contents(told) else []
    parts += ["-F image=@bridge.jpg"] if method == "post" else []
    return " ".join([*parts, f"'{address}{'?limit=3' if limited else ''}'"])
