"""Pictures of one thing are drawn together: the right partners, the right loss, and it learns."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from model.__main__ import main
from model.bundle import read_manifest
from model.training import checkpoints, contrast
from model.training.autoencoder import build, head_of, projector_of
from model.training.batches import Batch, Plan
from model.training.configuration import Contrast, Recipe, Teaching
from model.training.data import open_prepared
from model.training.errors import TrainingError
from model.training.job import Options
from model.training.projection import features_of
from model.training.recipes import selfsupervised
from model.training.runtime import keras, tf
from model.training.steps import Stepped, training_step
from model.training.train import train

NETWORK = msgspec.structs.replace(
    selfsupervised.RECIPE.network,
    encoder=(4, 8, 16, 32, 64, 128),
    decoder=(128, 64, 32, 16, 8, 3),
)
RECIPE = msgspec.structs.replace(
    selfsupervised.RECIPE,
    name="alone",
    network=NETWORK,
    batch_size=8,
    schedule=msgspec.structs.replace(selfsupervised.RECIPE.schedule, warmup=0),
    augmentation=msgspec.structs.replace(selfsupervised.RECIPE.augmentation, side=64),
    contrast=Contrast(hidden=32, dimensions=16),
)


@pytest.fixture
def photos(drawn: Path, tmp_path: Path) -> Path:
    """Return pictures: two groups told by records, and two places, a folder each."""
    folder = tmp_path / "photos"
    for kind in ("arch", "beam"):
        shutil.copytree(drawn / kind, folder / kind)
    names = [f"arch/{number:02}.jpg" for number in range(6)]
    rows = [{"path": name, "group": f"of {n // 3}"} for n, name in enumerate(names)]
    (folder / "records.json").write_text(json.dumps(rows[:5]))
    return folder


def test_pictures_of_one_group_are_partners_and_others_their_own(
    photos: Path, tmp_path: Path
) -> None:
    assert main(["prepare", str(photos), "--out", str(tmp_path / "data"), "--jobs", "1"]) == 0
    pictures = open_prepared(tmp_path / "data")
    group_of = {place.path.removeprefix("photos/"): place.group for place in pictures.places}
    assert len({group_of[f"arch/{n:02}.jpg"] for n in (0, 1, 2)}) == 1
    assert group_of["arch/03.jpg"] == group_of["arch/04.jpg"] != group_of["arch/00.jpg"]
    assert group_of["arch/05.jpg"] == group_of["beam/00.jpg"] == ""
    assert str(tmp_path) not in (tmp_path / "data" / "pictures.json").read_text()
    row_of = {pictures.pixels([row]).tobytes(): row for row in range(len(pictures))}
    seen = set()
    for batch in Plan(pictures, RECIPE, seed=0).batches(0, 30):
        rows = [row_of[pixels[None].tobytes()] for pixels in batch.pixels]
        assert np.array_equal(batch.groups[:4], batch.groups[4:])
        seen |= set(zip(rows[:4], rows[4:], strict=True))
    grouped = {row for row, place in enumerate(pictures.places) if place.group}
    assert len(grouped) == 5
    assert all((one == other) is (one not in grouped) for one, other in seen)
    assert len({pair for pair in seen if pair[0] in grouped}) == 3 * 2 + 2


def test_pairs_of_groups_fill_the_end_of_a_batch(photos: Path, tmp_path: Path) -> None:
    assert main(["prepare", str(photos), "--out", str(tmp_path / "data"), "--jobs", "1"]) == 0
    pictures = open_prepared(tmp_path / "data")
    paired = msgspec.structs.replace(RECIPE, contrast=Contrast(pairs=2))
    plan = Plan(pictures, paired, seed=0)
    assert plan.steps_per_epoch == len(pictures) // 4
    seen = set()
    for batch in plan.batches(0, 30):
        ones, others = batch.pixels[4::2], batch.pixels[5::2]
        assert batch.groups[4] == batch.groups[5] != batch.groups[6] == batch.groups[7]
        seen |= {one.tobytes() + other.tobytes() for one, other in zip(ones, others, strict=True)}
        assert all((one != other).any() for one, other in zip(ones, others, strict=True))
    assert len(seen) == 3 * 2 + 2
    with pytest.raises(TrainingError, match="pairs of 3 groups in a batch, and there are 2 groups"):
        Plan(pictures, msgspec.structs.replace(paired, contrast=Contrast(pairs=3)), seed=0)


def test_records_tell_of_kinds(photos: Path, tmp_path: Path) -> None:
    rows = json.loads((photos / "records.json").read_text())
    told = [row | {"type": "arch" if n < 4 else ""} for n, row in enumerate(rows)]
    (photos / "records.json").write_text(json.dumps(told))
    assert main(["prepare", str(photos), "--out", str(tmp_path / "data"), "--jobs", "1"]) == 0
    pictures = open_prepared(tmp_path / "data")
    kinds = {place.path.removeprefix("photos/"): place.kind for place in pictures.places}
    assert {kinds[f"arch/{n:02}.jpg"] for n in range(4)} == {kinds["arch/00.jpg"]} != {""}
    assert kinds["arch/04.jpg"] == kinds["beam/00.jpg"] == ""
    kind_of = {
        pictures.pixels([row]).tobytes(): place.kind for row, place in enumerate(pictures.places)
    }
    for batch in Plan(pictures, RECIPE, seed=0).batches(0, 10):
        known = [bool(kind_of[pixels.tobytes()]) for pixels in batch.pixels]
        assert np.array_equal(batch.kinds, np.where(known, 0, -1))


def test_folders_may_be_places(photos: Path, tmp_path: Path) -> None:
    arguments = ["prepare", str(photos), "--out", str(tmp_path / "data"), "--jobs", "1"]
    assert main([*arguments, "--grouped", str(photos / "beam")]) == 0
    places = open_prepared(tmp_path / "data").places
    groups = {place.group for place in places if place.path.startswith("photos/beam")}
    assert len(groups) == 1
    assert groups.isdisjoint({place.group for place in places if "arch" in place.path} | {""})


def test_the_loss_is_the_mean_over_partners() -> None:
    vectors = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    groups = np.array([3, 3, 3, 1, 1, 3])
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    # einsum: with so few numbers, the kernels behind @ read past them, and warn of what they find
    likeness = np.exp(np.einsum("id,jd->ij", unit, unit) / 0.2) * (1 - np.eye(6))
    wanted = []
    for row in range(6):
        others = np.arange(6) != row
        shares = likeness[row] / likeness[row].sum()
        wanted.append(-np.log(shares[others & (groups == groups[row])]).mean())
    found = contrast.loss(tf.constant(vectors), tf.constant(groups), 0.2)
    assert float(found) == pytest.approx(np.mean(wanted), rel=1e-4)


def test_pictures_without_partner_are_only_what_others_are_told_from() -> None:
    vectors = np.random.default_rng(1).normal(size=(4, 5)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness = np.exp(np.einsum("id,jd->ij", unit, unit) / 0.2) * (1 - np.eye(4))
    wanted = [
        -np.log(likeness[row, other] / likeness[row].sum()) for row, other in ((0, 2), (2, 0))
    ]
    found = contrast.loss(tf.constant(vectors), tf.constant([3, 1, 3, 2]), 0.2)
    assert float(found) == pytest.approx(np.mean(wanted), rel=1e-4)


def test_pictures_of_no_kind_are_no_part_of_the_loss_of_kinds() -> None:
    vectors = np.random.default_rng(2).normal(size=(6, 5)).astype(np.float32)
    kinds = np.array([4, -1, 4, 7, -1, 4])
    known = kinds >= 0
    wanted = float(contrast.loss(tf.constant(vectors[known]), tf.constant(kinds[known]), 0.2))
    found = float(contrast.loss_of_kinds(tf.constant(vectors), tf.constant(kinds), 0.2))
    assert found == pytest.approx(wanted, rel=1e-6)
    alone = contrast.loss_of_kinds(tf.constant(vectors), tf.constant([1, -1, 2, -1, -1, 3]), 0.2)
    assert float(alone) == 0.0


@pytest.mark.usefixtures("without_graphs")
def test_pairs_may_go_untaught_and_kinds_weigh_as_the_recipe_says() -> None:
    wanted = Contrast(pairs=2, kinds=0.5, weight=0.25, taught=False)
    whole = msgspec.structs.replace(RECIPE.augmentation, smallest_crop=1.0)
    recipe = msgspec.structs.replace(
        RECIPE, teaching=Teaching(dimensions=16), contrast=wanted, augmentation=whole
    )
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (8, 256, 256, 3), np.uint8)
    boxes, colours = (
        np.tile(np.array([0, 0, 1, 1], np.float32), (8, 1)),
        np.ones((8, 3), np.float32),
    )
    targets = random.normal(size=(8, 4, 4, 16)).astype(np.float32)
    groups, kinds = np.array([0, 1, 2, 3, 4, 4, 5, 5]), np.array([-1, -1, -1, -1, 0, 0, 0, 0])
    batch = Batch(pixels, boxes, colours, targets, groups, kinds, 64)

    def stepped(batch: Batch, recipe: Recipe) -> Stepped:
        keras.utils.set_random_seed(0)
        autoencoder = build(NETWORK, recipe.teaching)
        autoencoder.compile(optimizer=keras.optimizers.Adam(0.0))
        return training_step(autoencoder, recipe)(batch)

    found = stepped(batch, recipe)
    parts = {name: float(part) for name, part in found.parts.items()}
    assert float(found.loss) == pytest.approx(
        parts["reconstruction"]
        + parts["cosine"]
        + parts["cells"]
        + parts["similarity"]
        + 0.25 * parts["contrast"]
        + 0.5 * parts["kinds"],
        rel=1e-5,
    )
    targets = targets.copy()
    targets[4:] = 1.0
    other = batch._replace(targets=targets)
    again = stepped(other, recipe)
    taught = msgspec.structs.replace(recipe, contrast=msgspec.structs.replace(wanted, taught=True))
    assert float(again.loss) == float(found.loss)
    assert float(stepped(other, taught).loss) != float(stepped(batch, taught).loss)


def test_the_views_of_a_picture_come_nearer(
    tmp_path: Path, options: Callable[[Path], Options], drawn: Path
) -> None:
    def outcome(repeats: int, epochs: int) -> tuple[float, Path]:
        job_dir = tmp_path / str(epochs)
        recipe = msgspec.structs.replace(RECIPE, repeats={drawn.name: repeats})
        wanted = replace(options(job_dir), recipe=recipe, batch_size=None, num_epochs=epochs)
        result = train(wanted)
        autoencoder, state = checkpoints.load(result.checkpoint)
        assert head_of(autoencoder) is None
        assert projector_of(autoencoder) is not None
        assert state.run.recipe.contrast is not None
        training = open_prepared(Path(state.run.training.files))
        straight, mirrored = np.split(features_of(autoencoder, training, mirrored=True), 2)
        return _found(straight, mirrored), job_dir

    before, _ = outcome(1, 1)
    after, job_dir = outcome(10, 4)  # few epochs, for each ends with an evaluation
    assert after > before
    assert main(["export", "--job-dir", str(job_dir), "--out", str(tmp_path / "bundle")]) == 0
    assert read_manifest(tmp_path / "bundle").model.recipe == "alone"


def _found(ones: np.ndarray, others: np.ndarray) -> float:
    """Return the mean margin by which each picture's mirror image is nearer to it than the rest."""
    centred = [vectors - ones.mean(axis=0) for vectors in (ones, others)]
    one, other = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in centred)
    similarities = one @ other.T
    own = np.diag(similarities)
    return float((own - (similarities.sum(axis=1) - own) / (len(one) - 1)).mean())


def test_a_batch_without_room_for_partners_is_refused() -> None:
    with pytest.raises(TypeError, match="batch_size of 4 or more"):
        msgspec.structs.replace(RECIPE, batch_size=2)
    with pytest.raises(TypeError, match="batch_size of 10 or more"):
        msgspec.structs.replace(RECIPE, contrast=Contrast(pairs=4))
    assert msgspec.json.decode(msgspec.json.encode(RECIPE), type=Recipe) == RECIPE
