"""Filters as data: what there is to choose, and how many pictures each choice would leave."""

from typing import Any, Final

from app import schema
from app.filters import Choice, Filters, facets
from app.live import Snapshot

# More tags than these are not told: a gallery may have as many as it has pictures.
_MOST_TAGS: Final = 500


def counted(snapshot: Snapshot, filters: Filters, *, without: int | None = None) -> schema.Counts:
    """Count what every filter would leave beside the others. without: a row that is not wanted."""
    found = facets(snapshot, filters, without=without)
    kinds = {facet.kind: facet.choices for facet in found if facet.kind != "where"}
    groups = kinds.get("per_group")
    return schema.Counts(
        where={facet.name: _told(facet.choices) for facet in found if facet.kind == "where"},
        tag=_told(kinds.get("tag", [])[:_MOST_TAGS]),
        year=_told(kinds.get("date", [])),
        per_group=groups[0].count if groups else None,
    )


def with_words(parameter: dict[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    """Return the document's parameter `where` with what it may be in the present gallery."""
    held = snapshot.ranking.filters.words
    texts = [f"{name}:{word}" for name, words in held.items() for word in words]
    told = {"items": {"type": "string", "enum": texts}} if texts else {"maxItems": 0}
    return {**parameter, "schema": {**parameter["schema"], **told}}


def _told(choices: list[Choice]) -> dict[str, int]:
    return {choice.word: choice.count for choice in choices}
