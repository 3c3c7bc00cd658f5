"""Asks whether anything that is installed here is known to be weak: `python -m tests.supply.audit`.

It asks OSV (osv.dev), which has the advisories of PyPI and GitHub, about every package of every
requirements file. The status is 1 when one is known to be weak, and 2 when one could not be asked
for: then nobody knows, and nothing is said to be well.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent.parent
_OSV: Final = "https://api.osv.dev/v1/query"
# --strict: without it a package that the service does not know counts as well.
_AUDIT: Final = (
    "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes", "--format=json",
    "--progress-spinner=off", "--vulnerability-service=osv",
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Ask, and tell; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.supply.audit", description=__doc__)
    parser.add_argument("--osv-url", default=_OSV, help="who is asked")
    parser.add_argument("files", nargs="*", type=Path, help="default: every requirements*.txt")
    chosen = parser.parse_args(arguments)
    files = chosen.files or sorted(ROOT.glob("requirements*.txt"))
    given = [word for path in files for word in ("--requirement", str(path))]
    done = subprocess.run(
        [sys.executable, *_AUDIT, f"--osv-url={chosen.osv_url}", *given],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        print(f"audit: {chosen.osv_url} could not be asked, so nothing is known: {last[:300]}")
        return 2
    return _told(found)


def _told(found: list[dict[str, Any]]) -> int:
    weak = [(each, known) for each in found for known in each["vulns"]]
    for package, known in weak:
        better = ", ".join(known["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {known['id']}, mended by {better}")
    print(f"audit: {len(found)} packages were asked for, {len(weak)} weaknesses are known.")
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main())
