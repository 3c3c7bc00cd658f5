"""All kinds by their names, in the order of the table."""

from typing import Final

from benchmarks.growth.engine_kind import Milvus
from benchmarks.growth.faiss_kinds import Bytes, Codes, Flat, Graph
from benchmarks.growth.kinds import Embedded, Kind

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind for kind in (Embedded(), Milvus(), Flat(), Graph(), Bytes(), Codes())
}
