"""Pages and their files travel compressed where the browser says that it takes that."""

import gzip

import pytest
from flask.testing import FlaskClient

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("address", ["/browse", "/static/x/base.css", "/static/x/endless.js"])
def test_who_takes_it_gets_the_same_content_in_fewer_bytes(
    client: FlaskClient, address: str
) -> None:
    plain, packed = client.get(address), client.get(address, headers=GZIP)
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("address", ["/browse", "/static/x/base.css"])
def test_what_the_browser_holds_is_not_sent_again(client: FlaskClient, address: str) -> None:
    tag = client.get(address, headers=GZIP).headers["ETag"]
    assert tag.startswith("W/")
    again = client.get(address, headers={**GZIP, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_pictures_and_small_answers_stay_as_they_are(client: FlaskClient) -> None:
    picture = client.get("/nearest/3").location + "/small.webp"
    for address in (picture, "/healthz"):
        assert "Content-Encoding" not in client.get(address, headers=GZIP).headers
    refused = client.get("/browse", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers
