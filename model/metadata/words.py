"""Words from strangers, made fit for a page: no control characters, one line, a limited length."""

import unicodedata
from typing import Final

# Of the characters that cannot be seen, these spell words in some scripts, or join an emoji:
# zero-width non-joiner and joiner, and the two marks that say which way one character runs.
# The others of their kind (Cf) turn or hide text around them, as U+202E does.
_KEPT: Final = frozenset("\u200c\u200d\u200e\u200f")
# Control and format characters, halves of surrogate pairs, private use, and what is no character.
_DROPPED: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))


def clean(text: str, most: int) -> str:
    """Return a text as one line of at most `most` characters, composed (NFC).

    Control characters, what turns the direction of text, and what is no character are left out;
    what is cut ends with an ellipsis.
    """
    # Megabytes are not looked at: four times as many characters as are kept will do.
    spaced = " ".join(text[: 4 * most].split())
    seen = "".join(char for char in spaced if _shown(char))
    composed = " ".join(unicodedata.normalize("NFC", seen).split())
    return composed if len(composed) <= most else composed[: most - 1].rstrip() + "\u2026"


def decoded(content: bytes) -> str:
    """Read bytes whose encoding nobody told: UTF-8, or else what old programs wrote, Latin 1."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _shown(char: str) -> bool:
    return char in _KEPT or unicodedata.category(char) not in _DROPPED
