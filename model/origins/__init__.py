"""Where pictures lie: a folder of this machine, or the keys of an object store below a prefix.

Indexing asks an `Origin` for what there is, and for what it holds; nothing else knows which of the
two it is.
"""

from model.origins.folder import Folder
from model.origins.interface import Origin
from model.origins.opening import origin_of

__all__ = ["Folder", "Origin", "origin_of"]
