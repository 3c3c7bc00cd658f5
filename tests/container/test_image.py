"""What the Dockerfile puts into the image is enough to serve, and its health check tells the truth.

No container tool is needed: the Dockerfile is read, and what it says is done in an empty folder.
`prove.py` beside this builds and runs the real image.
"""

import fnmatch
import importlib.metadata
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, free_port, wait_for
from tests.container.prove import LIMITS
from tests.test_requirements import pins

LINES = re.sub(r"\\\n", "", (ROOT / "Dockerfile").read_text()).splitlines()


def instructions(name: str) -> list[str]:
    """Return what follows an instruction, each time that the Dockerfile has it."""
    return [line.removeprefix(name).strip() for line in LINES if line.startswith(f"{name} ")]


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path from the build; the last pattern that matches decides."""
    parts = Path(path).parts
    steps = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    found = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        names = [*steps, *parts] if "**/" in line else steps
        if line and line[0] != "#" and any(fnmatch.fnmatch(name, pattern) for name in names):
            found = line[0] != "!"
    return found


def copied() -> Iterator[tuple[Path, str]]:
    """Yield each file that is copied into /srv, and its place there."""
    for line in instructions("COPY"):
        *sources, target = line.split()
        if line.startswith("--from") or target.startswith("/"):
            continue
        for source in sources:
            for path in [ROOT / source, *(ROOT / source).rglob("*")]:
                name = path.relative_to(ROOT).as_posix()
                if path.is_file() and not ignored(name):
                    yield path, name.replace(source, target, 1) if target != "./" else name


def only_what_serving_needs(folder: Path) -> Path:
    """Return a folder for PYTHONPATH that holds the packages of requirements-serve.txt alone."""
    folder.mkdir()
    for package in pins("requirements-serve.txt"):
        try:
            found = importlib.metadata.distribution(package)
        except importlib.metadata.PackageNotFoundError:
            continue  # for Windows, or an older Python; what is needed and missing stops the server
        for name in {file.parts[0] for file in found.files or []} - {".."}:
            target = folder / name
            if name != "__pycache__" and not target.exists():
                target.symlink_to(Path(str(found.locate_file(name))))
    return folder


@dataclass
class Image:
    """The image's /srv, and how its processes are started."""

    srv: Path
    environ: dict[str, str]

    def run(self, command: list[str], **more: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=self.srv, env=self.environ | more)

    def health(self, **more: str) -> int:
        """Return the exit status of the health check, with `more` in its environment."""
        check = re.search(r"CMD (\[.*\])", instructions("HEALTHCHECK")[0])
        assert check
        program, *arguments = json.loads(check[1])
        assert program == "python"
        return self.run([sys.executable, *arguments], **more).wait(timeout=10)

    def ask(self, path: str, body: bytes | None = None) -> bytes:
        address = f"http://127.0.0.1:{self.environ['IMAGESEARCH_PORT']}{path}"
        kind = {"Content-Type": "application/octet-stream"}
        with urllib.request.urlopen(urllib.request.Request(address, body, kind)) as answer:
            content: bytes = answer.read()
            return content


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    folder = tmp_path_factory.mktemp("image")
    for path, place in copied():
        target = folder / "srv" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    told = dict(word.split("=", 1) for line in instructions("ENV") for word in shlex.split(line))
    told |= {"PYTHONPATH": str(only_what_serving_needs(folder / "packages"))}
    told |= {"PATH": os.defpath, "IMAGESEARCH_PORT": str(free_port())}
    return Image(folder / "srv", told)


@pytest.fixture
def serving(image: Image) -> Iterator[Image]:
    """Start the image's command with no package in reach but those of the serving requirements."""
    program, *arguments = json.loads(instructions("CMD")[0])
    server = image.run([sys.executable, "-S", "-m", program, *arguments])
    try:
        wait_for(f"http://127.0.0.1:{image.environ['IMAGESEARCH_PORT']}/readyz")
        yield image
    finally:
        server.terminate()
        assert server.wait(timeout=40) == 0


def test_what_is_copied_serves_and_writes_nothing(serving: Image) -> None:
    before = sorted(serving.srv.rglob("*"))
    picture = next((ROOT / "gallery").glob("*.webp")).read_bytes()
    found = json.loads(serving.ask("/api/v1/search", picture))
    assert found["matches"][0]["distance"] < 1e-5
    for path in ("/", "/about", found["matches"][0]["page"], found["matches"][0]["thumbnail"]):
        assert serving.ask(path)
    assert sorted(serving.srv.rglob("*")) == before
    assert not list(serving.srv.rglob("__pycache__"))


def test_the_licence_is_in_the_image_and_the_tests_are_not(image: Image) -> None:
    assert {path.name for path in image.srv.iterdir()} == {
        *(
            "LICENSE",
            "app",
            "gallery",
            "gunicorn.conf.py",
            "model",
            "static",
            "templates",
            "translations",
            "wsgi.py",
        )
    }


def test_the_health_check_follows_the_server(serving: Image) -> None:
    assert serving.health() == 0
    assert serving.health(http_proxy="http://127.0.0.1:9") == 0
    thumbnails = next((serving.srv / "model" / "bundle").glob("thumbnails-*"))
    hidden = thumbnails.rename(thumbnails.with_suffix(".hidden"))
    assert serving.health() == 1
    hidden.rename(thumbnails)
    assert serving.health() == 0


def test_the_health_check_fails_where_nobody_answers(image: Image) -> None:
    assert image.health() == 1


def test_the_limits_that_are_proven_are_those_of_compose() -> None:
    composed = (ROOT / "compose.yaml").read_text()
    values = [word for word in LIMITS if not word.startswith("--")]
    assert len(values) == 8
    assert [value for value in values if value not in composed] == []
    for limit in ("read_only: true", "cap_drop: [ALL]", "cpus: 2", "mem_limit: 1g"):
        assert f"\n    {limit}\n" in composed
