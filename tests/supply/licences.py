"""Lists the licences of a bill of materials: `python -m tests.supply.licences sbom.cdx.json`.

The status is 1 when one is not among those that this project may use.
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

# SPDX identifiers. All of these allow use and passing on, if the text goes along.
_PERMISSIVE: Final = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0",
    "MIT-CMU", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
}  # fmt: skip
# These ask that changes of their own files, or of the library, stay open. Nothing of it is changed
# here, and libvips is a library of its own, which may be replaced.
_OPEN_FILES: Final = {"MPL-2.0", "LGPL-3.0-or-later"}
ALLOWED: Final = _PERMISSIVE | _OPEN_FILES
# How packages without an SPDX identifier name theirs.
_NAMES: Final = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# Says only that there is one, which stands beside it.
_NO_NAME: Final = "License :: OSI Approved"
# Packages whose licence stands in a file, and not in what they tell of themselves: read there.
_READ: Final = {
    "atheris": "Apache-2.0",
    "keras": "Apache-2.0",
    "namex": "Apache-2.0",
    "partd": "BSD-3-Clause",
    "protobuf": "BSD-3-Clause",
}
_OPERATORS: Final = {"AND", "OR", "WITH"}


def main(arguments: Iterable[str] = ()) -> int:
    """List them; return the exit status."""
    (path,) = map(Path, arguments or sys.argv[1:])
    bad = 0
    for component in sorted(components(path), key=lambda each: str(each["name"]).lower()):
        licences = of(component)
        wrong = not licences or not licences <= ALLOWED
        told = f"{component['name']} {component['version']}: {', '.join(sorted(licences)) or '?'}"
        print(f"{told} - not allowed" if wrong else told)
        bad += wrong
    return 1 if bad else 0


def components(bill: Path) -> list[dict[str, Any]]:
    """Return the packages of a bill of materials (CycloneDX, JSON)."""
    found: list[dict[str, Any]] = json.loads(bill.read_text(encoding="utf-8"))["components"]
    return found


def of(component: dict[str, Any]) -> set[str]:
    """Return every licence that a package names, whether it asks for all of them or lets choose."""
    told = [_text(each) for each in component.get("licenses", [])]
    found = {_NAMES.get(text, text) for text in told if text != _NO_NAME}
    if not found:
        return {_READ[component["name"]]} if component["name"] in _READ else set()
    return {word for text in found for word in _parts(text)}


def _parts(text: str) -> set[str]:
    """Return the identifiers of an SPDX expression; any other text is one."""
    if "::" in text:
        return {text}
    return set(re.findall(r"[\w.+-]+", text)) - _OPERATORS


def _text(licence: dict[str, Any]) -> str:
    one = licence.get("license", {})
    return str(licence.get("expression") or one.get("id") or one.get("name") or "")


if __name__ == "__main__":
    sys.exit(main())
