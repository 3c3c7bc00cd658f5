"""The model card as data: which model answers, how it was trained, what it was measured at."""

from app import schema
from app.live import snapshot


def model() -> schema.ModelCard:
    """Describe the model that answers, and the bundle that it came in."""
    held = snapshot()
    manifest = held.bundle.manifest
    card = manifest.model
    return schema.ModelCard(
        recipe=card.recipe,
        dimensions=card.dimensions,
        code_shape=card.code_shape,
        checkpoint_sha256=card.checkpoint_sha256,
        trained=card.trained,
        measures=card.measures,
        compared=card.compared,
        worst=card.worst,
        gallery=schema.ServedGallery(
            count=held.count, title=manifest.gallery.title if manifest.gallery else ""
        ),
        bundle=schema.ServedBundle(generation=held.bundle.generation, created=manifest.created),
    )
