"""One gallery, ranked by both: the arrays of its bundle, and a collection of a real Milvus."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.milvus.server import Milvus
from benchmarks.synthetic import Spectrum
from model.bundle import Bundle, GalleryInfo, open_bundle
from model.gallery import Record
from model.gallery_writing import GalleryWriter
from model.publishing import adopt_model, publish_index
from model.ranking import Index
from model.ranking.collection import Address
from model.ranking.filling import fill
from model.ranking.opening import open_index
from tests.app.conftest import _no_settings_from_outside, photo, to_change

__all__ = ["_no_settings_from_outside", "photo", "to_change"]

COUNT = 1500
# Ids follow another order than rows, as those of a real gallery do.
SEEDS = np.random.default_rng(5).permutation(COUNT)
# Signs that mean something where a filter is written down.
ODD = 'odd "\\" \\n [ü] {x} tag'
COPIES = range(7, COUNT, 300)


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Milvus]:
    """Yield a running server."""
    server = Milvus(tmp_path_factory.mktemp("milvus"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def many_folder(tmp_path_factory: pytest.TempPathFactory, shipped: Path) -> Path:
    """Return a bundle of pictures that nobody sees, whose embeddings spread as real ones do."""
    folder = tmp_path_factory.mktemp("many")
    adopt_model(folder / "bundle", shipped)
    files = {role: folder / role for role in ("embeddings", "records", "thumbnails")}
    embeddings = Spectrum.of(shipped).draw(COUNT, seed=1)
    embeddings[COPIES] = embeddings[COPIES[0]]
    with files["embeddings"].open("wb") as file:
        np.save(file, embeddings)
    writer = GalleryWriter(files["records"], files["thumbnails"])
    for row in range(COUNT):
        writer.add(record(row), b"", b"")
    writer.close()
    model = open_bundle(shipped).manifest.files["encoder"].sha256
    info = GalleryInfo(count=COUNT, root=".", encoder_sha256=model, title="Many")
    publish_index(folder / "bundle", files, info)
    return folder / "bundle"


@pytest.fixture(scope="session")
def many(many_folder: Path) -> Bundle:
    """Return that bundle, open."""
    return open_bundle(many_folder)


def record(row: int) -> Record:
    """Return a picture's record, with words, tags, dates and groups of several sizes."""
    return Record(
        row=row, id=f"{SEEDS[row]:012x}", path=f"{row}.jpg", sha256="", bytes=0, modified_ns=0,
        width=1, height=1, format="JPEG", colour="#000000", title=str(row),
        date=f"20{10 + row % 10}-0{1 + row % 9}-15" if row % 3 else "",
        group=f"bridge {row // 4}" if row % 5 else "",
        tags=("every", f"one of {row % 50}", ODD)[: 1 + row % 3],
        details={
            "setting": ("river", "road, rail", "sea")[row % 3],
            "rare": "no" if row % 700 else "yes",
        },
    )  # fmt: skip


@pytest.fixture(scope="session")
def filled(milvus: Milvus, many: Bundle) -> str:
    """Return the address of a collection that holds the same."""
    found = milvus.collection("many")
    fill(Address.parse(found), many)
    return found


@pytest.fixture(params=["embedded", "engine"])
def index(request: pytest.FixtureRequest, many: Bundle) -> Index:
    """Return one index, and then the other."""
    chosen = request.getfixturevalue("filled") if request.param == "engine" else "embedded"
    return open_index(chosen, many)
