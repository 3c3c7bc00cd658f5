"""The bundle is whole and consistent, or opening it says what is wrong and what mends it."""

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from model import bundle as bundles
from model.__main__ import main
from model.bundle import BundleError, open_bundle, read_manifest
from model.publishing import publish_measures, publish_model


@pytest.fixture
def copy(bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle, tmp_path / "copy"))


def file_of(bundle: Path, role: str) -> Path:
    return bundle / read_manifest(bundle).files[role].name


def rewrite(bundle: Path, **changes: object) -> None:
    manifest = msgspec.json.decode((bundle / "manifest.json").read_bytes())
    (bundle / "manifest.json").write_bytes(msgspec.json.encode({**manifest, **changes}))


def problem(bundle: Path) -> tuple[str, str]:
    with pytest.raises(BundleError) as caught:
        open_bundle(bundle)
    return caught.value.part, str(caught.value)


def test_a_good_bundle_opens(bundle: Path) -> None:
    opened = open_bundle(bundle)
    assert opened.gallery.count == 24
    assert opened.embeddings.shape == (24, opened.manifest.model.dimensions)
    assert np.linalg.norm(opened.embeddings, axis=1) == pytest.approx(np.ones(24), abs=1e-5)


@pytest.mark.parametrize("role", ["encoder", "decoder", "checkpoint", "embeddings", "records"])
def test_a_missing_part_is_named_with_the_command_that_mends_it(copy: Path, role: str) -> None:
    file_of(copy, role).unlink()
    part, text = problem(copy)
    assert part == role
    verb = "export" if role in ("encoder", "decoder", "checkpoint") else "index"
    assert f"python -m model {verb}" in text


@pytest.mark.parametrize("role", [*bundles.MODEL_FILES, *bundles.INDEX_FILES])
def test_a_changed_byte_is_found(copy: Path, role: str) -> None:
    path = file_of(copy, role)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    part, text = problem(copy)
    assert part == role
    assert "was changed" in text


def test_a_short_file_is_found_without_reading_it(copy: Path) -> None:
    path = file_of(copy, "thumbnails")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BundleError, match="bytes, not"):
        open_bundle(copy, verify=False)


def test_no_bundle_at_all(tmp_path: Path) -> None:
    part, text = problem(tmp_path / "nowhere")
    assert part == "manifest"
    assert "python -m model export" in text


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format_version": "one"}', b"\xff\xfe"])
def test_a_damaged_manifest(copy: Path, content: bytes) -> None:
    (copy / "manifest.json").write_bytes(content)
    assert problem(copy)[0] == "manifest"


def test_another_format_version(copy: Path) -> None:
    rewrite(copy, format_version=99)
    part, text = problem(copy)
    assert part == "manifest"
    assert "99" in text


def test_another_loader_version(copy: Path) -> None:
    model = msgspec.to_builtins(read_manifest(copy).model)
    rewrite(copy, model={**model, "loader_version": 0})
    assert problem(copy)[0] == "model"


def test_an_index_of_another_model_is_refused(copy: Path) -> None:
    gallery = msgspec.to_builtins(read_manifest(copy).gallery)
    rewrite(copy, gallery={**gallery, "encoder_sha256": "0" * 64})
    part, text = problem(copy)
    assert part == "embeddings"
    assert "another model" in text


def test_a_model_without_an_index_says_so(copy: Path) -> None:
    rewrite(copy, gallery=None)
    part, text = problem(copy)
    assert part == "gallery"
    assert "python -m model index" in text


def test_fewer_records_than_pictures_are_found(copy: Path) -> None:
    gallery = msgspec.to_builtins(read_manifest(copy).gallery)
    rewrite(copy, gallery={**gallery, "count": 25})
    assert problem(copy)[0] == "embeddings"


def test_a_new_model_drops_the_index_of_the_old_one(copy: Path, tmp_path: Path) -> None:
    old = read_manifest(copy)
    files = {role: tmp_path / role for role in bundles.MODEL_FILES}
    for role, path in files.items():
        path.write_bytes(file_of(copy, role).read_bytes() + b"\0" * (role == "encoder"))
    assert publish_model(copy, files, old.model).gallery is None
    assert problem(copy)[0] == "gallery"


def test_the_same_model_again_keeps_the_index(copy: Path) -> None:
    old = read_manifest(copy)
    files = {role: file_of(copy, role) for role in bundles.MODEL_FILES}
    publish_model(copy, files, old.model)
    assert open_bundle(copy).gallery.count == 24


def test_the_index_of_a_large_gallery_has_a_sketch(
    copy: Path, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_bundle(copy).sketch is None
    monkeypatch.setattr("model.sketch.FEWEST", 20)
    pictures = Path(shutil.copytree(drawn, tmp_path / "pictures"))
    next(pictures.rglob("*.jpg")).unlink()
    assert main(["index", str(pictures), "--bundle", str(copy), "--jobs", "1"]) == 0
    bundle = open_bundle(copy)
    assert bundle.sketch is not None
    query = bundle.embeddings[3]
    estimates = bundle.sketch.estimates(query)
    assert np.corrcoef(estimates, bundle.embeddings @ query)[0, 1] > 0.6
    publish_measures(copy, {"mAP": 0.5})
    assert open_bundle(copy).sketch is not None


def test_publishing_changes_the_generation_and_leaves_no_scraps(copy: Path) -> None:
    before = bundles.generation(copy)
    publish_measures(copy, {"mAP": 0.5})
    assert bundles.generation(copy) != before
    assert read_manifest(copy).model.measures["mAP"] == 0.5
    assert not list(copy.glob("*.partial"))


def test_the_shipped_bundle_is_whole(shipped: Path) -> None:
    assert open_bundle(shipped).gallery.count >= 100
