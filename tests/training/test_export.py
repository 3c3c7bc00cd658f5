"""What is exported answers as the network does, and belongs together."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.__main__ import main
from model.bundle import read_manifest
from model.encoder import Decoder, Encoder
from model.indexing import index_folder
from model.publishing import adopt_model
from model.training import checkpoints, projection
from model.training.autoencoder import build, decoder_of, encoder_of
from model.training.axes import principal_axes
from model.training.data import open_prepared
from model.training.errors import TrainingError
from model.training.export import check_agreement, decode_graph, encode_graph
from model.training.job import Options, data_of
from model.training.runtime import keras
from model.training.steps import scaled
from model.training.train import Result, train


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, straight: Result) -> Path:
    """Return a bundle with the small training's model."""
    bundle = tmp_path_factory.mktemp("exported")
    job_dir = straight.checkpoint.parent
    assert main(["export", "--job-dir", str(job_dir), "--out", str(bundle)]) == 0
    return bundle


def part(bundle: Path, role: str) -> Path:
    return bundle / read_manifest(bundle).files[role].name


def test_litert_answers_as_tensorflow_does(
    exported: Path, straight: Result, prepared: Path
) -> None:
    pixels = open_prepared(prepared).pixels(range(5))
    autoencoder, _ = checkpoints.load(straight.checkpoint)
    codes = encoder_of(autoencoder)(scaled(pixels)).numpy()
    found = Encoder(part(exported, "encoder")).encode(pixels)
    assert found.code.shape == (5, 4, 4, 128)
    assert np.abs(found.code - codes).max() < 1e-3  # the exported weights are rounded
    assert found.embedding.dtype == np.float32
    assert np.allclose(np.linalg.norm(found.embedding, axis=1), 1.0, atol=1e-5)
    assert found.embedding.shape == (5, read_manifest(exported).model.dimensions)
    pictures = Decoder(part(exported, "decoder")).decode(found.code)
    expected = (decoder_of(autoencoder)(codes).numpy() + 1) * 127.5
    assert pictures.shape == pixels.shape
    assert pictures.dtype == np.uint8
    assert np.abs(pictures - expected).max() < 1.6


def test_a_picture_is_encoded_alone_as_in_a_batch(exported: Path, prepared: Path) -> None:
    pixels = open_prepared(prepared).pixels(range(3))
    encoder = Encoder(part(exported, "encoder"))
    alone = np.concatenate([encoder.encode(pixels[[row]]).embedding for row in range(3)])
    assert np.abs(alone - encoder.encode(pixels).embedding).max() < 1e-5


@pytest.mark.usefixtures("without_graphs")
def test_what_was_trained_in_bfloat16_is_exported_in_float32(
    options: Callable[[Path], Options], prepared: Path, tmp_path: Path
) -> None:
    job = replace(options(tmp_path / "job"), precision="bfloat16", num_epochs=1)
    trained, state = checkpoints.load(train(job).checkpoint)
    assert state.run.recipe.precision == "bfloat16"
    assert main(["export", "--job-dir", str(job.job_dir), "--out", str(tmp_path / "out")]) == 0
    exact = build(state.run.recipe.network)
    exact.set_weights(trained.get_weights())
    pixels = open_prepared(prepared).pixels(range(3))
    found = Encoder(part(tmp_path / "out", "encoder")).encode(pixels).code
    assert np.abs(found - encoder_of(exact)(scaled(pixels)).numpy()).max() < 1e-4


def test_the_checkpoint_is_the_network_with_its_configuration(
    exported: Path, straight: Result, prepared: Path
) -> None:
    path = part(exported, "checkpoint")
    plain = keras.saving.load_model(path)
    trained, _ = checkpoints.load(straight.checkpoint)
    for ours, theirs in zip(plain.get_weights(), trained.get_weights(), strict=True):
        assert np.allclose(ours, theirs, rtol=2.0**-11, atol=0.0)  # float16's precision
        assert not np.any(ours.view(np.uint32) & 0x1FFF)
    assert path.stat().st_size < 0.7 * 4 * plain.count_params()
    state = checkpoints.read_state(path)
    assert state.run.recipe == straight.state.run.recipe
    assert state.step == straight.state.step
    assert str(prepared).encode() not in path.read_bytes()
    assert path.stat().st_size < straight.checkpoint.stat().st_size / 2  # no optimizer


def test_the_manifest_says_how_it_was_trained(exported: Path, straight: Result) -> None:
    model = read_manifest(exported).model
    assert model.recipe == "sketch"
    assert model.code_shape == (4, 4, 128)
    assert model.trained["steps"] == straight.state.step
    assert model.measures["evaluation loss"] == pytest.approx(
        straight.state.evaluation_loss[2], rel=1e-4
    )


def test_what_was_trained_on_reaches_the_model_card(straight: Result, tmp_path: Path) -> None:
    told = ["--data", "drawn bridges", "--out", str(tmp_path / "told")]
    assert main(["export", "--job-dir", str(straight.checkpoint.parent), *told]) == 0
    assert read_manifest(tmp_path / "told").model.trained["data"] == "drawn bridges"


@pytest.mark.parametrize(
    ("quantized", "told"),
    [(False, "TensorFlow and LiteRT disagree"), (True, "too far from the one in float32")],
)
def test_runtimes_that_disagree_are_refused(
    exported: Path, straight: Result, quantized: bool, told: str
) -> None:
    training, evaluation = data_of(straight.state.run, straight.checkpoint.parent)
    autoencoder, _ = checkpoints.load(straight.checkpoint)
    fitted = projection.fit(autoencoder, training)
    other = build(straight.state.run.recipe.network)
    files = {role: part(exported, role) for role in ("encoder", "decoder")}
    graphs = encode_graph(other, fitted), decode_graph(other)
    with pytest.raises(TrainingError, match=told):
        check_agreement(*graphs, files, evaluation, quantized=quantized)


def test_evaluate_marks_what_the_training_saw(
    exported: Path, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    adopt_model(tmp_path / "bundle", exported)
    index_folder(drawn, tmp_path / "bundle", jobs=1)  # the hashes go along, and stay
    chance = np.random.default_rng(0)
    for kind in ("new", "copies"):
        (tmp_path / "measured" / kind).mkdir(parents=True)
        for number in range(5):
            cells = Image.fromarray(chance.integers(0, 256, (10, 12, 3), np.uint8))
            cells.resize((480, 400)).save(tmp_path / "measured" / kind / f"{number}.png")
    with Image.open(drawn / "truss" / "03.jpg") as image:
        image.resize((240, 160)).save(tmp_path / "measured" / "copies" / "small.png")
    command = ["evaluate", str(tmp_path / "measured"), "--bundle"]
    assert main([*command, str(tmp_path / "bundle")]) == 0
    said = capsys.readouterr().out
    assert "measured: 1 near copies of training pictures: this bundle" in said
    assert "Near copies of the training pictures of this bundle: copies/small.png." in said
    (tmp_path / "measured" / "copies" / "small.png").unlink()
    assert main([*command, str(tmp_path / "bundle")]) == 0
    assert "training pictures" not in capsys.readouterr().out


def test_what_a_training_before_saw_is_kept(
    exported: Path, straight: Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = tmp_path / "seen"
    shutil.copytree(exported, seen)
    theirs = np.arange(16, dtype=np.uint8).reshape(2, 8)
    np.save(part(seen, "training-hashes"), theirs)
    out = tmp_path / "out"
    command = ["export", "--job-dir", str(straight.checkpoint.parent), "--out", str(out), "--seen"]
    assert main([*command, str(seen)]) == 0
    ours, both = (np.load(part(bundle, "training-hashes")) for bundle in (exported, out))
    assert {*map(bytes, both)} == {*map(bytes, ours), *map(bytes, theirs)}
    part(seen, "training-hashes").unlink()
    assert main([*command, str(seen)]) == 1
    assert "does not tell which pictures it has seen" in capsys.readouterr().err


def test_an_empty_job_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--job-dir", str(tmp_path), "--out", str(tmp_path / "bundle")]) == 1
    assert "holds no checkpoint" in capsys.readouterr().err


@pytest.mark.parametrize("whitening", [0.0, 0.5, 1.0])
def test_the_projection_keeps_no_more_axes_than_the_data_have(whitening: float) -> None:
    chance = np.random.default_rng(0)
    features = chance.normal(size=(20, 4)) @ chance.normal(size=(4, 64)) + 5
    mean, matrix = principal_axes(features.astype(np.float32), 256, whitening)
    assert matrix.shape == (64, 4)
    deviations = ((features - mean) @ matrix).std(axis=0, ddof=1)
    wanted = np.linalg.svd(features - features.mean(axis=0))[1][:4] / np.sqrt(19)
    assert np.allclose(deviations, wanted ** (1 - whitening), rtol=1e-3)
