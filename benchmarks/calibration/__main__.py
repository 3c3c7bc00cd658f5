"""Calibrate a bundle on photographs, and say how well it holds on others.

`python -m benchmarks.calibration PHOTOS` prints what it finds and puts the calibration into the
bundle; --publish also writes docs/figures/calibration.md and the sentence of README.md.
"""

import argparse
import datetime
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.calibration import measuring, publishing, tables
from benchmarks.calibration.fitting import fit
from benchmarks.calibration.report import Report, Word
from benchmarks.calibration.seeing import Seen, see
from model import command
from model.bundle import Bundle, open_bundle
from model.calibration import RARITIES, Calibration
from model.command import DONE
from model.encoder import Encoder
from model.publishing import publish_calibration
from model.ranking import Ranking


def main(arguments: list[str] | None = None) -> int:
    """Fit, measure, put into the bundle, print; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__)
    parser.add_argument("photos", type=Path, help="the collection: its folders are in kinds.py")
    parser.add_argument("--bundle", type=Path, default=Path("model/bundle"), help="what it is for")
    parser.add_argument("--publish", action="store_true", help="write it into docs and README.md")
    options = parser.parse_args(arguments)
    return command.run("calibration", lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    described = machine.describe()
    bundle = open_bundle(options.bundle)
    seen = see(options.photos, Encoder(bundle.path("encoder")))
    calibration = fit(seen, np.asarray(bundle.embeddings))
    report = _report(described, bundle, seen, calibration)
    with tempfile.TemporaryDirectory() as folder:
        calibration.save(Path(folder, "calibration"))
        publish_calibration(
            options.bundle, Path(folder, "calibration"), publishing.measures(report)
        )
    if options.publish:
        publishing.publish(report)
    print(tables.markdown(report))
    return DONE


def _report(
    described: machine.Machine, bundle: Bundle, seen: list[Seen], calibration: Calibration
) -> Report:
    gallery = np.asarray(bundle.embeddings)
    types = measuring.types_of(bundle.gallery)

    def words_of(types: measuring.Types) -> tuple[Word, ...]:
        rendered = measuring.words(gallery, types, calibration)
        return (*rendered, *measuring.words_of_photographs(seen, gallery, types, calibration))

    return Report(
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        machine=described,
        checkpoint=bundle.manifest.model.checkpoint_sha256,
        gallery=len(gallery),
        fitted={
            each.kind.name: len(each.embeddings)
            for each in seen
            if each.kind.use in ("general", "like")
        },
        rarities=RARITIES,
        distinct=calibration.distinct,
        least=calibration.least,
        rates=tuple(measuring.rates(seen, gallery, calibration)),
        telling=tuple(measuring.telling(seen, gallery, calibration)),
        curves=tuple(measuring.curves(seen, gallery, calibration)),
        words=() if types is None else words_of(types),
        cost=measuring.cost(Ranking(bundle.embeddings, bundle.sketch), calibration),
    )


if __name__ == "__main__":
    sys.exit(main())
