"""The JSON interface under /api/."""

from typing import Any, Final

from flask import Blueprint, jsonify, request, url_for
from spectree import Response as Answers
from spectree import SpecTree
from spectree.model_adapter import get_msgspec_model_adapter
from werkzeug.exceptions import UnprocessableEntity

from app import schema, uploads
from app.errors import MEDIA_TYPE
from app.live import settings, snapshot
from app.pictures import found_by_id_or_row, found_or_404
from app.search import Answer, Match, by_picture, by_record
from app.settings import Settings
from model.gallery import Record

_PICTURE_BODY: Final = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["image"],
                "properties": {"image": {"type": "string", "format": "binary"}},
            }
        },
        "image/*": {"schema": {"type": "string", "format": "binary"}},
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    },
}

_FAILURES: Final[dict[str, Any]] = {
    "HTTP_400": (schema.Problem, "No picture arrived."),
    "HTTP_413": (schema.Problem, "Too many bytes or pixels."),
    "HTTP_415": (schema.Problem, "Not a picture of a format that is read here."),
    "HTTP_422": (schema.Problem, "A damaged picture, or a parameter out of its range."),
    "HTTP_503": (schema.Problem, "Too many searches at once; see Retry-After."),
}
_NOT_FOUND: Final[dict[str, Any]] = {
    "HTTP_404": (schema.Problem, "No picture of the gallery has this id."),
    "HTTP_422": (schema.Problem, "A parameter out of its range."),
}


def create(limits: Settings) -> Blueprint:
    """Return the interface, its checks and its document made for the limits that are set."""
    tree = SpecTree(
        "flask",
        model_adapter=get_msgspec_model_adapter(),
        before=_refuse,
        mode="strict",
        annotations=False,
        title="imagesearch",
        version="1",
        description="Finds the pictures of the gallery that look like yours.",
        naming_strategy=lambda model: model.__name__,
        nested_naming_strategy=lambda _parent, child: child,
        validation_error_model=schema.Problem,
    )
    page = schema.paging(limits)
    searching = tree.validate(
        query=page,
        resp=Answers(HTTP_200=(schema.SearchAnswer, "The matches."), **_FAILURES),
        operation_id="search",
    )(search)
    wandering = [
        tree.validate(
            query=page,
            resp=Answers(HTTP_200=(schema.SearchAnswer, "The matches."), **_NOT_FOUND),
            operation_id=view.__name__,
            path_parameter_descriptions={"identifier": "The id of a picture of the gallery."},
        )(view)
        for view in (similar, nearest)
    ]

    api = Blueprint("api", __name__, url_prefix="/api")
    api.add_url_rule("/v1/search", view_func=searching, methods=["POST"])
    api.add_url_rule("/v1/images/<identifier>/similar", view_func=wandering[0])
    api.add_url_rule("/v1/openapi.json", "document", lambda: jsonify(_document(tree)))
    api.add_url_rule("/nearest/<identifier>", view_func=wandering[1])
    return api


def search() -> schema.SearchAnswer:
    """Find the pictures of the gallery that look like the one sent.

    Send it as the field `image` of a multipart form, or as the raw body. It is never stored.
    """
    wanted = _wanted()
    content = uploads.from_form_or_body()
    picture, answer = by_picture(
        snapshot(), content, settings(), limit=wanted.limit, offset=wanted.offset
    )
    understood = schema.QueryPicture(
        width=picture.width, height=picture.height, format=picture.format, turned=picture.turned
    )
    return _answer(understood, answer)


def similar(identifier: str) -> schema.SearchAnswer:
    """Find the pictures that look like one of the gallery, which is not among them."""
    return _similar(found_or_404(identifier))


def nearest(identifier: str) -> schema.SearchAnswer:
    """Answer the original demo's address: like `similar`, by id or by row number."""
    return _similar(found_by_id_or_row(identifier))


def _similar(record: Record) -> schema.SearchAnswer:
    wanted = _wanted()
    answer = by_record(snapshot(), record, limit=wanted.limit, offset=wanted.offset)
    understood = schema.QueryPicture(
        width=record.width, height=record.height, format=record.format, turned=False
    )
    return _answer(understood, answer)


def _wanted() -> schema.Paging:
    checked: schema.Paging = request.context.query  # type: ignore[attr-defined]  # spectree puts it there
    return checked


def _answer(query: schema.QueryPicture, answer: Answer) -> schema.SearchAnswer:
    stages = {name: round(value, 3) for name, value in vars(answer.stages).items()}
    return schema.SearchAnswer(
        query=query,
        searched=answer.searched,
        total=answer.total,
        milliseconds=schema.Milliseconds(**stages),
        matches=[_match(match) for match in answer.matches],
    )


def _match(match: Match) -> schema.MatchedImage:
    record = match.record
    return schema.MatchedImage(
        rank=match.rank,
        id=record.id,
        distance=match.distance,
        similarity=match.similarity,
        likeness=match.likeness.word,
        title=record.title,
        credit=record.credit,
        licence=record.licence,
        width=record.width,
        height=record.height,
        page=url_for("pictures.page", identifier=record.id),
        thumbnail=url_for("pictures.thumbnail", identifier=record.id, size="small"),
    )


def _refuse(
    _request: object,
    _response: object,
    error: Exception | None,
    _instance: object,
    _adapter: object,
) -> None:
    """Answer a parameter out of its range as every other failure is answered."""
    if error is not None:
        raise UnprocessableEntity(f"A parameter is wrong: {error}.") from error


def _document(tree: SpecTree) -> dict[str, Any]:
    """Return the OpenAPI document, with what Structs cannot say: bodies and the problem type."""
    document: dict[str, Any] = tree.spec
    document["paths"]["/api/v1/search"]["post"]["requestBody"] = _PICTURE_BODY
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if status != "200" and "application/json" in response.get("content", {}):
                    response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
    return document
