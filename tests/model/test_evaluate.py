"""`python -m model evaluate`: the protocol, on folders whose right answers are known."""

import io
import json
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.__main__ import main
from model.bundle import MODEL_FILES, read_manifest
from model.evaluation.intervals import figures
from model.evaluation.metrics import search
from model.publishing import adopt_model, publish_model
from tests import drawing

STAND_IN = "tests.training.stand_in"


def evaluate(
    folder: Path, bundle: Path, *more: str, beside: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the verb here, for a process of its own would read all modules again."""
    folders = [str(folder), beside] if beside else [str(folder)]
    command = ["evaluate", *folders, "--bundle", str(bundle), *more]
    with redirect_stdout(io.StringIO()) as printed, redirect_stderr(io.StringIO()) as told:
        status = main(command)
    return subprocess.CompletedProcess(command, status, printed.getvalue(), told.getvalue())


def test_records_label_what_folders_do_not(drawn: Path, bundle: Path, tmp_path: Path) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    records = []
    for number, path in enumerate(sorted(drawn.rglob("*.jpg"))):
        shutil.copyfile(path, flat / f"{number}.jpg")
        records.append({"path": f"{number}.jpg", "kind": path.parent.name})
    (flat / "records.json").write_text(json.dumps(records[:-1]))
    found = json.loads(evaluate(flat, bundle, "--label", "kind", "--json").stdout)
    assert found["queries"] == 23
    assert found["mAP"] > found["methods"]["random"]["mAP"]
    few = json.loads(evaluate(flat, bundle, "--label", "kind", "--fewest", "6", "--json").stdout)
    assert few["queries"] == 18
    assert "the field `colour`" in evaluate(flat, bundle, "--label", "colour").stderr


def metrics(similarities: NDArray[np.float32], labels: NDArray[np.str_]) -> dict[str, float]:
    searched = search(similarities, labels)
    return {name: figure.value for name, figure in figures(searched).items()}


def test_metrics_by_hand() -> None:
    labels = np.array(["a"] * 5 + ["b"] * 5 + ["_other"] * 6 + ["c"] * 4)
    same = (labels[:, None] == labels[None]).astype(np.float32)
    assert len(search(same, labels).queries) == 10
    perfect = metrics(same, labels)
    assert perfect == {"P@1": 1, "P@5": 0.8, "P@R": 1, "mAP": 1, "macro_mAP": 1}
    half = same.copy()
    half[:, 2:5] = half[:, 7:10] = -1  # two pictures of each are found, the others come last
    assert metrics(half, labels)["P@R"] == pytest.approx(np.mean([0.25, 0.25, 0.5, 0.5, 0.5]))
    wrong = metrics(-same, labels)
    assert wrong["P@1"] == 0
    # The four others stand at places 16 to 19 of 19.
    worst = np.mean([1 / 16, 2 / 17, 3 / 18, 4 / 19])
    assert wrong["mAP"] == pytest.approx(worst)


def test_macro_counts_every_label_once() -> None:
    labels = np.array(["a"] * 5 + ["b"] * 10)
    similarities = np.zeros((15, 15), np.float32)
    similarities[:5, :5] = 1  # a is found at once, b last
    similarities[5:, :5] = 1
    found = metrics(similarities, labels)
    later = found["mAP"] * 15 - 5
    assert found["macro_mAP"] == pytest.approx((1 + later / 10) / 2)


def test_the_command_prints_what_the_interface_names(bundle: Path, drawn: Path) -> None:
    finished = evaluate(drawn, bundle, "--json")
    assert finished.returncode == 0, finished.stderr
    answer = json.loads(finished.stdout)
    assert answer["queries"] == 24
    assert set(answer) >= {"queries", "P@1", "P@5", "mAP", "macro_mAP", "methods"}
    rows = answer["methods"]
    assert set(rows) >= {"colour histogram", "32x32 grey pixels", "HOG", "random"}
    # Drawings of one kind share their colours: whatever looks at the picture beats chance.
    for name, row in rows.items():
        if name != "random":
            assert row["mAP"] > rows["random"]["mAP"] + 0.1, name


def test_distractors_are_never_queries_and_broken_files_are_counted(
    bundle: Path, tmp_path: Path
) -> None:
    drawing.fill(tmp_path / "set", each=5)
    (tmp_path / "set" / "truss").rename(tmp_path / "set" / "_other")
    (tmp_path / "set" / "arch" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    finished = evaluate(tmp_path / "set", bundle, "--json")
    assert finished.returncode == 3
    assert "broken.png: " in finished.stderr
    assert json.loads(finished.stdout)["queries"] == 15


def test_the_table_and_the_record_in_the_bundle(drawn: Path, shipped: Path, tmp_path: Path) -> None:
    adopt_model(tmp_path / "copy", shipped)
    finished = evaluate(drawn, tmp_path / "copy", "--record", "drawings")
    assert "| this bundle | 24 |" in finished.stdout
    assert "drawings mAP" in read_manifest(tmp_path / "copy").model.measures


def test_a_bundle_without_hashes_of_its_training_is_marked(
    shipped: Path, drawn: Path, tmp_path: Path
) -> None:
    manifest = read_manifest(shipped)
    files = {role: shipped / manifest.files[role].name for role in MODEL_FILES}
    publish_model(tmp_path / "old", files, manifest.model)
    finished = evaluate(drawn, tmp_path / "old")
    assert f"{drawn.name}: training pictures unknown: this bundle" in finished.stdout


def test_several_folders_and_bundles_stand_side_by_side(
    bundle: Path, drawn: Path, tmp_path: Path
) -> None:
    drawing.fill(tmp_path / "few", each=4)
    more = ["--also", f"again={bundle}", "--flattened", f"whole={bundle}", "--teacher", STAND_IN]
    beside = f"{tmp_path / 'few'}::4"
    finished = evaluate(drawn, bundle, *more, "--json", beside=beside)
    assert finished.returncode == 0, finished.stderr
    answer = json.loads(finished.stdout)
    whole, few = answer["sets"]
    assert (whole["queries"], few["queries"], few["name"]) == (24, 16, "few")
    rows = {row["method"]: row["figures"] for row in few["rows"]}
    assert rows["again"] == rows["this bundle"]
    assert rows["whole"] == rows["its code, flattened, Euclid"] != rows["again"]
    assert rows["stand-in"]["mAP"]["value"] > rows["random"]["mAP"]["value"]
    assert max(row["P@5"]["value"] for row in rows.values()) <= 0.6
    shown = evaluate(drawn, bundle, *more, beside=beside).stdout
    columns = [cell.strip() for cell in shown.splitlines()[0].strip("|").split("|")]
    assert columns[1::3] == [f"{drawn.name} P@1", "few P@1"]
    line = next(line for line in shown.splitlines() if line.startswith("| again |"))
    for name in ("P@1", "P@5", "mAP"):
        figure = rows["again"][name]
        assert f"{figure['value']:.3f} ({figure['low']:.2f} to {figure['high']:.2f})" in line


def test_an_interval_is_as_wide_as_that_of_a_share() -> None:
    labels = np.repeat(["a", "b", "c", "d"], 100)
    similarities = np.random.default_rng(0).random((400, 400), np.float32)
    found = figures(search(similarities, labels))["P@1"]
    assert found.low < found.value < found.high
    wide = 2 * 1.96 * np.sqrt(found.value * (1 - found.value) / 400)
    assert found.high - found.low == pytest.approx(wide, rel=0.1)


def test_bridges_are_drawn_again_whole() -> None:
    labels = np.repeat(["a", "b", "c", "d"], 25)
    similarities = np.zeros((100, 100), np.float32)
    similarities[:50, :50] = labels[:50, None] == labels[None, :50]  # a and b are always found
    similarities[50:, 50:] = labels[50:, None] != labels[None, 50:]  # c and d never
    found = figures(search(similarities, labels))["P@1"]
    assert found.value == 0.5
    assert 0.35 < found.low < found.high < 0.65
    assert (found.label_low, found.label_high) == (0, 1)


def test_the_worst_queries_and_fewer_numbers(bundle: Path, drawn: Path, tmp_path: Path) -> None:
    astray = shutil.copytree(drawn, tmp_path / "astray")
    (astray / "arch" / "00.jpg").rename(astray / "beam" / "astray.jpg")
    more = ["--worst", "3", "--dimensions", "2,8,999", "--json"]
    answer = json.loads(evaluate(astray, bundle, *more).stdout)
    precisions = [weak["average_precision"] for weak in answer["worst"]]
    assert len(precisions) == 3
    assert precisions == sorted(precisions)
    assert precisions[0] < answer["mAP"]
    assert answer["worst"][0]["name"] == "beam/astray.jpg"
    assert answer["worst"][0]["instead"].startswith("arch/")
    for weak in answer["worst"]:
        assert weak["name"].startswith(f"{weak['label']}/")
        assert (astray / weak["instead"]).is_file()
    assert [each["dimensions"] for each in answer["dimensions"]] == [2, 8]
    two, eight = (each["figure"]["value"] for each in answer["dimensions"])
    assert two < eight
    shown = evaluate(astray, bundle, *more[:-1]).stdout
    assert f"- `{answer['worst'][0]['name']}`: average precision {precisions[0]:.3f}" in shown
    assert f"| 8 | {eight:.3f} (" in shown


@pytest.mark.parametrize(
    ("beside", "more", "told"),
    [
        ("", ["--teacher", "model.nowhere"], "There is no Python module model.nowhere"),
        ("", ["--also", "nameless"], "`nameless` names no bundle"),
        ("", ["--also", "HOG=model/bundle"], "Two rows would be called `HOG`"),
        ("gallery:type:four", [], "`four` is no whole number"),
        ("gallery:type", ["--record", "x"], "--record needs one folder"),
    ],
)
def test_what_cannot_be_measured_is_said(
    bundle: Path, drawn: Path, beside: str, more: list[str], told: str
) -> None:
    finished = evaluate(drawn, bundle, *more, beside=beside)
    assert told in finished.stdout + finished.stderr


def test_serving_requirements_are_enough(bundle: Path, drawn: Path) -> None:
    without = (
        "import sys; lacking = 'skimage', 'tensorflow', 'keras', 'efficientnet_lite_pytorch';"
        "sys.modules.update(dict.fromkeys(lacking));"
        "from model.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", without, "evaluate", str(drawn), "--bundle", str(bundle)]
    finished = subprocess.run([*command, "--teacher"], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert "| HOG | needs scikit-image" in finished.stdout
    assert "| teacher | The teacher needs efficientnet_lite_pytorch" in finished.stdout
