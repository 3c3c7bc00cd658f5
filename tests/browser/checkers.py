"""What checks pages: axe-core (accessibility) and vnu (HTML), from the npm registry.

package-lock.json pins them by hash. They are fetched once, into .venv/browser.
"""

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from tests.conftest import ROOT

_HERE: Final = Path(__file__).parent
_FETCHED: Final = ROOT / ".venv" / "browser"
_FILES: Final = ("package.json", "package-lock.json")


# Safari takes a list without marks for no list, unless its role says that it is one.
_MEANT: Final = re.compile("The “list” role is unnecessary for element “[uo]l”.")


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it is shown now, one sentence an element."""
    page.evaluate(_axe())
    found: list[dict[str, Any]] = page.evaluate("axe.run().then(found => found.violations)")
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def mistakes(sources: dict[str, str], folder: Path) -> list[str]:
    """Return what vnu finds wrong with pages, given by name; they are written into folder."""
    for name, source in sources.items():
        (folder / f"{name}.html").write_text(source, encoding="utf-8")
    jar = _fetched() / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = ["java", "-jar", str(jar), "--format", "json", "--exit-zero-always", str(folder)]
    if shutil.which("java") is None:
        pytest.fail("The HTML is checked with vnu, which needs Java: apt-get install default-jre")
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return [
        f"{Path(each['url']).stem}, line {each.get('lastLine')}: {each['message']}"
        for each in json.loads(done.stderr)["messages"]
        if not _MEANT.fullmatch(each["message"])
    ]


@cache
def _axe() -> str:
    return (_fetched() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@cache
def _fetched() -> Path:
    """Return the folder of the packages; fetch them where what the lock names is not there."""
    wanted = [(_HERE / name).read_bytes() for name in _FILES]
    ready = _FETCHED / "ready"
    if not ready.exists() or ready.read_bytes() != b"".join(wanted):
        _fetch()
        ready.write_bytes(b"".join(wanted))
    return _FETCHED / "node_modules"


def _fetch() -> None:
    if shutil.which("npm") is None:
        pytest.fail("The page checks come from the npm registry: apt-get install npm")
    _FETCHED.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        shutil.copyfile(_HERE / name, _FETCHED / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=_FETCHED, check=True, timeout=600, stdout=subprocess.DEVNULL)
