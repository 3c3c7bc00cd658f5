"""`python -m model doctor`: what a server needs, what is wrong with it, and how to mend that."""

import contextlib
import json
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.__main__ import main
from model.bundle import MANIFEST, hash_of
from model.doctor import machine
from model.doctor.finding import Finding
from model.locking import WORK, holding
from tests.conftest import ROOT, free_port

Findings = dict[str, Finding]


@pytest.fixture
def copy(bundle: Path, tmp_path: Path) -> Path:
    """Return a copy without what other tests may have left at work in the bundle they share."""
    work = shutil.ignore_patterns(WORK, ".move-*")
    return Path(shutil.copytree(bundle, tmp_path / "copy", ignore=work))


@pytest.fixture
def examine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Findings]:
    """Return what runs the verb with some settings, and returns what is not ok by its check."""

    def run(folder: Path, **settings: str) -> Findings:
        for name, value in {"PORT": "0", "PICTURE_MEMORY": "134217728", **settings}.items():
            monkeypatch.setenv(f"IMAGESEARCH_{name}", value)
        capsys.readouterr()
        status = main(["doctor", "--bundle", str(folder), "--json"])
        told = json.loads(capsys.readouterr().out)
        found = [Finding(**each) for each in told["findings"]]
        assert status == (not told["ok"])
        assert told["ok"] is not any(each.state == "wrong" for each in found)
        assert all(each.remedy for each in found if each.state == "wrong")
        return {each.check: each for each in found if each.state != "ok"}

    return run


def signed(folder: Path, **changed: str | None) -> None:
    """Give files back what their manifest must say of them; None: take the file out of it."""
    told = json.loads((folder / MANIFEST).read_text())
    for role, name in changed.items():
        if name is None:
            del told["files"][role]
            continue
        path = folder / told["files"][role]["name"]
        told["files"][role] |= {"bytes": path.stat().st_size, "sha256": hash_of(path)}
    (folder / MANIFEST).write_text(json.dumps(told))


def named(folder: Path, role: str) -> Path:
    told: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    return folder / str(told["files"][role]["name"])


def test_nothing_is_wrong_with_what_ships(shipped: Path) -> None:
    port = free_port()
    done = subprocess.run(
        [sys.executable, "-m", "model", "doctor", "--bundle", str(shipped)],
        cwd=ROOT, env={"IMAGESEARCH_PORT": str(port), "IMAGESEARCH_PICTURE_MEMORY": "134217728"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout
    assert not [line for line in lines if not line.startswith(("ok ", "note "))]
    checks = " ".join(line.split(":")[0] for line in lines)
    for what in ("settings", "manifest", "file encoder", "encoder", "embeddings", "records", "port",
                 "thumbnails", "calibration", "map", "decoders", "memory", "open files", "index",
                 "temporary files", "disk", "index runs"):  # fmt: skip
        assert what in checks
    assert f"127.0.0.1:{port} is free" in done.stdout
    assert "AVIF" in done.stdout
    assert "HEIF" in done.stdout
    assert "1,280 pictures" in done.stdout
    (noted,) = [line for line in lines if "open files:" in line]
    assert noted.startswith("note   open files: 100 a process")
    assert "ulimit -n" in noted


def test_every_file_is_looked_at_to_the_last_byte(
    copy: Path, examine: Callable[..., Findings]
) -> None:
    named(copy, "decoder").unlink()
    with named(copy, "thumbnails").open("r+b") as pack:
        pack.truncate(100)
    content = bytearray(named(copy, "records").read_bytes())
    content[-1] ^= 1
    named(copy, "records").write_bytes(content)
    found = examine(copy)
    assert "No such file" in found["file decoder"].told
    assert "export" in found["file decoder"].remedy
    assert "has 100 bytes" in found["file thumbnails"].told
    assert "content" in found["file records"].told
    assert f"index FOLDER --bundle {copy}" in found["file records"].remedy
    assert {each.part for each in found.values()} >= {"decoder", "thumbnails", "records"}
    assert not {"encoder", "index"} & found.keys()  # what hangs on them is not guessed at


def test_what_is_in_whole_files_is_looked_at(copy: Path, examine: Callable[..., Findings]) -> None:
    embeddings = np.load(named(copy, "embeddings"))
    np.save(named(copy, "embeddings").with_suffix(""), embeddings[::-1] * np.float32(1.01))
    shutil.move(named(copy, "embeddings").with_suffix(".npy"), named(copy, "embeddings"))
    named(copy, "thumbnails").write_bytes(bytes(named(copy, "thumbnails").stat().st_size))
    with contextlib.closing(sqlite3.connect(named(copy, "records"))) as table:
        table.execute("UPDATE images SET record = '{' WHERE row = 23")
        table.commit()
    places = np.load(named(copy, "map"))
    places["row"][0] = places["row"][1]
    with named(copy, "map").open("wb") as file:
        np.save(file, places)
    signed(copy, embeddings="", thumbnails="", records="", map="", calibration=None)
    found = examine(copy)
    assert found["embeddings"].told.startswith("24 of 24 are no unit vectors")
    assert "could not be looked at" in found["records"].told
    assert found["thumbnails"].told.startswith("those of 24 pictures cannot be shown")
    assert "every picture once" in found["map"].told
    assert found["calibration"].state == "note"
    assert "benchmarks.calibration" in found["calibration"].remedy
    assert "encoder" in found  # it has no picture to encode


def test_an_encoder_that_makes_something_else_of_the_pictures_is_told(
    copy: Path, examine: Callable[..., Findings]
) -> None:
    embeddings = np.load(named(copy, "embeddings"))
    with named(copy, "embeddings").open("wb") as file:
        np.save(file, np.roll(embeddings, 1, axis=1))
    signed(copy, embeddings="")
    found = examine(copy)
    assert list(found) == ["encoder"]
    assert "encoded to something else" in found["encoder"].told


@pytest.mark.parametrize(
    ("manifest", "check", "words"),
    [
        (b"{", "manifest", "damaged manifest.json"),
        (None, "manifest", "is missing"),
        ("gallery", "bundle, gallery", "no index"),
        ("count", "bundle, embeddings", "embeddings, not (25"),
    ],
)
def test_a_bundle_that_cannot_be_opened_is_told_as_the_server_tells_it(
    copy: Path, examine: Callable[..., Findings], manifest: bytes | str | None, check: str,
    words: str,
) -> None:  # fmt: skip
    path = copy / MANIFEST
    told = json.loads(path.read_text())
    if manifest == "gallery":
        path.write_text(json.dumps(told | {"gallery": None}))
    elif manifest == "count":
        told["gallery"]["count"] = 25
        path.write_text(json.dumps(told))
    elif isinstance(manifest, bytes):
        path.write_bytes(manifest)
    else:
        path.unlink()
    found = examine(copy)
    assert words in found[check].told
    assert found[check].remedy.startswith("python -m model ")


def test_settings_port_and_work_left_are_looked_at(
    copy: Path, examine: Callable[..., Findings]
) -> None:
    with holding(copy) as work:
        (work / "encoded-1").write_bytes(b"x")
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            port = str(other.getsockname()[1])
            odd = {"PORT": port, "ENCODES": "9", "PASSWORD": "short", "HOST": "127.0.0.1"}
            found = examine(copy, **odd)
    assert found["settings"].state == found["index runs"].state == "note"
    assert "fewer than 12 characters" in found["settings"].told
    assert "another command is writing" in found["index runs"].told
    assert f"127.0.0.1:{port} cannot be used" in found["port"].told
    found = examine(copy, WORKERS="many")
    assert found["settings"].state == "wrong"
    assert "IMAGESEARCH_WORKERS" in found["settings"].told
    assert "encoded-1" in found["index runs"].told


@pytest.mark.parametrize(
    ("files", "state", "gigabytes"),
    [
        ({}, "ok", "8.4 GB, all"),
        (
            {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n"},
            "ok",
            "8.4 GB, all",
        ),
        (
            {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/memory.max": "1000000000\n"},
            "wrong",
            "1.0 GB, a limit",
        ),
        ({"proc/self/cgroup": "0::/elsewhere\n", "sys/fs/cgroup/memory.max": "2000000000"}, "wrong",
         "2.0 GB"),
        (
            {
                "proc/self/cgroup": "4:cpu:/\n3:cpuset,memory:/a\n",
                "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "1500000000\n",
            },
            "wrong",
            "1.5 GB",
        ),
    ],
)  # fmt: skip
def test_the_memory_that_a_group_leaves_is_compared_with_what_pictures_take(
    tmp_path: Path, files: dict[str, str], state: str, gigabytes: str
) -> None:
    for name, text in {"proc/meminfo": "MemTotal: 8192000 kB\n", **files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = machine.memory({"workers": 2, "encodes": 1, "picture_memory": 900_000_000}, tmp_path)
    assert (found.state, found.told.startswith(gigabytes)) == (state, True), found
    if state == "wrong":
        assert "IMAGESEARCH_PICTURE_MEMORY=" in found.remedy
