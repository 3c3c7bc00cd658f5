"""The compiled requirements name the versions of pyproject.toml, and hash everything."""

import re
import tomllib

import pytest

from tests.conftest import ROOT

CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, GROUPS = CONFIGURATION["project"], CONFIGURATION["dependency-groups"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FILES = {
    "requirements-serve.txt": (),
    "requirements.txt": ("train",),
    "requirements-engine.txt": ("engine",),
    "requirements-map.txt": ("map",),
    "requirements-cluster.txt": ("cluster",),
    "requirements-objects.txt": ("objects",),
    "requirements-render.txt": ("render",),
    "requirements-teacher.txt": ("teacher",),
    "requirements-bench.txt": ("train", "bench"),
    "requirements-dev.txt": ("train", "map", "render", "engine", "cluster", "objects", "dev"),
}
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ;.*)? \\$", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / name).read_text()))


@pytest.mark.parametrize(("name", "extras"), FILES.items())
def test_what_pyproject_pins_is_what_is_installed(name: str, extras: tuple[str, ...]) -> None:
    wanted = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    compiled = pins(name)
    for line in wanted:
        package, version = re.sub(r"\[.*?\]|;.*", "", line).split("==")
        assert compiled.get(package.lower()) == version


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_hashed_and_no_registry_is_named(name: str) -> None:
    text = (ROOT / name).read_text()
    blocks = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) > 10
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text


def test_shared_packages_have_one_version_everywhere() -> None:
    everything = pins("requirements-dev.txt")
    for name in FILES:
        for package, version in pins(name).items():
            assert everything.get(package, version) == version


def test_serving_needs_no_tensorflow_no_engine_no_cluster_and_no_object_store() -> None:
    serving = set(pins("requirements-serve.txt"))
    others = {"tensorflow", "keras", "scipy", "pymilvus", "grpcio", "distributed", "botocore"}
    assert not others & serving


@pytest.mark.parametrize("group", ["milvus", "audit"])
def test_what_stands_in_an_environment_of_its_own_is_pinned_and_hashed(group: str) -> None:
    name = f"requirements-{group}.txt"
    text, found = (ROOT / name).read_text(), pins(name)
    assert set(GROUPS[group]) <= {f"{each}=={at}" for each, at in found.items()}
    blocks = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(found)
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
