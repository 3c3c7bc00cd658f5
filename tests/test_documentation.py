"""What the documentation says is what the code does."""

import re
import subprocess

from app import settings
from tests.conftest import ROOT

LINK = re.compile(r"\]\(([^)#:]+)\)")


def test_the_table_of_settings_is_the_one_in_the_code() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    assert text.endswith("\n\n" + settings.markdown())


def test_every_link_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "gallery" / "README.md"]
    links = [(page, link) for page in pages for link in LINK.findall(page.read_text())]
    assert len(links) > 10
    assert [f"{page}: {link}" for page, link in links if not (page.parent / link).exists()] == []


def test_every_file_that_architecture_names_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    names = re.findall(r"`((?:app|model|tests|templates|static|rendering)/[\w./-]+\.\w+)`", text)
    assert len(names) > 20
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_every_test_that_the_threat_model_names_exists() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) > 40
    assert text.count("::") == len(named)
    missing = [
        f"{path}::{name}" for path, name in named
        if f"\ndef {name}(" not in (ROOT / path).read_text()
    ]  # fmt: skip
    assert missing == []


def test_the_root_holds_what_is_documented_and_nothing_else() -> None:
    usual = {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "Dockerfile"}
    usual |= {"SECURITY.md", "compose.yaml", "pyproject.toml", "wsgi.py", "gunicorn.conf.py"}
    folders = {"app", "model", "templates", "static", "tests", "docs", "gallery", "rendering"}
    folders |= {"translations"}
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = {line.split("/")[0] for line in tracked.stdout.splitlines() if line[0] != "."}
    extra = {name for name in found - usual - folders if not name.startswith("requirements")}
    assert extra <= {"benchmarks"}
    assert usual | folders <= found
