"""Every command that README.md shows does what is said of it, as it stands there."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from benchmarks.marks import between
from benchmarks.quality import publishing, tables
from benchmarks.quality.report import compared, photographs
from benchmarks.results import Report
from benchmarks.summary import BEGIN, summary
from model.bundle import open_bundle, read_manifest
from model.evaluation.methods import MODEL
from tests.conftest import ROOT, free_port, outside, shell, wait_for

README = (ROOT / "README.md").read_text()
COMMAND = re.compile(
    r"^    ((?:[A-Z_]+=\S+ )?(?:make|curl|gunicorn|python|docker) .*?)(?: {2,}#.*)?$"
)
COMMANDS = [found[1] for line in README.splitlines() if (found := COMMAND.match(line))]


@contextmanager
def serving(command: str, checkout: Path) -> Iterator[str]:
    """Run a command that serves, and yield its address; it must end well when it is told to."""
    port = str(free_port())
    environment = outside() | {"PORT": port, "IMAGESEARCH_PORT": port}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    process = subprocess.Popen(
        command, shell=True, cwd=checkout, env=environment, start_new_session=True
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=20)


def pictures(address: str) -> int:
    with urllib.request.urlopen(f"{address}/readyz") as answer:
        count: int = json.load(answer)["pictures"]
    return count


def serves_the_gallery(command: str, checkout: Path) -> None:
    with serving(command, checkout) as address:
        assert pictures(address) == open_bundle(ROOT / "model" / "bundle").gallery.count


def serves_the_folder(command: str, checkout: Path) -> None:
    with serving(command, checkout) as address:
        assert pictures(address) == 24


def checks_everything(command: str, checkout: Path) -> None:
    told = shell(f"{command} --dry-run", checkout).stdout
    parts = [part.strip() for part in told.replace("\\\n", "").split("&&")]
    tools = [part.removeprefix(".venv/dev/bin/python -m ") for part in parts]
    assert tools[:3] == ["ruff check .", "ruff format --check .", "mypy ."]
    assert tools[3].split()[0] == "pytest"
    assert not [word for word in tools[3].split() if word in {"-k", "-m", "--ignore"}]


def trains_on_the_folder(command: str, checkout: Path) -> None:
    done = shell(command, checkout, ARGS="--recipe sketch --num-epochs 1")
    assert done.returncode == 0, done.stderr
    assert open_bundle(checkout / "build" / "bundle").gallery.count == 24


def maps_the_folder(command: str, checkout: Path) -> None:
    serves_the_folder("make run PHOTOS=folder", checkout)
    done = shell(command, checkout)
    assert done.returncode == 0, done.stderr
    assert "24 pictures on 5 by 5 places" in done.stdout


def measures_the_folder(command: str, checkout: Path) -> None:
    done = shell(command, checkout)
    assert done.returncode == 0, done.stderr
    assert "this bundle" in done.stdout
    assert "HOG" in done.stdout


def measures_speed(command: str, checkout: Path) -> None:
    done = shell(command, checkout, ARGS="--quick --only ranking")
    assert done.returncode == 0, done.stderr
    assert (checkout / "build" / "figures" / "benchmarks.md").read_text() in done.stdout


def answers_json(command: str, checkout: Path) -> None:
    with serving("make run", checkout) as address:
        done = shell(command.replace("http://127.0.0.1:8000", address), checkout)
    assert len(json.loads(done.stdout)["matches"]) == 5


RUNS: dict[str, Callable[[str, Path], None]] = {
    "make run": serves_the_gallery,
    "make test": checks_everything,
    "make run PHOTOS=folder": serves_the_folder,
    "make map PHOTOS=folder": maps_the_folder,
    "make train PHOTOS=folder": trains_on_the_folder,
    "make evaluate PHOTOS=folder": measures_the_folder,
    "make bench": measures_speed,
    "curl -F image=@bridge.jpg 'http://127.0.0.1:8000/api/v1/search?limit=5'": answers_json,
    "IMAGESEARCH_PROXIES=1 gunicorn wsgi:app": serves_the_gallery,
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_what_is_said_of_it(command: str, checkout: Path) -> None:
    RUNS[command](command, checkout)


def test_every_command_is_found() -> None:
    assert sorted(COMMANDS) == sorted(RUNS)


def test_the_two_commands_stand_on_the_first_screen() -> None:
    first = README.splitlines()[:20]
    assert [line.split("#")[0].strip() for line in first if line.startswith("    ")] == [
        "make run",
        "make test",
    ]


def test_the_figures_of_speed_are_those_of_the_last_run() -> None:
    report = msgspec.json.decode(
        (ROOT / "docs" / "figures" / "benchmarks.json").read_bytes(), type=Report
    )
    assert not report.quick
    told = between(ROOT / "README.md", BEGIN)
    assert told.strip() == summary(report).strip()
    assert "not measured" not in told


def test_the_figures_of_quality_are_those_of_the_last_run() -> None:
    report = publishing.read()
    told = between(ROOT / "README.md", publishing.SUMMARY)
    assert told.strip() == tables.summary(report).strip()
    assert (publishing.FIGURES / "quality.md").read_text() == tables.markdown(report)
    by_label = {each.label: each for each in report.sets if each.name.startswith("gallery ")}
    assert set(by_label) == {"group", "type"}
    for label, measured in by_label.items():
        told = between(ROOT / "gallery" / "README.md", publishing.GALLERY.format(label=label))
        assert told.strip() == tables.of_gallery(measured).strip()


def test_the_figures_of_quality_are_those_of_the_bundle_that_ships(shipped: Path) -> None:
    report, model = publishing.read(), read_manifest(shipped).model
    assert report.checkpoint == model.checkpoint_sha256
    assert model.compared == compared(report, photographs(report))
    assert model.worst == report.worst
    assert [each.name for each in photographs(report)] == ["same_bridge", "bridge_type"]
    rows = [row for each in photographs(report) for row in each.rows if row.method == MODEL]
    assert not any(row.near_copies for row in rows)


def test_somebody_saw_why_each_of_the_worst_queries_went_wrong() -> None:
    worst = publishing.read().worst
    assert len(worst) == 10
    assert all(weak.reason.endswith(".") for weak in worst)
    assert {weak.name: weak.reason for weak in worst} == publishing.reasons()
