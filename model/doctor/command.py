"""`python -m model doctor`: everything that a server needs, looked at one after another."""

import argparse
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from model.bundle import Bundle
from model.command import DONE, FAILED
from model.doctor import contents, machine, parts, serving
from model.doctor.finding import Finding, ok, wrong

DESCRIPTION: Final = (
    "Check everything that a server on this bundle needs: its settings, every file of the bundle "
    "to the last byte, what is in them, and what the machine has. Each line says what is ok, what "
    "is worth a note, or what is wrong, and how to mend it. Nothing is changed. The status is 1 if "
    "anything is wrong."
)
_ASK: Final = "if nothing explains it, ask the makers, with this line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.description = DESCRIPTION
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle that is served")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(run=doctor)


def doctor(options: argparse.Namespace) -> int:
    """Check all, print what was found, and return whether anything is wrong."""
    findings = []
    for finding in examined(options.bundle):
        findings.append(finding)
        if not options.json:
            print(finding, flush=True)
    healthy = all(finding.state != "wrong" for finding in findings)
    if options.json:
        told = {"ok": healthy, "findings": [finding._asdict() for finding in findings]}
        print(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
    return DONE if healthy else FAILED


def examined(folder: Path) -> Iterator[Finding]:
    """Yield what every check finds. What hangs on something that is wrong is not looked at."""
    told = serving.settings(folder)
    yield from told.findings
    bundle = yield from _bundle(folder)
    if bundle is not None:
        yield from _contents(bundle)
    yield from _guarded("decoders", machine.decoders)
    yield from _guarded("open files", machine.handles)
    yield from _guarded("temporary files", machine.temporary)
    if told.settings is not None:
        yield from _server(told.settings, bundle)


def _bundle(folder: Path) -> Generator[Finding, None, Bundle | None]:
    """Yield what is found of the files, and return the bundle if they are whole."""
    manifest = parts.readable(folder)
    if isinstance(manifest, Finding):
        yield manifest
        return None
    yield ok("manifest", f"format {manifest.format_version}, made {manifest.created}")
    files = list(parts.whole(folder, manifest))
    yield from files
    yield from _guarded("index runs", partial(parts.unfinished, folder))
    if any(finding.state == "wrong" for finding in files):
        return None
    found = parts.belonging(folder)
    yield found if isinstance(found, Finding) else parts.summary(found)
    return None if isinstance(found, Finding) else found


def _contents(bundle: Bundle) -> Iterator[Finding]:
    checks: dict[str, Callable[[Bundle], Finding | None]] = {
        "encoder": contents.encoder,
        "embeddings": contents.embeddings,
        "records": contents.records,
        "thumbnails": contents.thumbnails,
        "linked pictures": contents.linked,
        "calibration": contents.calibration,
        "map": contents.map_,
        "disk": parts.room,
    }
    for name, check in checks.items():
        yield from _guarded(name, partial(check, bundle))


def _server(settings: dict[str, Any], bundle: Bundle | None) -> Iterator[Finding]:
    yield from _guarded("memory", partial(machine.memory, settings))
    yield from _guarded("port", partial(serving.port, settings))
    if bundle is not None:
        yield from _guarded("index", partial(serving.index, settings["index"], bundle))


def _guarded(name: str, check: Callable[[], Finding | None]) -> Iterator[Finding]:
    """Yield what a check finds; one that breaks has found something, too."""
    try:
        found = check()
    except Exception as error:  # what is broken may break anything
        found = wrong(name, f"it could not be looked at ({type(error).__name__}: {error}).", _ASK)
    if found is not None:
        yield found
