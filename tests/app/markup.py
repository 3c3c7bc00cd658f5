"""What a browser would see of a page: its elements, its links, its text."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """A parsed page. elements: (tag, attributes) in order; text: everything that is read."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """Return the attributes of every such element, by tag and by class (`cls`)."""
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and wanted.get("cls", "") in attributes.get("class", "")
        ]

    def links(self, *, followed: bool = False) -> set[str]:
        """Return every address that the page leads to or loads, without data: addresses.

        followed: only those that a search engine may follow, of which there is an end.
        """
        found = {
            a.get("href") or a.get("src") or ""
            for _, a in self.elements
            if not followed or "nofollow" not in a.get("rel", "")
        }
        return {address for address in found if address and not address.startswith("data:")}
