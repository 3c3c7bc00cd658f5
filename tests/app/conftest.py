"""The application on the small bundle of drawn pictures, and what tests send to it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.live import Snapshot
from model.indexing import index_folder
from model.publishing import adopt_model
from tests import drawing
from tests.app.changing import Site, opened

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> None:
    for name in [name for name in os.environ if name.startswith("IMAGESEARCH_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def app(bundle: Path) -> Flask:
    return create_app({"TESTING": True, "BUNDLE": str(bundle)})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def snapshot(app: Flask) -> Snapshot:
    found: Snapshot = app.extensions["imagesearch"][1].snapshot()
    return found


@pytest.fixture(scope="session")
def photo(drawn: Path) -> bytes:
    """Return the file of a picture that is in the gallery."""
    return (drawn / "arch" / "00.jpg").read_bytes()


@pytest.fixture
def make_bundle(tmp_path: Path, shipped: Path) -> Callable[..., Path]:
    """Return a function that makes a bundle of a few pictures and what is told about them."""

    def make(*told: dict[str, Any], size: tuple[int, int] = drawing.SIZE) -> Path:
        folder = tmp_path / "pictures"
        folder.mkdir(exist_ok=True)
        for number, record in enumerate(told):
            record.setdefault("path", f"{number}.png")
            drawing.draw("truss", number, record.pop("size", size)).save(folder / record["path"])
        (folder / "records.json").write_text(json.dumps(told))
        adopt_model(tmp_path / "made", shipped)
        index_folder(folder, tmp_path / "made", jobs=1)
        return tmp_path / "made"

    return make


@pytest.fixture(scope="session")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Return what `pybabel extract` finds: every text that can be translated."""
    path = tmp_path_factory.mktemp("extracted") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-o", str(path)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)
    with path.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="session")
def to_change(tmp_path_factory: pytest.TempPathFactory, shipped: Path) -> Path:
    """Return a place with `pictures`, of which a little is told, and the `bundle` made of them."""
    place = tmp_path_factory.mktemp("to change")
    folder = drawing.fill(place / "pictures", each=2)
    told = [{"path": "beam/00.jpg", "title": "Told beside it", "season": "winter"}]
    (folder / "records.json").write_text(json.dumps(told))
    adopt_model(place / "bundle", shipped)
    index_folder(folder, place / "bundle", jobs=1)
    return place


@pytest.fixture
def changeable(to_change: Path, tmp_path: Path) -> Site:
    """Return a gallery of its own that can be changed, with a token."""
    return opened(to_change, tmp_path)
