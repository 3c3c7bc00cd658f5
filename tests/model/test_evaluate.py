"""`python -m model evaluate`: the protocol, on folders whose right answers are known."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model.bundle import read_manifest
from model.evaluation import metrics
from model.publishing import adopt_model
from tests import drawing


def evaluate(folder: Path, bundle: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model", "evaluate", str(folder), "--bundle", str(bundle)]
    return subprocess.run([*command, *more], capture_output=True, text=True, check=False)


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


def test_metrics_by_hand() -> None:
    labels = np.array(["a"] * 5 + ["b"] * 5 + ["_other"] * 6 + ["c"] * 4)
    same = (labels[:, None] == labels[None]).astype(np.float32)
    perfect = dict(metrics(same, labels))
    assert perfect == {"queries": 10, "P@1": 1, "P@5": 0.8, "mAP": 1, "macro_mAP": 1}
    wrong = dict(metrics(-same, labels))
    assert wrong["P@1"] == 0
    # The four others stand at places 16 to 19 of 19.
    worst = np.mean([1 / 16, 2 / 17, 3 / 18, 4 / 19])
    assert wrong["mAP"] == pytest.approx(worst)


def test_macro_counts_every_label_once() -> None:
    labels = np.array(["a"] * 5 + ["b"] * 10)
    similarities = np.zeros((15, 15), np.float32)
    similarities[:5, :5] = 1  # a is found at once, b last
    similarities[5:, :5] = 1
    found = dict(metrics(similarities, labels))
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


def test_serving_requirements_are_enough(bundle: Path, drawn: Path) -> None:
    without = (
        "import sys; sys.modules.update(dict.fromkeys(('skimage', 'tensorflow', 'keras')));"
        "from model.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", without, "evaluate", str(drawn), "--bundle", str(bundle)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert "| HOG | needs scikit-image" in finished.stdout
