"""`python -m model search`: the ranking of the API, as a table, as JSON and as a page."""

import io
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app import create_app
from model.bundle import open_bundle
from tests.conftest import ROOT


def run(*options: str, bundle: Path, status: int = 0) -> str:
    command = [sys.executable, "-m", "model", "search", *options, "--bundle", str(bundle)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if status == 0 else done.stderr


def of_the_api(bundle: Path, photos: list[Path], asked: list[tuple[str, str]]) -> dict[str, Any]:
    client = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
    files = [(io.BytesIO(photo.read_bytes()), photo.name) for photo in photos]
    response = client.post("/api/v1/search", query_string=asked, data={"image": files})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.data)
    return found


def of_the_command(bundle: Path, photos: list[Path], asked: list[tuple[str, str]]) -> Any:
    options = [f"--{name}={value}" for name, value in asked if name != "per_group"]
    options += ["--per-group"] if ("per_group", "1") in asked else []
    return json.loads(run(*map(str, photos), *options, "--json", bundle=bundle))


NARROW = [("where", "mood:calm"), ("where", "mood:wild"), ("where", "colours seen:red")]


@pytest.mark.parametrize(
    ("count", "asked"),
    [
        (2, [("region", ""), ("region", "9,9,90,90"), ("mirror", "0"), ("mirror", "1")]),
        (1, [("region", "20,30,300,200"), ("turn", "90"), ("more", "10"), ("less", "20")]),
        (1, [("limit", "3"), ("offset", "2"), ("per_group", "1"), *NARROW]),
        (1, [("tag", "even"), ("tag", "arch"), ("from", "2019-02"), ("to", "2020")]),
    ],
)
def test_it_finds_what_the_api_finds(
    told_bundle: Path, drawn: Path, count: int, asked: list[tuple[str, str]]
) -> None:
    photos = [drawn / "arch" / "00.jpg", drawn / "truss" / "01.jpg"][:count]
    gallery = open_bundle(told_bundle).gallery
    asked = [
        (name, gallery.record(int(value)).id if name in {"more", "less"} else value)
        for name, value in asked
    ]
    told, wanted = (
        of_the_command(told_bundle, photos, asked),
        of_the_api(told_bundle, photos, asked),
    )
    for name in ("query", "pictures", "searched", "total", "nothing"):
        assert told[name] == wanted[name]
    assert told["matches"] != []
    same = told["matches"][0].keys() - {"path"}
    assert same >= {"rank", "id", "similarity", "score", "likeness", "chance", "copy", "title"}
    found = [{name: match[name] for name in same} for match in told["matches"]]
    assert found == [{name: match[name] for name in same} for match in wanted["matches"]]


def test_that_nothing_looks_like_a_picture_is_said(
    shipped: Path, drawn: Path, tmp_path: Path
) -> None:
    noise = np.random.default_rng(7).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    asked = [str(tmp_path / "noise.png"), "--limit", "3", "--open", str(tmp_path / "sheet.html")]
    told = run(*asked, bundle=shipped)
    assert told.startswith("Nothing here looks like your picture.")
    assert len(told.splitlines()) == 5
    assert "Nothing here looks like them" in (tmp_path / "sheet.html").read_text(encoding="utf-8")
    filtered = [str(drawn / "arch" / "00.jpg"), "--from", "1900", "--to", "1901"]
    assert "leave none" in run(*filtered, bundle=shipped)


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
    row = r" +1 +1\.000  this very picture  [0-9a-f]{12}  Arch, 00 \(arch/00\.jpg\)"
    assert re.fullmatch(row, lines[1])
    page = sheet.read_text(encoding="utf-8")
    sources = Images(page).sources
    assert len(sources) == 6
    assert all(source.startswith("data:image/") for source in sources)
    assert "arch/00.jpg" in page


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        (["nowhere.jpg"], 1, "No such file"),
        (["README.md"], 1, "README.md: This is not a picture"),
        (["docs"], 1, "search: docs is a folder: name pictures"),
        (["PHOTO", "--more", "0123456789ab"], 1, "The picture 0123456789ab, which was chosen"),
        (["PHOTO", "--region", "9999,0,5,5"], 1, "480 pixels wide and 320 high"),
        (["PHOTO", "--where", "colour:red"], 1, "These exist, each written name:word: "),
        (["PHOTO", "--where", "mood:sad"], 1, "has no “sad”. It has: "),
        (["PHOTO", "--tag", "cat"], 1, "carries the tag “cat”. It has: "),
        (["PHOTO"] * 9, 1, "8 pictures at most"),
        (["PHOTO", "--region", "1,2,3"], 2, "four whole numbers"),
        (["PHOTO", "--turn", "45"], 2, "invalid choice"),
        (["PHOTO", "--from", "May"], 2, "a day, a month or a year"),
        (["--mirror", "PHOTO"], 2, "pictures come before it"),
        (["PHOTO", "--offset", "-1"], 2, "a whole number from 0"),
        (["PHOTO", "--limit", "0"], 2, "a whole number from 1 to 1000"),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(
    told_bundle: Path, drawn: Path, options: list[str], status: int, sentence: str
) -> None:
    photo = str(drawn / "arch" / "00.jpg")
    given = [photo if option == "PHOTO" else option for option in options]
    assert sentence in run(*given, bundle=told_bundle, status=status)


def test_a_folder_is_no_picture_whatever_it_is_called(
    told_bundle: Path, drawn: Path, tmp_path: Path
) -> None:
    (tmp_path / "x.jpg").mkdir()
    shutil.copyfile(drawn / "arch" / "00.jpg", tmp_path / "x.jpg" / "00.jpg")
    photo = str(drawn / "arch" / "00.jpg")
    told = run(photo, f"{tmp_path / 'x.jpg'}/", bundle=told_bundle, status=1)
    assert told.startswith(f"search: {tmp_path / 'x.jpg'} is a folder: name pictures")
    assert len(told.splitlines()) == 1
