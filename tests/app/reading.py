"""What a page says to people, and which of that came from no translation.

A made-up language puts every text into ⟦brackets⟧; what stands outside of them was never
translated. Data is: what records hold is shown as it is.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

# Read aloud or shown, though they are attributes; scripts say the others of them.
SAID: Final = re.compile(
    "alt|title|placeholder|aria-label|content|data-(added|failed|label|searching|(sending|too-large)-[a-z]+)"
)
# No language: names, commands, keys; the tags of languages and English texts say what they are.
SKIPPED: Final = {"code", "kbd", "script", "style"}
VOID: Final = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
# The name of this program, of measures, of units, and of the formats of pictures.
NAMES: Final = {
    "imagesearch",
    "P@1",
    "P@5",
    "mAP",
    "ms",
    "kB",
    "MB",
    "m",
    "HOG",
    "JPEG",
    "PNG",
    "WebP",
}
AROUND: Final = " \n\t0123456789.,;:()[]·%°/+-\u00a0\u202f\u00d7\u2013\u2212\ufffc"


class Reader(HTMLParser):
    """Collects the texts of a page that stand outside of brackets, in `untranslated`."""

    def __init__(self, source: str, data: set[str]) -> None:
        super().__init__()
        self.untranslated: list[str] = []
        self.translated = 0
        self._data = {_bare(each) for each in data}
        self._open: list[bool] = []
        self._depth = 0
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        skipped = tag in SKIPPED or (tag != "html" and "lang" in given)
        if tag not in VOID:
            self._open.append(skipped)
        if any(self._open) or given.get("name") in {"viewport", "color-scheme"}:
            return
        for name, value in given.items():
            if SAID.fullmatch(name):
                self._look(value, 0)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self._depth = self._look(data, self._depth)

    def _look(self, text: str, depth: int) -> int:
        """Note what of a text is outside of brackets; return how deep in brackets its end is."""
        outside = ""
        for part in re.split("([⟦⟧])", text):
            if part in {"⟦", "⟧"}:
                depth += 1 if part == "⟦" else -1
                self.translated += part == "⟦"
                outside += "|"
            elif depth == 0:
                outside += part
        self.untranslated += [each for each in outside.split("|") if not self._is_data(each)]
        return depth

    def _is_data(self, text: str) -> bool:
        return all(
            self._is_known(part) or all(map(self._is_known, part.split(", ")))
            for part in text.split(" · ")
        )

    def _is_known(self, text: str) -> bool:
        return _bare(text) in self._data or _is_named(text)


def read(source: str, data: set[str]) -> Reader:
    """Read a page. data: what records hold, and so may stand there as it is."""
    return Reader(source, data)


def raw_texts(source: str) -> Iterator[str]:
    """Yield what the markup of a template says, its Jinja taken away: texts and attributes."""
    marked = re.sub(r"<(code|kbd)\b.*?</\1>", "", source, flags=re.DOTALL)
    marked = re.sub(r'<meta name="(viewport|color-scheme)"[^>]*>', "", marked)
    for found in re.finditer(r'\b([\w-]+)="([^"]*)"', marked):
        if SAID.fullmatch(found[1]):
            yield found[2]
    yield from re.split("<[^>]*>", marked)


def _is_named(text: str) -> bool:
    """Whether a text is of numbers, names and units alone, such as "3 ms"."""
    return all({word.strip("(),:"), word.strip(AROUND)} & {"", *NAMES} for word in text.split())


def _bare(text: str) -> str:
    """Return a text without what surrounds its words, in small letters."""
    return text.strip(AROUND).replace("_", " ").casefold()
