"""A network is taught: the right target for each picture, the right loss, a head that is kept."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pytest

from model.__main__ import main
from model.bundle import read_manifest
from model.encoder import Encoder
from model.training import checkpoints, projection, teaching
from model.training.autoencoder import answers_by_cell, build, encoder_of, head_of
from model.training.batches import Plan
from model.training.cells import on_grid
from model.training.configuration import (
    Augmentation,
    Network,
    Recipe,
    Residual,
    Schedule,
    Teaching,
)
from model.training.data import open_prepared, split
from model.training.errors import TrainingError
from model.training.job import Options
from model.training.preparing import prepare
from model.training.recipes import taught as recipe_taught
from model.training.runtime import tf
from model.training.steps import scaled
from model.training.targets import open_targets
from model.training.train import Result, train
from tests import drawing

WIDTHS: Final = (4, 8, 16, 32, 64, 128)
RECIPE: Final = Recipe(
    name="little",
    network=Residual(encoder=WIDTHS, decoder=(*WIDTHS[:0:-1], 3), blocks=(0, 0, 0, 0, 0, 1)),
    batch_size=8,
    learning_rate=2e-3,
    optimizer="adamw",
    weight_decay=0.01,
    epochs=2,
    schedule=Schedule(shape="cosine"),
    augmentation=Augmentation(mirror=True, contrast=0.2, side=128),
    teaching=Teaching(teacher="stand-in", dimensions=32),
)

HALF: Final = msgspec.structs.replace(RECIPE, name="half", rebuilt=0.5)
TEACHER: Final = (
    *("--teacher", "tests.training.stand_in"),
    *("--dimensions", "32", "--views", "3"),
)
_FILE: Final = """
import msgspec
from model.training.configuration import Recipe
RECIPE = msgspec.json.decode({!r}, type=Recipe)
"""


@pytest.fixture(scope="module")
def taught_data(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a prepared folder with the stand-in's targets."""
    folder = tmp_path_factory.mktemp("taught")
    prepare([drawn], folder, jobs=1)
    assert main(["teach", str(folder), *TEACHER]) == 0
    return folder


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the recipes be found in a folder that holds the small ones of these tests."""
    folder = tmp_path_factory.mktemp("recipes")
    for recipe in (RECIPE, HALF):
        content = _FILE.format(msgspec.json.encode(recipe))
        (folder / f"{recipe.name}.py").write_text(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("model.training.recipes.__path__", [str(folder)])
        yield


Making = Callable[[Path], Options]


@pytest.fixture(scope="module")
def making(recipes: None, taught_data: Path, options: Making) -> Making:  # noqa: ARG001 - for its patch
    """Return what makes a job folder the options of a small taught training in it."""
    return lambda job_dir: replace(options(job_dir), recipe="little", train_files=str(taught_data))


@pytest.fixture(scope="module")
def taught(making: Making, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Return two epochs without a stop."""
    return train(making(tmp_path_factory.mktemp("job")))


def test_a_view_brings_its_box_and_its_cells_and_both_are_mirrored(taught_data: Path) -> None:
    pictures = open_prepared(taught_data)
    targets = open_targets(pictures, "stand-in", 32)
    plan = Plan(pictures, RECIPE, seed=1, targets=targets)
    seen = []
    for batch in plan.batches(0, 6):
        for pixels, box, cells in zip(batch.pixels, batch.boxes, batch.targets, strict=True):
            (row,) = (n for n in range(24) if np.array_equal(pictures.pixels([n])[0], pixels))
            mirrored = bool(box[3] < box[1])
            upright = box[[0, 3, 2, 1]] if mirrored else box
            boxes = targets.boxes([row] * 3, np.arange(3))
            (view,) = (n for n in range(3) if np.array_equal(boxes[n], upright))
            stored = targets.cells([row], np.array([view]))[0]
            assert np.array_equal(cells, stored[:, ::-1] if mirrored else stored)
            seen.append((mirrored, view))
    assert len(set(seen)) == 6


def test_only_the_views_that_the_recipe_wants_are_shown(taught_data: Path) -> None:
    pictures = open_prepared(taught_data)
    targets = open_targets(pictures, "stand-in", 32)
    first = Teaching(teacher="stand-in", dimensions=32, views=1)
    recipe = msgspec.structs.replace(RECIPE, teaching=first)
    for batch in Plan(pictures, recipe, seed=0, targets=targets).batches(0, 6):
        assert np.allclose(np.sort(batch.boxes, axis=1), [0.0, 0.0, 1.0, 1.0])


def test_whitened_targets_have_axes_of_the_same_strength(taught_data: Path) -> None:
    pictures = open_prepared(taught_data)
    plain, half, full = (open_targets(pictures, "stand-in", 32, w) for w in (0.0, 0.5, 1.0))
    deviations = plain.means().std(axis=0)
    assert deviations[0] > 2 * deviations[-1]
    assert np.allclose(full.means().std(axis=0), 1.0, rtol=1e-3)
    assert np.allclose(half.means() ** 2, np.abs(plain.means() * full.means()), rtol=1e-2)
    assert np.allclose(np.linalg.norm(half.whole(), axis=1), 1.0, atol=1e-5)


def test_the_parts_of_the_loss() -> None:
    chance = np.random.default_rng(0)
    answers, targets = chance.normal(size=(2, 6, 2, 2, 5)).astype(np.float32)
    found = teaching.parts(tf.constant(answers), tf.constant(targets), 0.5)
    student, teacher = (unit(cells.mean(axis=(1, 2))) for cells in (answers, targets))
    assert float(found["cosine"]) == pytest.approx(1 - (student * teacher).sum(axis=1).mean())
    alike = (unit(answers) * unit(targets)).sum(axis=-1)
    assert float(found["cells"]) == pytest.approx(1 - alike.mean(), rel=1e-4)
    divergence = []
    for row in range(6):
        others = np.arange(6) != row
        p, q = (np.exp(v[others] @ v[row] / 0.5) for v in (teacher, student))
        p, q = p / p.sum(), q / q.sum()
        divergence.append((p * np.log(p / q)).sum())
    assert float(found["similarity"]) == pytest.approx(np.mean(divergence), rel=1e-4)
    same = teaching.parts(tf.constant(targets), 3 * tf.constant(targets), 0.5)
    assert [abs(float(part)) < 1e-5 for part in same.values()] == [True, True, True]


def unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


@pytest.mark.parametrize(("given", "wanted"), [(7, 4), (9, 7), (4, 3), (2, 4), (4, 4)])
def test_cells_come_to_another_grid_by_the_area_they_cover(given: int, wanted: int) -> None:
    cells = np.random.default_rng(0).normal(size=(2, given, given, 3)).astype(np.float32)
    fine = cells.repeat(wanted, axis=1).repeat(wanted, axis=2)
    areas = fine.reshape(2, wanted, given, wanted, given, 3).mean(axis=(2, 4))
    assert np.allclose(on_grid(cells, wanted), areas, atol=1e-5)
    assert np.allclose(teaching.on_grid(tf.constant(cells), wanted).numpy(), areas, atol=1e-5)


def test_the_head_learns_what_the_teacher_says(
    making: Making, taught: Result, taught_data: Path, drawn: Path, tmp_path: Path
) -> None:
    training, _ = split(open_prepared(taught_data))
    targets = open_targets(training, "stand-in", 32).whole()

    def cosine(result: Result) -> float:
        answers = projection.features_of(checkpoints.load(result.checkpoint)[0], training)
        return float((answers * targets).sum(axis=1).mean())

    assert cosine(taught) < 0.2
    # Each epoch ends with an evaluation that takes as long as many steps: few long ones will do.
    long = msgspec.structs.replace(RECIPE, repeats={drawn.name: 14})
    assert cosine(train(replace(making(tmp_path), recipe=long, num_epochs=2))) > 0.5


def test_stopped_and_gone_on_with_equals_one_straight_run(
    making: Making, taught: Result, tmp_path: Path
) -> None:
    wanted = replace(making(tmp_path), checkpoint_steps=3)
    train(wanted)
    (tmp_path / taught.checkpoint.name).unlink()  # as if stopped in the second epoch
    resumed = train(wanted)
    assert resumed.state.evaluation_cosine == taught.state.evaluation_cosine
    ours, theirs = (checkpoints.load(part.checkpoint)[0] for part in (resumed, taught))
    assert type(ours.optimizer).__name__ == "AdamW"
    pairs = zip(
        [*ours.variables, *ours.optimizer.variables],
        [*theirs.variables, *theirs.optimizer.variables],
        strict=True,
    )
    assert all(np.array_equal(one.numpy(), other.numpy()) for one, other in pairs)


@pytest.mark.usefixtures("without_graphs")
def test_a_head_that_learnt_other_targets_begins_anew_with_its_best_answer(
    making: Making, taught: Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others = tmp_path / "others"
    others.mkdir()
    for number in range(40):
        picture = drawing.draw(drawing.KINDS[number % 4], 500 + number)
        picture.save(others / f"{number}.jpg")
    prepare([others], tmp_path / "data", jobs=1)
    assert main(["teach", str(tmp_path / "data"), *TEACHER]) == 0
    wanted = replace(making(tmp_path / "job"), train_files=str(tmp_path / "data"))
    wanted = replace(wanted, start=taught.checkpoint, num_epochs=1, learning_rate=1e-9)
    result = train(wanted)
    found = re.search(r"on these targets: cosine (.+), not (.+)", capsys.readouterr().err)
    assert found is not None
    assert float(found[1]) > float(found[2]) + 0.05
    assert result.state.evaluation_cosine[1] > float(found[2])


def test_the_embedding_is_the_heads_answer_on_its_axes(
    taught: Result, taught_data: Path, tmp_path: Path
) -> None:
    job_dir = taught.checkpoint.parent
    assert main(["export", "--job-dir", str(job_dir), "--out", str(tmp_path)]) == 0
    manifest = read_manifest(tmp_path)
    assert manifest.model.trained["teacher"] == "stand-in"
    assert manifest.model.measures["evaluation cosine"] == taught.state.evaluation_cosine[2]
    autoencoder, _ = checkpoints.load(taught.checkpoint)
    encoder, head = encoder_of(autoencoder), head_of(autoencoder)
    assert head is not None
    pictures = open_prepared(taught_data)
    training, _ = split(pictures)

    def answers(pixels: np.ndarray) -> np.ndarray:
        found = head(encoder(scaled(pixels), training=False)).numpy()
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))

    known = training.pixels(range(len(training)))
    found = np.concatenate([answers(known), answers(known[:, :, ::-1])]).astype(np.float64)
    variances, axes = np.linalg.eigh(np.cov(found.T))
    real = variances > 1e-6 * variances[-1]
    half_whitened = axes[:, real] / variances[real] ** 0.25
    pixels = pictures.pixels(range(24))
    wanted = unit((answers(pixels) - found.mean(axis=0)) @ half_whitened)
    embedded = Encoder(tmp_path / manifest.files["encoder"].name).encode(pixels).embedding
    assert np.allclose(embedded @ embedded.T, wanted @ wanted.T, atol=2e-3)
    spread = embedded.std(axis=0)
    assert spread[0] > spread[-1]


def test_the_heads_answer_is_the_mean_of_its_answers_for_the_cells() -> None:
    autoencoder = build(RECIPE.network, Teaching(dimensions=16))
    codes = np.random.default_rng(0).random((2, 3, 3, 128)).astype(np.float32)
    head = head_of(autoencoder)
    assert head is not None
    cells = answers_by_cell(head, codes).numpy()
    assert cells.shape == (2, 3, 3, 16)
    assert np.allclose(head(codes), cells.mean(axis=(1, 2)), atol=1e-5)


def test_the_decoder_learns_from_the_part_that_it_draws(making: Making, tmp_path: Path) -> None:
    result = train(replace(making(tmp_path), recipe="half", num_epochs=30))
    losses = result.state.evaluation_loss
    assert losses[30] < 0.8 * losses[1]


def test_without_targets_it_says_how_to_make_them(
    making: Making, prepared: Path, tmp_path: Path
) -> None:
    wanted = replace(making(tmp_path), train_files=str(prepared))
    with pytest.raises(TrainingError, match=r"no targets .* Make them: python -m model teach"):
        train(wanted)


def test_other_targets_are_refused(making: Making, taught_data: Path, taught: Result) -> None:
    label = taught_data / "targets.json"
    before = label.read_text()
    label.write_text(before.replace('"sha256": "', '"sha256": "0'))
    try:
        with pytest.raises(TrainingError, match="other targets of the teacher"):
            train(making(taught.checkpoint.parent))
    finally:
        label.write_text(before)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"augmentation": Augmentation(side=100)}, "side 100 is no multiple of 64"),
        (
            {"network": Network(encoder=WIDTHS, decoder=(*WIDTHS[:0:-1], 3))},
            "side 128 needs a residual network",
        ),
        ({"repeats": {"drawn": -1}}, "below 0"),
        ({"augmentation": Augmentation(smallest_crop=0.5, side=128)}, "the teacher's views"),
        ({"rebuilt": 0.0}, "no share above 0"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(change: dict[str, object], told: str) -> None:
    with pytest.raises(TypeError, match=told):
        msgspec.structs.replace(RECIPE, **change)


def test_the_recipe_that_is_taught_has_the_stronger_encoder() -> None:
    recipe = recipe_taught.RECIPE
    autoencoder = build(recipe.network, recipe.teaching)
    head = head_of(autoencoder)
    assert head is not None
    learnt = encoder_of(autoencoder).count_params() + head.count_params()
    assert 8.0e6 < learnt < 8.2e6
    assert msgspec.json.decode(msgspec.json.encode(recipe), type=Recipe) == recipe


def quantized(job_dir: Path, bundle: Path) -> int:
    return main(["export", "--job-dir", str(job_dir), "--out", str(bundle), "--quantize"])


def test_an_encoder_in_integers_is_smaller_and_agrees(
    taught: Result, taught_data: Path, tmp_path: Path
) -> None:
    job_dir, pixels = taught.checkpoint.parent, open_prepared(taught_data).pixels(range(24))
    assert main(["export", "--job-dir", str(job_dir), "--out", str(tmp_path / "exact")]) == 0
    assert quantized(job_dir, tmp_path / "small") == 0
    manifests = [read_manifest(tmp_path / name) for name in ("exact", "small")]
    exact, small = (
        tmp_path / name / manifest.files["encoder"].name
        for name, manifest in zip(("exact", "small"), manifests, strict=True)
    )
    assert small.stat().st_size < exact.stat().st_size / 2
    one, other = (Encoder(path).encode(pixels).embedding for path in (exact, small))
    assert 0.95 < (one * other).sum(axis=1).mean() < 0.999999
    assert 0.98 <= manifests[1].model.measures["int8 agreement"] <= 1
    assert "int8 agreement" not in manifests[0].model.measures


def test_integers_that_are_too_coarse_are_refused(
    taught: Result,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("model.training.export.LOWEST_COSINE", 1.1)
    assert quantized(taught.checkpoint.parent, tmp_path / "small") == 1
    assert "too far from the one in float32" in capsys.readouterr().err
    assert not (tmp_path / "small").exists()
