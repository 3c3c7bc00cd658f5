"""What Lighthouse says of home and of results: python -m benchmarks.lighthouse.

Performance is measured as Lighthouse does by default: a phone on slow 4G, simulated from what the
page does here. A busy machine lowers it. Needs npm (Node.js 18.20 or newer) and Chromium.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks.drawings import USUAL, jpeg
from benchmarks.servers import ours, running
from benchmarks.worker import ROOT

LEAST: Final = 0.95
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
_HERE: Final = Path(__file__).parent
_FETCHED: Final = ROOT / ".venv" / "lighthouse"
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table and what was found; return 1 where a score is too low."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lighthouse", description=__doc__)
    parser.add_argument("--bundle", type=Path, default=ROOT / "model" / "bundle")
    chosen = parser.parse_args(arguments)
    _fetch()
    with running(ours(chosen.bundle)) as server, tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        photo.write_bytes(jpeg(USUAL))
        home = f"http://127.0.0.1:{server.port}/"
        reports = {"home": _measured(home), "results": _measured(home, str(photo))}
    print("| page | " + " | ".join(CATEGORIES) + " |\n|---|" + "--:|" * len(CATEGORIES))
    for name, report in reports.items():
        print(f"| {name} | " + " | ".join(_hundredths(report, each) for each in CATEGORIES) + " |")
    for name, report in reports.items():
        print("".join(f"{name}: {found}\n" for found in report["found"]), end="")
    wanted = [report["scores"][each] for report in reports.values() for each in CATEGORIES[:3]]
    return 0 if min(wanted) >= LEAST else 1


def _hundredths(report: dict[str, Any], category: str) -> str:
    return f"{100 * report['scores'][category]:.0f}"


def _measured(*what: str) -> dict[str, Any]:
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        sys.exit("Lighthouse needs Chromium. On Debian: apt-get install chromium")
    command = ["node", str(_FETCHED / "measure.mjs"), browser, *what]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _fetch() -> None:
    """Fetch Lighthouse from the npm registry, as package-lock.json pins it, once."""
    if shutil.which("npm") is None:
        sys.exit("Lighthouse comes from the npm registry. On Debian: apt-get install npm")
    _FETCHED.mkdir(parents=True, exist_ok=True)
    lock = (_HERE / "package-lock.json").read_bytes()
    ready = _FETCHED / "ready"
    for name in ("package.json", "package-lock.json", "measure.mjs"):
        shutil.copyfile(_HERE / name, _FETCHED / name)
    if not ready.exists() or ready.read_bytes() != lock:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=_FETCHED, check=True, stdout=subprocess.DEVNULL)
        ready.write_bytes(lock)


if __name__ == "__main__":
    sys.exit(main())
