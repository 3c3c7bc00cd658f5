"""What is searched with, and the token by which an address names it.

An uploaded picture is never kept, so a search with it can only go on if its address holds what the
search needs: the numbers that the model keeps of the picture, and nothing else of it.
"""

import base64
import binascii
from typing import Final

import numpy as np
from numpy.typing import NDArray
from werkzeug.exceptions import Gone, UnprocessableEntity

from app.texts import gettext
from model.bundle import Bundle
from model.query import Query
from model.second_look import DIMENSIONS, Cells

# So much of the encoder's hash tells its tokens from another's.
_STAMP: Final = 6
_LEVELS: Final = 127


def token(query: Query, bundle: Bundle) -> str:
    """Write a query as text for an address: the stamp, and one byte for each of its numbers.

    Between them a byte says whether the picture is small.
    """
    levels = query.embedding / np.abs(query.embedding).max() * _LEVELS
    content = _stamp(bundle) + bytes([query.small]) + np.rint(levels).astype(np.int8).tobytes()
    if query.cells is not None:
        content += query.cells.tobytes()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def from_token(text: str, bundle: Bundle) -> Query:
    """Return the query that a token stands for.

    Raises Gone for a token of another model, and UnprocessableEntity for what is none at all.
    """
    content = _decoded(text)
    if len(content) <= _STAMP:
        raise _mistyped()
    dimensions = bundle.manifest.model.dimensions
    if content[:_STAMP] != _stamp(bundle):
        raise Gone(
            gettext(
                "This search was made with another model than the one that is used now, and its "
                "numbers mean nothing to this one. Search with the picture again."
            )
        )
    small, levels = content[_STAMP], np.frombuffer(content, np.int8, offset=_STAMP + 1)
    embedding = levels[:dimensions].astype(np.float32)
    if small > 1 or len(embedding) < dimensions or not embedding.any():
        raise _mistyped()
    embedding /= np.linalg.norm(embedding)
    return Query(embedding, _cells(levels[dimensions:], bundle), small=bool(small))


def rounded(query: Query, bundle: Bundle) -> Query:
    """Return a query as its token holds it.

    Whoever searches with that finds what the token finds: all pages are of one list.
    """
    return from_token(token(query, bundle), bundle)._replace(whole=query.whole)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _mistyped() from None


def _cells(levels: NDArray[np.int8], bundle: Bundle) -> Cells | None:
    """Return the cells that follow the embedding, if there are any."""
    if not len(levels):
        return None
    height, width, _ = bundle.manifest.model.code_shape
    kept = min(DIMENSIONS, bundle.manifest.model.dimensions)
    if len(levels) != height * width * kept:
        raise _mistyped()
    return levels.reshape(height * width, kept)


def _stamp(bundle: Bundle) -> bytes:
    return bytes.fromhex(bundle.manifest.files["encoder"].sha256)[:_STAMP]


def _mistyped() -> UnprocessableEntity:
    return UnprocessableEntity(
        gettext(
            "The address of this search is not whole: a part of it was lost or changed. "
            "Copy it again, or search with the picture again."
        )
    )
