"""The id of a picture: twelve hexadecimal digits of its content's SHA-256, so that links last.

Of ten million pictures two share their first twelve digits in one archive of six (the birthday
bound: n * n / 2 / 16**12). Then the one that came first keeps them, and the other is called by the
next twelve.
"""

from typing import Final

DIGITS: Final = 12
_OF_SHA256: Final = 64


def candidates(sha256: str) -> list[str]:
    """Return the five ids that a content may have, the usual one first.

    sha256: 64 hexadecimal digits.
    """
    return [sha256[start : start + DIGITS] for start in range(0, _OF_SHA256 - DIGITS + 1, DIGITS)]
