"""`python -m benchmarks.billion` computes what a calculator does, and docs/scaling.md says it."""

from pathlib import Path

import msgspec
import pytest

from benchmarks.billion.__main__ import BEGIN, FIGURES, PAGE, main
from benchmarks.billion.arithmetic import Assumed
from benchmarks.billion.tables import markdown
from benchmarks.growth import results
from benchmarks.growth.results import Figures, Growth, Latency, Rate, Row
from benchmarks.machine import describe
from benchmarks.marks import between


def row(size: int, kind: str, memory: float, processor: float) -> Row:
    figures = Figures(
        build=size / 1000, disk=0, memory=int(memory) + 7, mapped=7, recall=1, rate=1,
        alone=Latency(1, 1), together=Latency(1, 1), processor=processor, effort=None, others=0,
    )  # fmt: skip
    return Row(size=size, kind=kind, when="", commit="", figures=figures)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with round figures."""
    path = tmp_path_factory.mktemp("billion") / "growth.json"
    found = Growth(
        format=1, clients=16, dimensions=256, spectrum="made up", pictures=10,
        machine=msgspec.structs.replace(describe(), cores=2),
        stored={"embeddings": 1024, "thumbnails": 10_000, "thumbnails-2": 1_500, "linked": 500,
                "records": 1_000, "map": 164, "minis": 500, "sketch": 300},
        encoding=Rate(50.0, 2, "benchmarks.json"),
        serving=Rate(200.0, 2, "benchmarks.json"),
        rows=(
            row(10_000, "engine", 900e6, 1.0),  # too few to tell anything
            # 2,000 bytes more for each.
            row(100_000, "engine", 600e6, 1.0),
            row(1_000_000, "engine", 2_400e6, 10.0),
            # 264 more; processor time grows with the root.
            row(100_000, "faiss-sq8", 60e6, 1.0),
            row(1_000_000, "faiss-sq8", 297.6e6, 10**0.5),
            row(10_000, "faiss-hnsw", 60e6, 1.0),
            row(1_000_000, "faiss-pq", 80e6, 4.0),
        ),
    )  # fmt: skip
    results.write(path, found)
    return path


def printed(figures: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[list[str]]:
    """Return the cells of all tables."""
    assert main(["--figures", str(figures), *options]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line[:1] == "|"]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


MACHINE = ["--memory", "62.5", "--share", "0.8", "--cores", "10"]
PRICES = ["--core-hour", "0.1", "--memory-hour", "0.016", "--disk-month", "0.1"]


def test_storing(figures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {cells[0]: cells[1:] for cells in printed(figures, capsys, *MACHINE, *PRICES)[:10]}
    # A picture takes 0.04 s of a core.
    assert found["encoding, core-hours"][:4] == ["11.1", "111", "1,111", "11,111"]
    assert found["on one machine, days"][3] == "46.3"
    assert found["embeddings, GB"][:4] == ["1.02", "10.2", "102", "1,024"]
    assert found["thumbnails, GB"][3] == "12,000"
    assert found["records, GB"][3] == "1,000"
    assert found["map, copies, cells, GB"][3] == "664"
    assert found["disk, $ a month"][3] == "1,469"  # of 14,688 GB
    # 10 ms of a core each; ten of them cost $2 an hour.
    assert found["servers, $ a million searches"][:4] == ["0.556"] * 4
    assert "50.0 pictures/s on 2 cores" in found["encoding, core-hours"][4]
    assert "10 pictures" in found["records, GB"][4]


def ways(
    figures: Path, capsys: pytest.CaptureFixture[str], *options: str
) -> list[dict[str, list[str]]]:
    """Return the lines of the tables after the first."""
    cells = printed(figures, capsys, *options)
    starts = [place for place, line in enumerate(cells) if line[0] == "pictures"][1:]
    ends = [*starts[1:], len(cells)]
    return [
        {line[0]: line[1:] for line in cells[start:end]}
        for start, end in zip(starts, ends, strict=True)
    ]


def test_the_engine(figures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = ways(figures, capsys, *MACHINE, *PRICES)[0]
    assert found["memory, GB"][:4] == ["2.00", "20.0", "200", "2,000"]
    assert found["machines"][:4] == ["1", "1", "4", "40"]  # 50 GB of each are used
    assert found["pictures of each, millions"][:4] == ["1.00", "10.0", "25.0", "25.0"]
    # 1 s of two cores for 1,000.
    assert found["building, core-hours"][2] == "55.6"
    assert found["a query, ms of a core"][:4] == ["10.0", "100", "1,000", "10,000"]
    assert found["queries/s at the most"][2:4] == ["40.0", "40.0"]
    # 4 machines of $2 an hour, for 25,000 s.
    assert found["$ a million queries"][2] == "55.6"
    assert found["$ a month"][2] == "5,840"
    assert "measured at 100,000 and 1,000,000: 2,000 bytes each" in found["memory, GB"]
    assert "assumed to grow with it" in found["a query, ms of a core"][4]


def test_a_way_whose_growth_was_measured(figures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = ways(figures, capsys, *MACHINE, *PRICES)[1]
    assert found["memory, GB"][:4] == ["0.264", "2.64", "26.4", "264"]
    assert found["machines"][:4] == ["1", "1", "1", "6"]
    # The root of 1, 10 and 100; of 166.7 on each of six.
    assert found["a query, ms of a core"][:4] == ["3.16", "10.0", "31.6", "245"]
    assert found["queries/s at the most"][:4] == ["3,162", "1,000", "316", "245"]
    # $2 an hour for 3,162 s; six times as much for 4,082 s.
    assert found["$ a million queries"][2:4] == ["1.76", "13.6"]
    assert "power 0.50" in found["a query, ms of a core"][4]


def test_a_way_that_was_measured_once(figures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = ways(figures, capsys, *MACHINE, *PRICES)[2]
    assert found["memory, GB"][3] == "80.0"
    assert found["a query, ms of a core"][:4] == ["4.00", "40.0", "400", "4,000"]
    assert "assumed to grow with it" in found["a query, ms of a core"][4]
    assert found["reads/s of each disk"][0] == "2,560,000"  # 1,024 for each of 2,500 queries


def test_what_was_not_measured_is_said(figures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--figures", str(figures)]) == 0
    told = capsys.readouterr().out
    assert told.count("** Not measured at 100,000 or more.") == 1
    assert "$0.04 an hour" in told


def test_figures_that_are_none_are_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "figures.json").write_text("{}")
    assert main(["--figures", str(tmp_path / "figures.json")]) == 1
    assert "is not what benchmarks.growth writes" in capsys.readouterr().err
    assert main(["--figures", str(tmp_path / "none.json")]) == 1
    assert "No such file" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["--cores", "0"])


def test_the_plan_is_that_of_the_published_figures() -> None:
    plan = markdown(results.read(FIGURES), Assumed())
    assert between(PAGE, BEGIN).strip() == plan.strip()
