"""The JSON interface under /api/: its addresses, and what each of them takes and answers."""

from flask import Blueprint, Flask, Response, jsonify

from app import arguments, schema, schema_changes
from app.access import guarded
from app.api_changes import add_images, change_image, remove_image
from app.api_compare import compare, compare_sent
from app.api_images import image, images
from app.api_map import places
from app.api_model import model
from app.api_search import nearest, search, search_by_address, similar
from app.conditional import of_the_bundle
from app.duplicates import duplicates
from app.openapi import PICTURE, Contract, Definition, attached
from app.settings import Settings


def init_app(app: Flask, limits: Settings) -> None:
    """Add the interface, its checks and its document made for the limits that are set."""
    contract = Contract()
    app.extensions["contract"] = contract
    app.register_blueprint(_blueprint(contract, limits))


def _blueprint(contract: Contract, limits: Settings) -> Blueprint:
    page, listing, found = arguments.looking(limits), arguments.listing(limits), schema.SearchAnswer
    asking, failures = arguments.asking(limits), (400, 404, 413, 415, 422)
    sending = {
        "/v1/search": Definition(search, found, "The matches.", failures, asking, body=PICTURE),
        "/v1/compare/<identifier>": Definition(
            compare_sent, schema.Comparison, "The comparison.", failures, body=PICTURE
        ),
    }
    reading = {
        "/v1/images": Definition(
            images, schema.ImageList, "A part of the gallery.", (412, 422), listing
        ),
        "/v1/duplicates": Definition(
            duplicates,
            schema.DuplicateList,
            "A part of the groups.",
            (412, 422),
            arguments.paging(limits),
        ),
        "/v1/images/<identifier>": Definition(
            image, schema.ImageRecord, "The picture's record.", (404, 412)
        ),
        "/v1/images/<identifier>/similar": Definition(
            similar, found, "The matches.", (404, 412, 422), page
        ),
        "/v1/map": Definition(
            places, schema.GalleryMap, "A part of the map.", (412, 422), schema.MapPart
        ),
        "/v1/images/<identifier>/compare/<other>": Definition(
            compare, schema.Comparison, "The comparison.", (404, 412)
        ),
        "/v1/model": Definition(model, schema.ModelCard, "The model card.", (412,)),
        "/nearest/<identifier>": Definition(
            nearest, found, "The matches.", (404, 412, 422), page, schema.PictureIdOrRow
        ),
    }
    api = Blueprint("api", __name__, url_prefix="/api")
    for rule, defined in sending.items():
        api.add_url_rule(rule, view_func=contract.checked(defined), methods=["POST"])
    for rule, defined in reading.items():
        api.add_url_rule(rule, view_func=of_the_bundle(contract.checked(defined)))
    if limits.fetch:
        api.add_url_rule("/v1/search", view_func=contract.checked(_by_address(limits)))
    if limits.token:
        for (method, rule), defined in _changes().items():
            view = guarded(contract.checked(defined))
            api.add_url_rule(rule, view_func=view, methods=[method])
    api.add_url_rule("/v1/openapi.json", view_func=of_the_bundle(document))
    return api


def _by_address(limits: Settings) -> Definition:
    """Return what searches with a picture that lies elsewhere."""
    return Definition(
        search_by_address,
        schema.SearchAnswer,
        "The matches.",
        (404, 413, 415, 422),
        arguments.naming(limits),
        kept=False,
    )


def _changes() -> dict[tuple[str, str], Definition]:
    """Return what changes the gallery, which asks for the token."""
    image, failures = "/v1/images/<identifier>", (401, 404, 409)
    return {
        ("POST", "/v1/images"): Definition(
            add_images,
            schema_changes.Uploads,
            "All of them were there already.",
            (400, 401, 413, 415, 422),
            schema_changes.ImageWords,
            created="They are in the gallery.",
            body=schema_changes.upload_body(PICTURE),
            secured=True,
        ),
        ("PATCH", image): Definition(
            change_image,
            schema_changes.ChangedImage,
            "The picture's record.",
            (*failures, 413, 422),
            body=schema_changes.change_body(),
            secured=True,
        ),
        ("DELETE", image): Definition(
            remove_image, schema_changes.RemovedImage, "It is removed.", failures, secured=True
        ),
    }


def document() -> Response:
    """Send the OpenAPI document."""
    return jsonify(attached())
