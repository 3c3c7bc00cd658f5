"""Writes a report wherever it is shown."""

from pathlib import Path
from typing import Final

import msgspec

from benchmarks.marks import replace
from benchmarks.quality import chart, redrawn, tables
from benchmarks.quality.report import Report, compared, photographs, with_reasons
from benchmarks.worker import ROOT
from model.evaluation.command import measures
from model.evaluation.labelled import Labelled
from model.publishing import publish_quality

FIGURES: Final = ROOT / "docs" / "figures"
REASONS: Final = FIGURES / "worst.json"
SUMMARY: Final = "<!-- make evaluate -->"
GALLERY: Final = "<!-- make evaluate: gallery by {label} -->"


def publish(report: Report, bundle: Path) -> Report:
    """Write figures, pages and the bundle's model card; return the report with its reasons."""
    report = msgspec.structs.replace(report, worst=with_reasons(report.worst, reasons()))
    FIGURES.mkdir(parents=True, exist_ok=True)
    figures = msgspec.json.format(msgspec.json.encode(report), indent=2)
    (FIGURES / "quality.json").write_bytes(figures + b"\n")
    (FIGURES / "quality.md").write_text(tables.markdown(report), encoding="utf-8")
    if report.shortened:
        (FIGURES / "dimensions.svg").write_text(chart.draw(report.shortened), encoding="utf-8")
    redrawn.draw(bundle, FIGURES / "reconstructions.webp")
    replace(ROOT / "README.md", SUMMARY, tables.summary(report))
    _write_gallery(report)
    _write_card(report, bundle)
    return report


def read() -> Report:
    """Return the report that was published last."""
    return msgspec.json.decode((FIGURES / "quality.json").read_bytes(), type=Report)


def reasons() -> dict[str, str]:
    """Return why queries went badly, by file name, as somebody saw it."""
    if not REASONS.is_file():
        return {}
    return msgspec.json.decode(REASONS.read_bytes(), type=dict[str, str])


def _write_gallery(report: Report) -> None:
    page = ROOT / "gallery" / "README.md"
    for each in report.sets:
        if each.label and each.name == Labelled(ROOT / "gallery", each.label).name:
            replace(page, GALLERY.format(label=each.label), tables.of_gallery(each))


def _write_card(report: Report, bundle: Path) -> None:
    told: dict[str, float] = {}
    for each in report.sets:
        told |= measures(each.name, each)
    publish_quality(bundle, told, compared(report, photographs(report)), report.worst)
