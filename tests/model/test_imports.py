"""The arrows between the folders point one way; TensorFlow, Dask and botocore
stay each in one of them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TENSORFLOW = {"tensorflow", "keras", "tensorboard"}
DASK = {"dask", "distributed"}
SOURCES = sorted(path for name in ("app", "model") for path in (ROOT / name).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=of)
def test_arrows_point_one_way(path: Path) -> None:
    modules = set(imported(path))
    inside_training = of(path).startswith("model/training/")
    if of(path).startswith("app/"):
        assert not [name for name in modules if name.startswith("model.training")]
    else:
        assert not [name for name in modules if name == "app" or name.startswith("app.")]
    if not of(path).startswith("model/cluster/"):
        assert not [name for name in modules if name.split(".")[0] in DASK]
    if not of(path).startswith("model/origins/"):
        assert not [name for name in modules if name.split(".")[0] == "botocore"]
    if not inside_training:
        assert not [name for name in modules if name.split(".")[0] in TENSORFLOW]
    if of(path).startswith("model/") and not inside_training and path.name != "__main__.py":
        assert not [name for name in modules if name.startswith("model.training")]


def test_the_sources_were_found() -> None:
    wanted = {"model/images.py", "app/__init__.py", "model/cluster/program.py"}
    assert wanted <= {of(path) for path in SOURCES}
