"""Files that are no pictures, or not whole, or lie: a sentence each, never a failure of ours."""

import io
import json
import struct
import zlib

import pytest
from flask.testing import FlaskClient

from tests import drawing


def png_that_says_it_is(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header promises any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


WHOLE = drawing.encoded(drawing.draw("arch"))

BAD = {
    "empty": (b"", 400, "No picture arrived"),
    "text": (b"This is no picture at all.", 415, "JPEG, PNG, WebP"),
    "html": (b"<html><script>alert(1)</script></html>", 415, "JPEG, PNG, WebP"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", 415, "JPEG, PNG, WebP"),
    "truncated": (WHOLE[: len(WHOLE) // 2], 422, "damaged or incomplete"),
    "header only": (WHOLE[:300], None, ""),
    "bomb": (png_that_says_it_is(65_535, 65_535), 413, "megapixels"),
    "lying size": (png_that_says_it_is(4_000, 4_000), 422, "damaged or incomplete"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_pictures_are_problems_and_pages(client: FlaskClient, name: str) -> None:
    content, status, words = BAD[name]
    problem = client.post("/api/v1/search", data=content, content_type="image/jpeg")
    page = client.post("/", data={"image": (io.BytesIO(content), "photo.jpg")})
    assert problem.status_code == page.status_code
    assert problem.status_code in ({status} if status else {415, 422})
    assert words in json.loads(problem.data)["detail"]
    assert words in page.text
    # The next step stands right there.
    assert 'type="file"' in page.text


def test_a_form_without_a_picture_is_answered(client: FlaskClient) -> None:
    for data in ({}, {"image": "a text field"}, {"other": (io.BytesIO(WHOLE), "a.jpg")}):
        response = client.post("/", data=data, content_type="multipart/form-data")
        assert response.status_code == 400
        assert "No picture arrived" in response.text


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_the_content_decides_and_not_the_name(client: FlaskClient, kind: str) -> None:
    content = drawing.encoded(drawing.draw("beam"), kind)
    response = client.post(
        "/api/v1/search", data={"image": (io.BytesIO(content), "wrong.jpg", "image/jpeg")}
    )
    assert json.loads(response.data)["query"]["format"] == kind


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
def test_tiny_and_slim_pictures_are_answered(client: FlaskClient, size: tuple[int, int]) -> None:
    content = drawing.encoded(drawing.draw("arch", size=(600, 600)).resize(size), "PNG")
    assert client.post("/api/v1/search", data=content).status_code == 200
    assert client.post("/", data={"image": (io.BytesIO(content), "a.png")}).status_code == 200
