"""The JSON interface under /api/: its addresses, and what each of them takes and answers."""

from flask import Blueprint, Flask, Response, jsonify

from app import schema
from app.api_compare import compare, compare_sent
from app.api_images import image, images
from app.api_map import places
from app.api_model import model
from app.api_search import nearest, search, similar
from app.conditional import of_the_bundle
from app.duplicates import duplicates
from app.openapi import Contract, Definition, attached
from app.settings import Settings


def init_app(app: Flask, limits: Settings) -> None:
    """Add the interface, its checks and its document made for the limits that are set."""
    contract = Contract()
    app.extensions["contract"] = contract
    app.register_blueprint(_blueprint(contract, limits))


def _blueprint(contract: Contract, limits: Settings) -> Blueprint:
    page, listing, found = schema.looking(limits), schema.listing(limits), schema.SearchAnswer
    asking, failures = schema.asking(limits), (400, 404, 413, 415, 422, 503)
    sending = {
        "/v1/search": Definition(search, found, "The matches.", failures, asking),
        "/v1/compare/<identifier>": Definition(
            compare_sent, schema.Comparison, "The comparison.", failures
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
            schema.paging(limits),
        ),
        "/v1/images/<identifier>": Definition(
            image, schema.ImageRecord, "The picture's record.", (404, 412)
        ),
        "/v1/images/<identifier>/similar": Definition(
            similar, found, "The matches.", (404, 412, 422, 503), page
        ),
        "/v1/map": Definition(
            places, schema.GalleryMap, "A part of the map.", (412, 422), schema.MapPart
        ),
        "/v1/images/<identifier>/compare/<other>": Definition(
            compare, schema.Comparison, "The comparison.", (404, 412, 503)
        ),
        "/v1/model": Definition(model, schema.ModelCard, "The model card.", (412,)),
        "/nearest/<identifier>": Definition(
            nearest, found, "The matches.", (404, 412, 422, 503), page, schema.PictureIdOrRow
        ),
    }
    api = Blueprint("api", __name__, url_prefix="/api")
    for rule, defined in sending.items():
        api.add_url_rule(rule, view_func=contract.checked(defined), methods=["POST"])
    for rule, defined in reading.items():
        api.add_url_rule(rule, view_func=of_the_bundle(contract.checked(defined)))
    api.add_url_rule("/v1/openapi.json", view_func=of_the_bundle(document))
    return api


def document() -> Response:
    """Send the OpenAPI document."""
    return jsonify(attached())
