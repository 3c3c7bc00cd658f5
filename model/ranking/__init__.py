"""Ranking: which pictures of an index are nearest to a query.

`Index` is the interface. `Ranking` has it in NumPy, exact (embedded.py); `Engine` has it in a
vector database (engine.py), which is imported only where it is chosen (opening.py).
"""

from model.ranking.embedded import Ranking
from model.ranking.interface import Index, IndexUnavailable, Item, Matches

__all__ = ["Index", "IndexUnavailable", "Item", "Matches", "Ranking"]
