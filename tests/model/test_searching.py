"""`python -m model search`: the ranking of the API, as a table, as JSON and as a page."""

import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from model.bundle import open_bundle
from tests.conftest import ROOT


def run(*options: str, bundle: Path, status: int = 0) -> str:
    command = [sys.executable, "-m", "model", "search", *options, "--bundle", str(bundle)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if status == 0 else done.stderr


def of_the_api(bundle: Path, photos: list[Path], query: str) -> list[dict[str, Any]]:
    client = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
    files = [(io.BytesIO(photo.read_bytes()), photo.name) for photo in photos]
    response = client.post(f"/api/v1/search?{query}", data={"image": files})
    found: list[dict[str, Any]] = json.loads(response.data)["matches"]
    return found


def test_it_finds_what_the_api_finds(bundle: Path, drawn: Path) -> None:
    photos = [drawn / "arch" / "00.jpg", drawn / "truss" / "01.jpg"]
    gallery = open_bundle(bundle).gallery
    more, less = gallery.record(10).id, gallery.record(20).id
    asked = ["--region", "20,30,300,200", "--mirror", "--turn", "90", "--more", more]
    told = run(*map(str, photos), *asked, "--less", less, "--limit", "9", "--json", bundle=bundle)
    each = "region=20,30,300,200&mirror=1&turn=90"
    wanted = of_the_api(bundle, photos, f"{each}&{each}&more={more}&less={less}&limit=9")
    found = json.loads(told)
    assert found["searched"] == 24
    for match, of_api in zip(found["matches"], wanted, strict=True):
        assert (match["rank"], match["id"]) == (of_api["rank"], of_api["id"])
        assert match["title"] == of_api["title"]
        for name in ("distance", "similarity", "score"):
            assert match[name] == pytest.approx(of_api[name], abs=1e-6)


class Images(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "link"}
        if tag == "img":
            self.sources.append(dict(attrs)["src"] or "")


def test_a_table_is_printed_and_a_page_that_needs_nothing_else_is_written(
    bundle: Path, drawn: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.html"
    told = run(str(drawn / "arch" / "00.jpg"), "--limit", "5", "--open", str(sheet), bundle=bundle)
    lines = told.splitlines()
    assert len(lines) == 6
    assert re.fullmatch(r" +1 +1\.000  [0-9a-f]{12}  Arch, 00 \(arch/00\.jpg\)", lines[1])
    page = sheet.read_text(encoding="utf-8")
    sources = Images(page).sources
    assert len(sources) == 6
    assert all(source.startswith("data:image/") for source in sources)
    assert "arch/00.jpg" in page


@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        (["nowhere.jpg"], 1, "No such file"),
        (["README.md"], 1, "README.md: This is not a picture"),
        (["PHOTO", "--more", "0123456789ab"], 1, "No picture of the gallery has the id"),
        (["PHOTO", "--region", "9999,0,5,5"], 1, "480 pixels wide and 320 high"),
        (["PHOTO"] * 9, 1, "8 pictures at most"),
        (["PHOTO", "--region", "1,2,3"], 2, "four whole numbers"),
        (["PHOTO", "--turn", "45"], 2, "invalid choice"),
        (["PHOTO", "--limit", "0"], 2, "a whole number from 1 to 1000"),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(
    bundle: Path, drawn: Path, options: list[str], status: int, told: str
) -> None:
    photo = str(drawn / "arch" / "00.jpg")
    given = [photo if option == "PHOTO" else option for option in options]
    assert told in run(*given, bundle=bundle, status=status)
