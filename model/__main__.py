"""The command line: python -m model VERB.

Exit status: 0 done, 1 could not be done, 2 wrong use, 3 done but some files failed.
"""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Final

from model import moving, reviewing, search_options, searching
from model.bundle import generation, open_bundle
from model.collection import command as collection
from model.command import DONE, SOME_FAILED, CommandError, run
from model.doctor import command as doctor
from model.entries import SECONDS
from model.evaluation import command as evaluation
from model.indexing import Failures, Outcome, index_pictures, on_cluster, timed
from model.mapping import command as mapping
from model.origins import Folder, Origin, origin_of
from model.pool import encoded_here
from model.publishing import adopt_model
from model.ranking import IndexUnavailable
from model.ranking.opening import EMBEDDED, follow
from model.training import commands as training
from model.training.measured import teacher_methods
from model.training.teacher import TEACHER


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit status."""
    options = _parser().parse_args(arguments)
    return run(options.verb, lambda: options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    training.add_arguments(verbs)
    _add_index(verbs.add_parser("index", help="make a bundle's index equal to a folder"))
    _add_search(verbs.add_parser("search", help="find what looks like a picture"))
    mapping.add_arguments(verbs.add_parser("map", help="lay the gallery out on its map anew"))
    _add_evaluate(verbs.add_parser("evaluate", help="measure retrieval on a labelled folder"))
    reviewing.add_arguments(verbs.add_parser("duplicates", help="list the copies in a gallery"))
    collection.add_export_arguments(
        verbs.add_parser("export-gallery", help="write records, embeddings and thumbnails as files")
    )
    collection.add_import_arguments(
        verbs.add_parser("import-gallery", help="make a bundle's index from such files")
    )
    moving.add_arguments(verbs.add_parser("move", help="copy a collection into Milvus, or back"))
    doctor.add_arguments(verbs.add_parser("doctor", help="check everything that a server needs"))
    return parser


def _add_index(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Encode the pictures of a folder into the bundle's index. Titles, credits, dates and tags "
        "come from a records.json or records.csv, from sidecars (XMP, JSON) and from what the "
        "pictures carry (XMP, IPTC, EXIF); the first of these that says anything wins."
    )
    parser.add_argument(
        "folder",
        help="the pictures, in any tree of folders; or s3://BUCKET/PREFIX in an object store "
        "(needs requirements-objects.txt)",
    )
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to index into")
    parser.add_argument("--model", type=Path, help="take the model from this bundle first")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=int, help="processes (default: one per core)")
    where.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="encode on the workers of a Dask scheduler instead, such as tcp://10.0.0.1:8786 "
        "(needs requirements-cluster.txt)",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        help="leave a picture out that takes longer to decode (default: %(default)g)",
    )
    parser.add_argument(
        "--watch", action="store_true", help="go on, and index again whenever the folder changes"
    )
    parser.add_argument(
        "--link",
        action="store_true",
        help="show small WebPs from the folder, which must stay, instead of copying them",
    )
    parser.add_argument(
        "--move-to",
        metavar="INDEX",
        default=EMBEDDED,
        help="then take what changed over into this collection, as `move` does: "
        "milvus://host:port/name",
    )
    parser.set_defaults(run=index)


def index(options: argparse.Namespace) -> int:
    """Make the index equal to the folder, or the object store, and say what changed."""
    origin = _origin(options)
    if options.model is not None:
        adopt_model(options.bundle, options.model)
    if isinstance(origin, Folder) and options.watch:
        return _watch(origin, options)
    outcome = _indexed(origin, options)
    print(_summary(outcome, options.bundle))
    return SOME_FAILED if outcome.failed else DONE


def _origin(options: argparse.Namespace) -> Origin:
    """Return where the pictures lie. Raises CommandError for what only a folder can do."""
    origin = origin_of(options.folder)
    for option, why in _FOLDERS_ONLY.items():
        if getattr(options, option) and not isinstance(origin, Folder):
            raise CommandError(f"--{option} is for folders: {why}")
    return origin


_FOLDERS_ONLY: Final = {
    "watch": "an object store does not tell of changes. Let a timer run the command without it.",
    "link": "a gallery shows nothing from an object store. Without it, thumbnails are made.",
}


def _indexed(
    origin: Origin, options: argparse.Namespace, before: Failures | None = None
) -> Outcome:
    bundle = options.bundle
    how = on_cluster(options.cluster) if options.cluster else partial(encoded_here, options.jobs)
    jobs = timed(how, options.seconds)
    outcome = index_pictures(origin, bundle, jobs=jobs, link=options.link, before=before)
    try:
        follow(options.move_to, open_bundle(bundle))
    except IndexUnavailable as error:
        raise CommandError(f"The bundle is indexed, and {error}") from error
    return outcome


def _watch(folder: Folder, options: argparse.Namespace) -> int:
    from model.watching import watch  # noqa: PLC0415 - only this needs watchdog

    def tell(outcome: Outcome) -> str:
        return f"{_summary(outcome, options.bundle)} Generation {generation(options.bundle)}."

    return watch(folder.path, options.bundle, partial(_indexed, folder, options), tell)


def _summary(outcome: Outcome, bundle: Path) -> str:
    counts = {
        "new or changed": outcome.indexed,
        "unchanged": outcome.unchanged,
        "moved": outcome.moved,
        "gone": outcome.removed,
        "the same as another": outcome.duplicates,
        "unreadable": len(outcome.failed),
    }
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    return f"{bundle}: {told}."


def _add_search(parser: argparse.ArgumentParser) -> None:
    search_options.add_arguments(parser)
    parser.set_defaults(run=searching.search)


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.description = evaluation.DESCRIPTION
    evaluation.add_arguments(parser, TEACHER)
    evaluation.add_output_arguments(parser)
    parser.set_defaults(run=lambda options: evaluation.evaluate(options, teacher_methods))


if __name__ == "__main__":
    sys.exit(main())
