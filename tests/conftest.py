"""What every test may lean on: the bundle that ships, and a small one made from drawn pictures."""

from pathlib import Path

import pytest

from model.indexing import index_folder
from model.publishing import adopt_model
from tests import drawing

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shipped() -> Path:
    """Return the bundle that ships."""
    return ROOT / "model" / "bundle"


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of 24 drawn pictures, six of each of four kinds."""
    return drawing.fill(tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory, shipped: Path, drawn: Path) -> Path:
    """Return a bundle that holds the shipped model and an index of the drawn pictures.

    It is shared: a test that changes a bundle makes a copy first.
    """
    folder = tmp_path_factory.mktemp("bundle") / "bundle"
    adopt_model(folder, shipped)
    index_folder(drawn, folder, jobs=1)
    return folder
