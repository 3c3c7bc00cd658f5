"""A server that cannot serve says which part, why, and the command that mends it; then it stops."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import create_app
from model.bundle import BundleError
from tests.app.conftest import ROOT


def remove_manifest(bundle: Path) -> None:
    (bundle / "manifest.json").unlink()


def damage_manifest(bundle: Path) -> None:
    (bundle / "manifest.json").write_text("{")


def remove_thumbnails(bundle: Path) -> None:
    next(bundle.glob("thumbnails-*")).unlink()


def cut_embeddings(bundle: Path) -> None:
    path = next(bundle.glob("embeddings-*"))
    path.write_bytes(path.read_bytes()[:-4])


def change_encoder(bundle: Path) -> None:
    path = next(bundle.glob("encoder-*"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


def claim_another_encoder(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["gallery"]["encoder_sha256"] = "0" * 64
    (bundle / "manifest.json").write_text(json.dumps(manifest))


BROKEN: dict[Callable[[Path], None], tuple[str, str]] = {
    remove_manifest: ("manifest", "python -m model export"),
    damage_manifest: ("manifest", "python -m model export"),
    remove_thumbnails: ("thumbnails", "python -m model index"),
    cut_embeddings: ("embeddings", "python -m model index"),
    change_encoder: ("encoder", "python -m model export"),
    claim_another_encoder: ("embeddings", "python -m model index"),
}


@pytest.mark.parametrize("damage", BROKEN, ids=lambda damage: damage.__name__)
def test_a_bundle_that_cannot_be_used_is_refused(
    bundle: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    copy = Path(shutil.copytree(bundle, tmp_path / "copy"))
    damage(copy)
    part, command = BROKEN[damage]
    with pytest.raises(BundleError) as refused:
        create_app({"BUNDLE": str(copy)})
    assert refused.value.part == part
    assert part in str(refused.value) or "another model" in str(refused.value)
    assert f"To mend it: {command}" in str(refused.value)


@pytest.mark.parametrize(
    "command", [["gunicorn", "wsgi:app"], ["flask", "--app", "wsgi", "run"]], ids=lambda c: c[0]
)
def test_the_server_says_it_in_one_line_and_does_not_start(
    tmp_path: Path, command: list[str]
) -> None:
    done = _start(command, {"IMAGESEARCH_BUNDLE": str(tmp_path), "IMAGESEARCH_PORT": "0"})
    assert done.returncode == 1
    assert done.stderr == (
        f"imagesearch cannot start. The bundle {tmp_path} is missing: there is no "
        f"{tmp_path / 'manifest.json'}. "
        f"To mend it: python -m model export --job-dir JOB --out {tmp_path}\n"
    )


def test_a_wrong_setting_stops_the_server_with_a_sentence() -> None:
    done = _start(["gunicorn", "wsgi:app"], {"IMAGESEARCH_PORT": "x"})
    assert done.returncode == 1
    assert done.stderr.startswith("imagesearch cannot start. The setting IMAGESEARCH_PORT cannot")
    assert done.stderr.count("\n") == 1


def _start(command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env={**os.environ, **environ},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
