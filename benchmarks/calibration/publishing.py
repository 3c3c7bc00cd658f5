"""Writes a report wherever it is shown."""

import msgspec

from benchmarks.calibration import chart, tables
from benchmarks.calibration.report import Report
from benchmarks.marks import replace
from benchmarks.quality.publishing import FIGURES
from benchmarks.worker import ROOT

README_MARK = "<!-- benchmarks.calibration -->"
_JSON = "calibration.json"


def publish(report: Report) -> None:
    """Write figures, page, chart and the sentence of README.md."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    figures = msgspec.json.format(msgspec.json.encode(report), indent=2)
    (FIGURES / _JSON).write_bytes(figures + b"\n")
    (FIGURES / "calibration.md").write_text(tables.markdown(report), encoding="utf-8")
    (FIGURES / tables.CHART).write_text(chart.draw(report.rates), encoding="utf-8")
    replace(ROOT / "README.md", README_MARK, tables.summary(report))


def read() -> Report:
    """Return the report that was published last."""
    return msgspec.json.decode((FIGURES / _JSON).read_bytes(), type=Report)


def measures(report: Report) -> dict[str, float]:
    """Return what the model card tells of it, by name."""
    wrong, right = (tables.pooled(report.rates, right=right) for right in (False, True))
    return {
        "nothing wrongly": wrong.said,
        "nothing wrongly_of": float(wrong.count),
        "nothing rightly": right.said,
        "nothing rightly_of": float(right.count),
    }
