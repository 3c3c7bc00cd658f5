"""Cameras, light, records and files of a scene, without Blender."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from rendering import command
from rendering.job import NO_BLENDER, Options, missing, picture_name
from rendering.light import make_light
from rendering.plan import plan_bridge
from rendering.records import alt_text, record, type_words
from rendering.scene import (
    Scene,
    build_scene,
    compose,
    compose_all,
    describe_picture,
    save_job,
    write_scene,
)
from rendering.storage import FolderInUseError, Record, add_records, locked, read_records
from rendering.view import View

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


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ("landscape", (768, 512)),
        ("wide", (768, 432)),
        ("portrait", (512, 768)),
        ("panorama", (768, 330)),
    ],
)
def test_the_longer_side_of_every_format_is_as_asked(shape: str, size: tuple[int, int]) -> None:
    assert View("bank", shape, np.zeros(3), np.ones(3), 1.0).size(768) == size


def test_compose_repeats_itself_and_stays_above_ground(scene: Scene) -> None:
    first, again, other = (compose(scene, 0, attempt, 4) for attempt in (0, 0, 1))
    np.testing.assert_array_equal(first.view.eye, again.view.eye)
    assert first.light == again.light
    assert not np.array_equal(first.view.eye, other.view.eye)
    x, y, z = first.view.eye
    assert z > scene.terrain.height(np.array([x]), np.array([y]))[0]
    assert first.score > 0.3


@pytest.mark.parametrize("seed", [0, 7, 12])
def test_no_two_views_of_a_bridge_are_nearly_the_same(seed: int) -> None:
    views = [picture.view for picture in compose_all(build_scene(seed), 4)]
    assert not any(a.resembles(b) for a, b in combinations(views, 2))


def test_a_view_resembles_one_from_a_step_aside_but_not_one_from_the_other_bank() -> None:
    here = View("bank", "landscape", np.array([0.0, -90, 2]), np.zeros(3), 0.8)
    aside = View("bank", "wide", np.array([9.0, -88, 2]), np.array([2.0, 0, 0]), 0.6)
    across = View("bank", "landscape", np.array([0.0, 90, 2]), np.zeros(3), 0.8)
    assert here.resembles(aside)
    assert not here.resembles(across)


@pytest.mark.parametrize("seed", range(20))
def test_cameras_stand_above_the_ground_and_see_the_bridge(seed: int) -> None:
    scene = build_scene(seed)
    for picture in compose_all(scene, 4):
        x, y, z = picture.view.eye
        assert z > max(scene.terrain.height(np.array([x]), np.array([y]))[0], 0.0)
        seen = picture.view.project(scene.bridge.points())
        assert ((np.abs(seen[:, :2]) < 1).all(axis=1) & (seen[:, 2] > 0)).sum() > 50
        assert picture.score > 0.15


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


def test_a_sentence_does_not_stumble_over_its_withs() -> None:
    light = make_light("noon", 1.0, False, 200.0, np.random.default_rng(3))
    for plan in map(plan_bridge, range(60)):
        assert alt_text(plan, type_words(plan), light, "bank").count(" with ") == 1


def test_alt_text_names_rain_and_no_tag_comes_twice(scene: Scene) -> None:
    picture = compose(scene, 1, 0, 4)
    wet = replace(picture, light=replace(picture.light, name="overcast", weather="rain"))
    assert record(scene.plan, wet, "a.webp")["alt"].endswith("The ground is wet from rain.")
    fog = replace(picture, light=replace(picture.light, name="fog", weather="fog"))
    assert record(scene.plan, fog, "a.webp")["tags"].count("fog") == 1


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
    sheets = ["--contact-sheets", str(tmp_path / "sheets")]
    monkeypatch.setattr(command, "contact_pages", lambda *_: [])
    assert command.main(["--out", str(tmp_path), "--count", "2", *sheets]) == 3
    assert "bridge 2 skipped: no light" in capsys.readouterr().err
    assert [r["path"] for r in read_records(tmp_path)] == ["a.webp"]


def test_a_second_run_says_that_the_folder_is_in_use_and_leaves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with locked(tmp_path):
        assert command.main(["--out", str(tmp_path), "--count", "1"]) == 1
    assert "another run" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.webp"))
    with locked(tmp_path):
        pass


def test_the_lock_tells_who_cannot_have_it(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(FolderInUseError, match=str(tmp_path)), locked(tmp_path):
        pass
