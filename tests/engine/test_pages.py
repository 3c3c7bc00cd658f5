"""Pages and API say the same, wherever is ranked."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from benchmarks.milvus.server import Milvus
from model.__main__ import main
from model.bundle import open_bundle
from model.ranking.collection import Address
from model.ranking.filling import fill

SEARCHES = [
    "",
    "?limit=5&offset=3",
    "?where=mood:calm&where=credit:Ada",
    "?where=mood:merry %26 bright&tag=even",
    "?tag=arch&tag=truss&from=2020&to=2021-02",
    "?per_group=1",
    "?per_group=1&where=mood:wild&offset=2",
    "?tag=nobody",
]


@pytest.fixture(scope="module")
def both(milvus: Milvus, told_bundle: Path) -> list[FlaskClient]:
    """Return visitors of two servers with the same pictures: embedded, and in the engine."""
    address = milvus.collection("told")
    fill(Address.parse(address), open_bundle(told_bundle))
    given = {"TESTING": True, "BUNDLE": str(told_bundle), "SECOND_LOOK": True}
    return [create_app({**given, "INDEX": index}).test_client() for index in ("embedded", address)]


def rounded(value: Any) -> Any:
    """Return an answer without its times, and without what differs by rounding."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items() if name != "milliseconds"}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


@pytest.mark.parametrize("address", SEARCHES)
def test_a_search_with_a_picture(both: list[FlaskClient], photo: bytes, address: str) -> None:
    ours, theirs = (each.post(f"/api/v1/search{address}", data=photo) for each in both)
    assert ours.status_code == theirs.status_code == 200
    assert rounded(ours.json) == rounded(theirs.json)
    assert ours.json
    assert ("nobody" in address) is (ours.json["matches"] == [])


def test_the_command_line(
    both: list[FlaskClient], told_bundle: Path, drawn: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for client in both:
        index = client.application.extensions["imagesearch"][0].index
        picture = str(drawn / "arch" / "00.jpg")
        arguments = ["search", picture, "--bundle", str(told_bundle), "--index", index, "--json"]
        more = both[0].get("/api/v1/images").json
        assert more
        assert main([*arguments, "--more", more["images"][3]["id"]]) == 0
        told.append(rounded(json.loads(capsys.readouterr().out)))
    assert told[0] == told[1]
    assert len(told[0]["matches"]) == 24


def test_what_is_around_a_picture(both: list[FlaskClient]) -> None:
    listed = both[0].get("/api/v1/images").json
    assert listed
    first, second, third = (image["id"] for image in listed["images"][:3])
    addresses = [
        f"/api/v1/images/{first}/similar?limit=20",
        f"/api/v1/images/{first}/similar?more={second}&less={third}&where=mood:calm",
        f"/api/v1/images/{first}/compare/{second}",
        "/api/v1/images?tag=arch",
    ]
    for address in addresses:
        ours, theirs = (each.get(address) for each in both)
        assert ours.status_code == 200
        assert rounded(ours.json) == rounded(theirs.json)


def test_pages_lead_to_the_same_pictures(both: list[FlaskClient], photo: bytes) -> None:
    first = both[0].get("/api/v1/images").json
    assert first
    identifier = first["images"][0]["id"]
    for path in (
        f"/images/{identifier}",
        f"/images/{identifier}/similar?tag=arch",
        "/browse?where=mood:calm",
    ):
        ours, theirs = (each.get(path) for each in both)
        assert ours.status_code == theirs.status_code == 200
        links = [re.findall(r'(?:href|src)="([^"]+)"', answer.text) for answer in (ours, theirs)]
        assert links[0] == links[1]
        assert len(links[0]) > 20
    sent = [each.post("/", data={"image": (io.BytesIO(photo), "a.jpg")}) for each in both]
    names = [re.findall(r"/images/([0-9a-f]{12})", answer.text) for answer in sent]
    assert names[0] == names[1]
    assert len(names[0]) > 10
