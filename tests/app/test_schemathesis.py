"""The document and the behaviour agree: generated requests to every operation, answers checked.

Schemathesis makes the requests out of the document that the application serves: some as it allows,
some against it, and a list of the edges of every parameter, body and method. It holds each answer
against the document: status, type, headers, shape, and whether the request had to be refused.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.specs.openapi.media_types import unregister_all
from schemathesis.specs.openapi.schemas import OpenApiSchema

from app import create_app
from app.live import Snapshot
from model.view import REGION
from tests import drawing
from tests.app.changing import BEARER, opened

SEARCH: Final = "POST /api/v1/search"
MODEL: Final = "GET /api/v1/model"
OPERATIONS: Final = (
    SEARCH,
    MODEL,
    "GET /api/v1/map",
    "GET /api/v1/images",
    "GET /api/v1/duplicates",
    "GET /api/v1/images/{identifier}",
    "GET /api/v1/images/{identifier}/similar",
    "GET /api/v1/images/{identifier}/compare/{other}",
    "POST /api/v1/compare/{identifier}",
    "GET /api/nearest/{identifier}",
)
# Where a token is set.
CHANGES: Final = (
    "POST /api/v1/images",
    "PATCH /api/v1/images/{identifier}",
    "DELETE /api/v1/images/{identifier}",
)

# The same requests on every machine, and nothing kept between runs.
generated = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=list(HealthCheck),
)

# Each change of a gallery takes its time.
few = settings(generated, max_examples=8)


@pytest.fixture(scope="module", autouse=True)
def _pictures() -> Iterator[None]:
    """Make bodies of pictures: what is no picture has a test of its own."""
    drawn = drawing.draw("truss")
    pictures = st.sampled_from([drawing.encoded(drawn, kind) for kind in ("JPEG", "PNG", "WEBP")])
    schemathesis.openapi.media_type("image/*", pictures, aliases=["application/octet-stream"])
    yield
    unregister_all()


@pytest.fixture(scope="module")
def app(told_bundle: Path) -> Flask:
    """Serve pictures of which much is told, so that every filter has something to choose."""
    return create_app({"TESTING": True, "BUNDLE": str(told_bundle)})


@pytest.fixture(scope="module")
def document(app: Flask) -> OpenApiSchema:
    address = "/api/v1/openapi.json"
    return schemathesis.openapi.from_wsgi(address, app, config=schemathesis.Config())


def test_the_document_is_valid_and_every_operation_is_tried(document: OpenApiSchema) -> None:
    document.validate()
    found = [each.ok().label for each in document.get_all_operations() if isinstance(each, Ok)]
    assert sorted(found) == sorted(OPERATIONS)


@pytest.mark.parametrize("label", OPERATIONS)
def test_what_is_allowed_is_answered_as_the_document_says(
    document: OpenApiSchema, snapshot: Snapshot, label: str
) -> None:
    operation = _operation(document, label)
    requests = [operation.as_strategy()]
    if "{identifier}" in label:
        known = (snapshot.gallery.record(3).id, "3")
        names = re.findall(r"{(\w+)}", label)
        requests += [
            operation.as_strategy(path_parameters=dict.fromkeys(names, each)) for each in known
        ]
    seen = _send(st.one_of(requests))
    assert seen[200]
    # An id that nobody has may be asked for in the path, or as more or less like it.
    assert bool(seen[404]) is ("{identifier}" in label or label == SEARCH)
    assert set(seen) <= {200, 304, 404}


# The model card takes nothing that could be wrong.
@pytest.mark.parametrize("label", [each for each in OPERATIONS if each != MODEL])
def test_what_is_forbidden_is_refused_as_the_document_says(
    document: OpenApiSchema, label: str
) -> None:
    seen = _send(_operation(document, label).as_strategy(generation_mode=GenerationMode.NEGATIVE))
    assert seen[422] + seen[404]


@pytest.mark.parametrize("label", OPERATIONS)
def test_the_edges_are_where_the_document_draws_them(document: OpenApiSchema, label: str) -> None:
    seen = Counter[int]()
    for case in document.iter_coverage_cases(
        _operation(document, label),
        generation_modes=list(GenerationMode),
        generation_config=document.config.generation,
    ):
        seen[_inside(case).call_and_validate().status_code] += 1
    assert seen[405]
    assert seen[404] if "{identifier}" in label else seen[200]


def test_what_is_no_picture_is_refused_as_the_document_says(document: OpenApiSchema) -> None:
    seen = Counter[int]()

    @generated
    @given(_operation(document, SEARCH).as_strategy(), st.binary(min_size=1))
    def send(case: Case[Any], content: bytes) -> None:
        form: Any = {"image": content}
        case.body = form if case.media_type == "multipart/form-data" else content
        case.query = {}
        # No document can say which bytes are a picture.
        answer = case.call_and_validate(excluded_checks=[positive_data_acceptance])
        seen[answer.status_code] += 1

    send()
    assert seen[415]
    assert set(seen) <= {413, 415, 422}


@pytest.fixture(scope="module")
def changed(to_change: Path, tmp_path_factory: pytest.TempPathFactory) -> OpenApiSchema:
    """Return the document of a gallery that can be changed, and a program that may."""
    site = opened(to_change, tmp_path_factory.mktemp("changed"))
    config = schemathesis.Config.from_dict({"headers": BEARER})
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", site.app, config=config)


def test_what_changes_the_gallery_is_in_the_document_where_it_can_be(
    changed: OpenApiSchema,
) -> None:
    changed.validate()
    found = [each.ok().label for each in changed.get_all_operations() if isinstance(each, Ok)]
    assert sorted(found) == sorted(OPERATIONS + CHANGES)


@pytest.mark.parametrize("label", CHANGES)
def test_a_change_is_answered_as_the_document_says(changed: OpenApiSchema, label: str) -> None:
    operation = _operation(changed, label)
    known = operation.schema.app.test_client().get("/api/v1/images").json["images"]
    requests = [operation.as_strategy()]
    if "{identifier}" in label:
        requests += [operation.as_strategy(path_parameters={"identifier": known[0]["id"]})]
    seen = _send(st.one_of(requests), few)
    expected = {"POST": {200, 201}, "PATCH": {200, 404}, "DELETE": {404, 409}}
    assert set(seen) == expected[label.split(maxsplit=1)[0]]


@pytest.mark.parametrize("label", CHANGES[:2])
def test_a_forbidden_change_is_refused_as_the_document_says(
    changed: OpenApiSchema, label: str
) -> None:
    wrong = _operation(changed, label).as_strategy(generation_mode=GenerationMode.NEGATIVE)
    seen = _send(wrong, few, unless=_is_text)
    assert seen[422] + seen[404]


def _operation(document: OpenApiSchema, label: str) -> APIOperation[Any, Any, Any, Any]:
    operation = document.find_operation_by_label(label)
    assert operation is not None
    return operation


def _is_text(case: Case[Any]) -> bool:
    """Tell whether all that is said is text, as in a form: no value is of a wrong type there.

    What was to be an array arrives as words, which may be right.
    """
    return case.media_type == "multipart/form-data"


def _send(
    requests: st.SearchStrategy[Case[Any]],
    often: settings = generated,
    unless: Callable[[Case[Any]], bool] = lambda _: False,
) -> Counter[int]:
    """Send generated requests, check their answers, and return how often each status came.

    unless: of which requests it is not asked that they are refused.
    """
    seen = Counter[int]()

    @often
    @given(requests)
    def send(case: Case[Any]) -> None:
        left: list[Any] = [negative_data_rejection] if unless(case) else []
        seen[_inside(case).call_and_validate(excluded_checks=left).status_code] += 1

    send()
    return seen


def _inside(case: Case[Any]) -> Case[Any]:
    """Move regions into the picture: no document can say how large that is."""
    given = (case.query or {}).get("region")
    if isinstance(given, str | list):
        moved = _moved(given) if isinstance(given, str) else [_moved(each) for each in given]
        case.query = {**case.query, "region": moved}
    return case


def _moved(region: object) -> object:
    if isinstance(region, str) and re.fullmatch(REGION, region):
        return re.sub("^[0-9]+,[0-9]+", "0,0", region)
    return region
