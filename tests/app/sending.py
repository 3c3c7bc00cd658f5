"""Forms as bytes: the test client would put larger ones into temporary files itself."""

import base64
from typing import Final

MULTIPART: Final = "multipart/form-data; boundary=part"


def multipart(content: bytes) -> bytes:
    """Return the body of a form whose field `image` holds a file."""
    head = b'--part\r\nContent-Disposition: form-data; name="image"; filename="a.bmp"\r\n\r\n'
    return head + content + b"\r\n--part--\r\n"


def holding(content: bytes) -> bytes:
    """Return the body of a form whose text field `held` holds a file in base64."""
    head = b'--part\r\nContent-Disposition: form-data; name="held"\r\n\r\n'
    return head + base64.b64encode(content) + b"\r\n--part--\r\n"


def form(*files: tuple[str, bytes], **fields: str) -> bytes:
    """Return the body of a form with files, name and content each, as `image`, and other fields."""
    parts = [f'name="{name}"\r\n\r\n'.encode() + text.encode() for name, text in fields.items()]
    parts += [
        f'name="image"; filename="{name}"\r\n\r\n'.encode() + content for name, content in files
    ]
    head = b"--part\r\nContent-Disposition: form-data; "
    return b"\r\n".join([*(head + part for part in parts), b"--part--\r\n"])
