"""The JSON interface under /api/: its addresses, and what each of them takes and answers."""

from flask import Blueprint, Flask, Response, jsonify

from app import schema
from app.api_images import image, images
from app.api_model import model
from app.api_search import nearest, search, similar
from app.conditional import of_the_bundle
from app.openapi import Contract, attached
from app.settings import Settings


def init_app(app: Flask, limits: Settings) -> None:
    """Add the interface, its checks and its document made for the limits that are set."""
    contract = Contract()
    app.extensions["contract"] = contract
    app.register_blueprint(_blueprint(contract, limits))


def _blueprint(contract: Contract, limits: Settings) -> Blueprint:
    page, listing = schema.paging(limits), schema.listing(limits)
    found, bad, found_or_not = schema.SearchAnswer, (422,), (404, 422)
    searching = (400, 413, 415, 422, 503)
    reading = {
        "/v1/images": contract.checked(
            images, schema.ImageList, "A part of the gallery.", query=listing, failures=bad
        ),
        "/v1/images/<identifier>": contract.checked(
            image, schema.ImageRecord, "The picture's record.", failures=(404,)
        ),
        "/v1/images/<identifier>/similar": contract.checked(
            similar, found, "The matches.", query=page, failures=found_or_not
        ),
        "/v1/model": contract.checked(model, schema.ModelCard, "The model card."),
        "/nearest/<identifier>": contract.checked(
            nearest, found, "The matches.", query=page, failures=found_or_not
        ),
        "/v1/openapi.json": document,
    }
    api = Blueprint("api", __name__, url_prefix="/api")
    send = contract.checked(search, found, "The matches.", query=page, failures=searching)
    api.add_url_rule("/v1/search", view_func=send, methods=["POST"])
    for rule, view in reading.items():
        api.add_url_rule(rule, view_func=of_the_bundle(view))
    return api


def document() -> Response:
    """Send the OpenAPI document."""
    return jsonify(attached())
