"""Opens the index that a setting names, for a bundle, and lets it follow one that changed."""

import io
from typing import Final

from model.bundle import Bundle
from model.ranking.embedded import Ranking
from model.ranking.interface import Index

EMBEDDED: Final = "embedded"


def open_index(setting: str, bundle: Bundle, token: str | None = None) -> Index:
    """Return the index of a bundle: its own embeddings, or those in the collection that is named.

    token: what Milvus wants to know of who asks; None stands for what the environment says.

    Raises EngineError for an address that is none, and where the engine's client is missing. That
    it answers is not asked here: it may come later, and go.
    """
    if setting == EMBEDDED:
        return Ranking(bundle.embeddings, bundle.sketch, bundle.gallery)
    # Only who has chosen the engine needs what it imports.
    from model.ranking.collection import Address, Collection, content_of  # noqa: PLC0415
    from model.ranking.engine import Engine  # noqa: PLC0415

    encoder = bundle.manifest.files["encoder"].sha256
    collection = Collection(Address.parse(setting, token), encoder, content_of(bundle.manifest))
    shape = (bundle.gallery.count, bundle.manifest.model.dimensions)
    return Engine(collection, bundle.gallery, shape)


def follow(setting: str, bundle: Bundle, token: str | None = None) -> None:
    """Make the index that is named equal to a bundle that has changed.

    A bundle's own is so already, and so may the other be. token: as `open_index` takes it. Raises
    EngineError, and IndexUnavailable where a server goes away.
    """
    if setting == EMBEDDED:
        return
    index = open_index(setting, bundle, token)
    if index.trouble() or index.note():
        from model.ranking.collection import Address  # noqa: PLC0415
        from model.ranking.filling import fill  # noqa: PLC0415

        fill(Address.parse(setting, token), bundle, stream=io.StringIO())
