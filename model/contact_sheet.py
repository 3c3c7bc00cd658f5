"""A page of matches that can be kept and sent: one HTML file with its pictures in it."""

import base64
from collections.abc import Sequence
from html import escape
from string import Template
from typing import Final, NamedTuple

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pictures like these</title>
<style>
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
</style>
</head>
<body>
<h1>Pictures like these</h1>
<ul>
$asked
</ul>
<h2>What looks most like them</h2>
<ol>
$found
</ol>
</body>
</html>
""")


class Found(NamedTuple):
    """One match. thumbnail: a WebP."""

    title: str
    path: str
    similarity: float
    thumbnail: bytes


def sheet(asked: Sequence[bytes], found: Sequence[Found]) -> str:
    """Return the page. asked: JPEGs of what was searched with; found: the matches, in order."""
    return _PAGE.substitute(
        asked="\n".join(f"<li>{_image(each, 'jpeg', '')}</li>" for each in asked),
        found="\n".join(_item(place, each) for place, each in enumerate(found, 1)),
    )


def _item(rank: int, found: Found) -> str:
    title, path = escape(found.title), escape(found.path)
    return (
        f"<li>{_image(found.thumbnail, 'webp', title)}"
        f"<p>{rank} · {found.similarity:.3f}<br>{title}</p>"
        f'<p class="path">{path}</p></li>'
    )


def _image(content: bytes, kind: str, alt: str) -> str:
    return f'<img src="data:image/{kind};base64,{base64.b64encode(content).decode()}" alt="{alt}">'
