"""A page of matches that can be kept and sent: one HTML file with its pictures in it."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from string import Template
from typing import Final, NamedTuple

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pictures like these</title>
<style>$style</style>
</head>
<body>
<h1>Pictures like these</h1>
<ul>
$asked
</ul>
<h2>$heading</h2>
<ol>
$found
</ol>
</body>
</html>
""")

_STYLE: Final = """
body { margin: 0; padding: 2rem clamp(1rem, 4vw, 4rem); background: light-dark(#f8f6f3, #1b1917);
  color: light-dark(#2b2825, #ece7e1); font: 1rem/1.5 system-ui, sans-serif; }
h1, h2 { font-size: 1.75rem; font-weight: 550; }
h2 { font-size: 1.375rem; }
ul, ol { display: flex; flex-wrap: wrap; gap: 1.5rem 0.875rem; padding: 0; list-style: none; }
ul img { height: 12rem; }
ol img { height: 10rem; }
img { display: block; max-width: 100%; object-fit: contain; border-radius: 0.1875rem; }
li { max-width: 100%; }
ol li { width: min-content; min-width: 9rem; }
p { margin: 0.375rem 0 0; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.path { color: light-dark(#504b45, #b9b2a9); overflow-wrap: anywhere; }
"""

# The page may show the pictures in it, in this style, and do nothing else.
_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src '{}'"
)

_NOTHING: Final = "Nothing here looks like them; the closest all the same"


class Found(NamedTuple):
    """One match. likeness: in words and as a number. thumbnail: a WebP."""

    rank: int
    title: str
    path: str
    likeness: str
    thumbnail: bytes


def sheet(asked: Sequence[bytes], found: Sequence[Found], *, nothing: bool = False) -> str:
    """Return the page. asked: JPEGs of what was searched with; found: the matches, in order.

    nothing: whether none of these looks like what was searched with.
    """
    return _PAGE.substitute(
        policy=_POLICY.format(_hash(_STYLE)),
        style=_STYLE,
        asked="\n".join(f"<li>{_image(each, 'jpeg', '')}</li>" for each in asked),
        heading=_NOTHING if nothing else "What looks most like them",
        found="\n".join(map(_item, found)),
    )


def _hash(text: str) -> str:
    """Return what a policy calls a text by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _item(found: Found) -> str:
    title, path = escape(found.title), escape(found.path)
    return (
        f"<li>{_image(found.thumbnail, 'webp', title)}"
        f"<p>{found.rank} · {found.likeness}<br>{title}</p>"
        f'<p class="path">{path}</p></li>'
    )


def _image(content: bytes, kind: str, alt: str) -> str:
    return f'<img src="data:image/{kind};base64,{base64.b64encode(content).decode()}" alt="{alt}">'
