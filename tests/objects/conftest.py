"""An object store, and the command that indexes what lies there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model.__main__ import main
from model.publishing import adopt_model
from tests.objects.store import Between, Store, between, settings

Index = Callable[..., tuple[int, str, str]]


@pytest.fixture
def way(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Between]:
    """Yield what stands between the store and this process, whose environment leads there."""
    with between(store) as found:
        for name, value in settings(found.address).items():
            monkeypatch.setenv(name, value)
        yield found


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """Return a prefix of the test's own."""
    return str(request.node.name)


@pytest.fixture
def bundle(tmp_path: Path, shipped: Path) -> Path:
    """Return a bundle with a model and no index."""
    adopt_model(tmp_path / "bundle", shipped)
    return tmp_path / "bundle"


@pytest.fixture
def index(way: Between, prefix: str, bundle: Path, capsys: pytest.CaptureFixture[str]) -> Index:
    """Return a function that runs the command; it returns the status and what was printed."""
    assert way.address

    def run(*more: str, place: str = f"s3://photos/{prefix}") -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(["index", place, "--bundle", str(bundle), "--jobs", "1", *more])
        return status, *capsys.readouterr()

    return run
