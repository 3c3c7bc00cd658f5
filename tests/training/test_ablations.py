"""Ablations: a variation leaves one thing out, is made once, and can be measured."""

import shlex
from pathlib import Path

import msgspec
import pytest

from benchmarks.ablations import __main__ as ablations
from benchmarks.ablations.variations import WHOLE, variations
from model.__main__ import main
from model.bundle import read_manifest
from model.training import recipes
from model.training.configuration import Augmentation, Recipe, Residual, Teaching

SMALL = Recipe(
    name="taught_small",
    network=Residual(
        encoder=(4, 8, 16, 32, 64, 128), decoder=(64, 32, 16, 8, 4, 3), blocks=(0,) * 6
    ),
    batch_size=8,
    learning_rate=2e-3,
    epochs=2,
    augmentation=Augmentation(mirror=True, side=64),
    teaching=Teaching(teacher="stand-in", dimensions=32),
)


def test_each_leaves_one_thing_out() -> None:
    made = variations()
    whole = made.pop(WHOLE)
    assert whole == recipes.find("taught_small")
    changed = [_differences(whole, recipe) for recipe in made.values()]
    assert all(len(names) == 1 for names in changed)
    assert {name for names in changed for name in names} == {
        "augmentation",
        "contrast",
        "repeats",
        "teaching",
    }
    assert len({msgspec.json.encode(recipe) for recipe in made.values()}) == len(made)


@pytest.mark.usefixtures("without_graphs")
def test_they_are_trained_and_measured(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(recipes, "find", lambda name: {"taught_small": SMALL}[name], raising=True)
    data, out = tmp_path / "data", tmp_path / "out"
    assert main(["prepare", str(drawn), "--out", str(data), "--jobs", "1"]) == 0
    teacher = ["--teacher", "tests.training.stand_in", "--dimensions", "32", "--views", "2"]
    assert main(["teach", str(data), *teacher]) == 0
    command = [str(data), "--out", str(out), "--num-epochs", "1", "--only", WHOLE]
    assert ablations.main([*command, "--only", "- cells"]) == 0
    also = capsys.readouterr().out.splitlines()[-1]
    rows = [text.split("=", 1) for text in shlex.split(also) if text != "--also"]
    assert [name for name, _ in rows] == [WHOLE, "- cells"]
    bundles = [Path(bundle) for _, bundle in rows]
    assert [read_manifest(bundle).model.recipe for bundle in bundles] == ["taught_small"] * 2
    made = [read_manifest(bundle).model.checkpoint_sha256 for bundle in bundles]
    assert made[0] != made[1]
    assert ablations.main(command) == 0
    assert read_manifest(bundles[0]).model.checkpoint_sha256 == made[0]
    capsys.readouterr()
    compared = ["--also", f"without cells={bundles[1]}", "--fewest", "4"]
    assert main(["evaluate", str(drawn), "--bundle", str(bundles[0]), *compared]) == 0
    assert "without cells" in capsys.readouterr().out


def test_an_unknown_variation_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert ablations.main([str(tmp_path), "--only", "- everything"]) == 1
    assert "There is no variation - everything" in capsys.readouterr().err


def _differences(one: Recipe, other: Recipe) -> list[str]:
    return [name for name in Recipe.__struct_fields__ if getattr(one, name) != getattr(other, name)]
