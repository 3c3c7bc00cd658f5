"""Cameras, light, records and files of a scene, without Blender."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rendering import command
from rendering.cameras import View
from rendering.job import NO_BLENDER, Options, missing, picture_name
from rendering.light import make_light, pick_names
from rendering.records import record
from rendering.scene import Scene, build_scene, compose, describe_picture, save_job, write_scene
from rendering.storage import Record, add_records, read_records

FIELDS = {
    "path", "title", "alt", "credit", "licence", "source", "tags", "group", "type", "materials",
    "span_m", "setting", "light", "weather", "season", "camera", "seed",
}  # fmt: skip


@pytest.fixture(scope="module")
def scene() -> Scene:
    return build_scene(12)


def test_a_point_straight_ahead_is_in_the_middle() -> None:
    view = View("bank", "landscape", np.array([0.0, -10, 2]), np.array([0.0, 0, 2]), 1.0)
    assert view.project(np.array([[0.0, 5.0, 2.0]]))[0] == pytest.approx([0, 0, 15])
    right, high = view.project(np.array([[1.0, 0, 2], [0, 0, 3.0]]))
    assert right[0] > 0
    assert high[1] > 0


@pytest.mark.parametrize("shape", ["landscape", "wide", "portrait", "panorama"])
def test_formats_have_the_same_area(shape: str) -> None:
    width, height = View("bank", shape, np.zeros(3), np.ones(3), 1.0).size(640)
    assert width * height == pytest.approx(640 * 427, rel=0.02)


def test_compose_repeats_itself_and_stays_above_ground(scene: Scene) -> None:
    first, again, other = (compose(scene, 0, attempt, 4) for attempt in (0, 0, 1))
    np.testing.assert_array_equal(first.view.eye, again.view.eye)
    assert first.light == again.light
    assert not np.array_equal(first.view.eye, other.view.eye)
    x, y, z = first.view.eye
    assert z > scene.terrain.height(np.array([x]), np.array([y]))[0]
    assert first.score > 0.3


def test_the_first_picture_has_a_friendly_light_and_none_repeats() -> None:
    for seed in range(30):
        names = pick_names(np.random.default_rng(seed), 4)
        assert names[0] in ("noon", "low sun", "dusk")
        assert len(set(names)) == 4


def test_dusk_is_against_the_light_and_low() -> None:
    light = make_light("dusk", 1.0, False, 200.0, np.random.default_rng(3))
    assert np.cos(light.azimuth - 1.0) > 0.6
    assert 0 < light.elevation < 5


def test_record_has_every_field_and_reads_like_a_sentence(scene: Scene) -> None:
    made = record(scene.plan, compose(scene, 1, 0, 4), "bridge-0012-1.webp")
    assert set(made) == FIELDS
    assert made["alt"].endswith(".")
    assert made["title"][0].isupper()
    assert made["group"] == "bridge-0012"
    assert made["licence"] == "CC0-1.0"
    assert all(tag == tag.lower() for tag in made["tags"])


def test_scene_files_have_the_announced_sizes(scene: Scene, tmp_path: Path) -> None:
    written = write_scene(scene, tmp_path)
    for entry in written["meshes"]:
        sizes = {k: (tmp_path / f"{entry['file']}.{k}").stat().st_size for k in ("corners", "uv")}
        assert sizes["uv"] == 2 * sizes["corners"] > 0
        assert entry["material"] in written["materials"]
    picture = describe_picture(scene, compose(scene, 0, 0, 4), tmp_path / "0.exr", 96, 2)
    save_job(tmp_path / "job.json", written, [picture])
    assert json.loads((tmp_path / "job.json").read_text())["pictures"][0]["width"] > 0


def test_a_picture_is_missing_until_both_it_and_its_record_are_there(tmp_path: Path) -> None:
    options = Options(tmp_path, 3, 96, 2)
    for number in (1, 2):
        (tmp_path / picture_name(7, number)).touch()
    add_records(tmp_path, [{"path": picture_name(7, number)} for number in (0, 1)])
    assert missing(7, options) == [0, 2]


def test_without_blender_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert command.main(["--out", str(tmp_path), "--count", "1"]) == 1
    assert capsys.readouterr().err.strip() == NO_BLENDER


def test_a_failed_bridge_is_reported_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def some(*_: object) -> Iterator[tuple[int, list[Record] | Exception]]:
        (tmp_path / "a.webp").touch()
        yield 1, [{"path": "a.webp"}]
        yield 2, RuntimeError("no light")

    monkeypatch.setattr("shutil.which", lambda _: "blender")
    monkeypatch.setattr(command, "outcomes", some)
    assert command.main(["--out", str(tmp_path), "--count", "2"]) == 3
    assert "bridge 2 skipped: no light" in capsys.readouterr().err
    assert [r["path"] for r in read_records(tmp_path)] == ["a.webp"]
