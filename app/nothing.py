"""Whether nothing in the gallery looks like a picture that was sent."""

from app.live import Snapshot
from app.query import Query
from model.calibration import NEAREST


def is_nothing(snapshot: Snapshot, query: Query) -> bool:
    """Decide it for a picture from outside; a picture of the gallery looks like the gallery.

    Never without a calibration, nor in a gallery of fewer than `FEWEST` pictures.
    """
    border = snapshot.border
    if border is None or query.row is not None:
        return False
    nearest = snapshot.ranking.search(query.embedding, limit=NEAREST).scores
    return border.beyond(query.embedding, nearest, small=query.small)
