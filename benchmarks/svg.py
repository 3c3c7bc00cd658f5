"""SVG documents for a README, readable in light and dark, by eye and by screen reader.

Written by hand: an image in a README can neither load a stylesheet nor run a script, and brings its
own ground along, for it cannot know the colour of the page around it.
"""

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 760
EDGE: Final = 28

_STYLE: Final = """
svg { --ground: #f8f6f3; --text: #2b2825; --soft: #56514b; --line: #d8d2c9; --accent: #8f2f10;
  --other: #a59c90; --s1: #8f2f10; --s2: #c8713f; --s3: #4f6d7a; --s4: #8fa3a0; --s5: #cfc6b8; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #1b1917; --text: #ece7e1; --soft: #b9b2a9; --line: #403b36; --accent: #ff9d76;
    --other: #7d756b; --s1: #ff9d76; --s2: #b8623a; --s3: #8fb3c4; --s4: #5d7a80; --s5: #57504a; }
}
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--text);
  font-variant-numeric: tabular-nums;
  paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round; }
.title { font-size: 18px; font-weight: 600; }
.soft { fill: var(--soft); font-size: 12px; }
.group { font-weight: 600; }
.ours { font-weight: 600; fill: var(--accent); }
.ground { fill: var(--ground); }
.grid { stroke: var(--line); stroke-width: 1; }
.range { stroke: var(--text); stroke-width: 1.25; }
.aim { stroke: var(--text); stroke-width: 1.5; stroke-dasharray: 3 2; }
.bar { fill: var(--other); }
.bar.mine { fill: var(--accent); }
"""


def document(title: str, below: str, told: str, body: Sequence[str], height: float) -> str:
    """Return a document: its title, a line below it, and what it tells in words."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(told)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height:.0f}" rx="8"/>',
        text(EDGE, 42, title, "title"),
        text(EDGE, 64, below, "soft"),
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def short(value: float) -> str:
    """Write a figure in as few characters as it deserves."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def text(x: float, y: float, words: str, kind: str = "", *, anchor: str = "") -> str:
    """Write words from x on, or around it with anchor "middle"."""
    attributes = f' class="{kind}"' if kind else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{escape(words)}</text>'


def rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    """Fill a rectangle with slightly round corners."""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}"'
    return f'<rect class="{kind}" {place} rx="2"/>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Draw a line from one point to another."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
