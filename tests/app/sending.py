"""Forms as bytes: the test client would put larger ones into temporary files itself."""

from typing import Final

MULTIPART: Final = "multipart/form-data; boundary=part"


def multipart(content: bytes) -> bytes:
    """Return the body of a form whose field `image` holds a file."""
    head = b'--part\r\nContent-Disposition: form-data; name="image"; filename="a.bmp"\r\n\r\n'
    return head + content + b"\r\n--part--\r\n"
