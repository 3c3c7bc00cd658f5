"""`python -m benchmarks.growth`: rows that go on, a table, and what follows of them."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.growth import measuring, results
from benchmarks.growth.__main__ import BEGIN, PAGE, PUBLISHED, main
from benchmarks.growth.report import markdown, verdict
from benchmarks.growth.results import Latency, Row
from benchmarks.growth.verdict import sentences
from benchmarks.machine import why_absent
from benchmarks.marks import between

SIZES = (1_000, 20_000)  # the second has a sketch


def growth(out: Path, *arguments: str) -> int:
    return main([*arguments, "--seconds", "0.1", "--out", str(out)])


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Measure two sizes; return the folder of the results."""
    folder = tmp_path_factory.mktemp("growth")
    assert growth(folder, "--sizes", "1000,20000", "--kinds", "embedded,faiss-flat") == 0
    return folder


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "rows.jsonl").read_text().splitlines()]


def test_every_size_and_kind_is_a_row(out: Path) -> None:
    found = results.read(out / "growth.json")
    assert {(row.size, row.kind) for row in found.rows} == {
        (size, kind) for size in SIZES for kind in ("embedded", "faiss-flat")
    }
    table = [line for line in (out / "growth.md").read_text().splitlines() if line[:1] == "|"]
    assert len(table) == 2 + len(found.rows)
    for row, line in zip(found.rows, table[2:], strict=True):
        assert f"| {row.size:,} " in line.replace("|     ", "| ").replace("|  ", "| ")
        assert (row.figures is None) is ("not measured" in line)


def test_exact_search_finds_everything(out: Path) -> None:
    rows = results.read(out / "growth.json").rows
    missing = why_absent("faiss")
    for row in rows:
        if row.kind == "faiss-flat" and missing:
            assert row.why == missing
        else:
            assert row.figures
            assert row.figures.recall >= (1.0 if row.size < 16_384 else 0.999)


def test_what_is_measured_holds_together(out: Path) -> None:
    small, large = (
        row.figures for row in results.read(out / "growth.json").rows if row.kind == "embedded"
    )
    assert small
    assert large
    # A sketch of a quarter or so comes on top of the embeddings, 256 numbers of 4 bytes.
    assert 1_000 * 1024 <= small.disk < 1_000 * 1024 + 8192
    assert 20_000 * 1024 * 1.1 < large.disk < 20_000 * 1024 * 1.4
    for figures in (small, large):
        assert 20e6 < figures.memory < 300e6
        assert 0 < figures.mapped < figures.memory
        assert figures.rate > 0
        assert figures.processor > 0
        for latency in (figures.alone, figures.together):
            assert 0 < latency.half <= latency.most
    assert not [path for path in out.iterdir() if path.is_dir()]  # nothing large is left


def test_what_was_measured_is_not_measured_again(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = lines(out)
    with (out / "rows.jsonl").open("a") as file:
        file.write('{"size": 1000, "kind": "embed\n')  # cut off, as by a kill
    assert growth(out, "--sizes", "1000", "--kinds", "embedded") == 0
    told = capsys.readouterr()
    assert "drawing" not in told.err
    assert (out / "growth.md").read_text().strip() == told.out.strip()
    assert growth(out, "--sizes", "1000", "--kinds", "embedded", "--again") == 0
    added = (out / "rows.jsonl").read_text().splitlines()[len(before) + 1 :]
    assert [json.loads(line)["size"] for line in added] == [1000]
    assert len(results.read(out / "growth.json").rows) == len(before)


def test_a_build_that_takes_too_long_is_stopped_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for minutes, tries in (("0.0002", 1), ("0.0001", 1), ("0.0003", 2)):
        arguments = ("--sizes", "1000", "--kinds", "embedded", "--minutes", minutes)
        assert growth(tmp_path, *arguments) == 0
        assert len(lines(tmp_path)) == tries
    assert "not measured: the build was stopped after 0.0003 minutes" in capsys.readouterr().out


def test_what_does_not_fit_the_machine_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "available_memory", lambda: 100_000_000)
    assert growth(tmp_path, "--sizes", "1000", "--kinds", "embedded") == 0
    assert lines(tmp_path)[0]["why"] == "needs 0.3 GB of memory, 0.1 GB are free"
    arguments = ("--sizes", "1000,10000000000", "--kinds", "embedded")
    assert growth(tmp_path, *arguments) == 0
    assert lines(tmp_path)[-1]["why"].startswith("needs 10,240.0 GB of disk, ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--sizes", "10"], "10 is too few"), (["--kinds", "magic"], "there is no 'magic'")],
)
def test_what_cannot_be_measured_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert said in capsys.readouterr().err


def told(out: Path, *rows: tuple[int, str, float, float], others: float = 0.0) -> list[str]:
    """Return the verdict of rows: size, kind, milliseconds at one client, recall."""
    found = results.read(out / "growth.json")
    figures = found.rows[0].figures
    assert figures
    made = [
        Row(
            size=size, kind=kind, when="", commit="",
            figures=msgspec.structs.replace(
                figures,
                alone=Latency(time, time),
                recall=recall,
                disk=1000 * size,
                others=others,
            ),
        )
        for size, kind, time, recall in rows
    ]  # fmt: skip
    machine = msgspec.structs.replace(found.machine, memory=16_000_000_000)
    return sentences(msgspec.structs.replace(found, rows=tuple(made), machine=machine))


def test_where_exact_search_stops_is_what_was_measured(out: Path) -> None:
    ours = [(10_000, "embedded", 2.0, 1.0), (1_000_000, "embedded", 200.0, 1.0)]
    said = told(out, *ours, (1_000_000, "engine", 5.0, 0.995))
    assert "passes 20 ms at one client at about 100,000 embeddings" in said[0]
    assert "1,000 bytes for each embedding" in said[1]
    assert "beyond 16,000,000" in said[1]
    assert "Milvus, HNSW 5.00 ms with recall 0.995" in said[2]
    assert said[3].startswith("From there on, move to the engine")
    accepted = told(out, *ours, (1_000_000, "engine", 5.0, 0.95))
    assert "passes over 5.0%" in accepted[3]
    slow = told(out, *ours, (1_000_000, "engine", 50.0, 0.995))
    assert "on several machines" in slow[3]
    assert "not measured" in told(out, *ours, (1_000_000, "faiss-flat", 30.0, 1.0))[3]
    assert told(out, *ours)[2] == "Nothing else was measured at 1,000,000."


def test_exact_search_that_is_quick_enough_is_enough(out: Path) -> None:
    said = told(out, (10_000, "embedded", 2.0, 1.0), (10_000, "engine", 3.0, 1.0))
    assert said[0].startswith("Up to 10,000 embeddings, the most that were measured")
    assert len(said) == 3
    shared = told(out, (10_000, "embedded", 2.0, 1.0), others=0.5)
    assert "shared: others took up to 50%" in shared[0]
    assert shared[1] == said[0]


def test_the_page_is_made_of_the_figures() -> None:
    published = PUBLISHED / "growth.json"
    found = results.read(published)
    assert (PUBLISHED / "growth.md").read_text() == markdown(found)
    assert between(PAGE, BEGIN).strip() == verdict(found).strip()
    assert {row.kind for row in found.rows} >= {"embedded", "engine", "faiss-flat", "faiss-hnsw"}
