"""No page says anything that no translator could translate, data apart."""

import base64
import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import nodes
from werkzeug.datastructures import MultiDict

from app import create_app, languages
from model.assembling import IndexingError
from model.bundle import open_bundle
from model.edited_folder import Unavailable
from model.indexing import index_folder
from model.locking import Busy as Locked
from model.publishing import adopt_model
from model.ranking.collection import EngineError
from tests import copying
from tests.app.changing import TOKEN
from tests.app.conftest import ROOT
from tests.app.reading import AROUND, NAMES, Reader, raw_texts, read

# Esperanto: a language that Babel knows, and this program does not speak.
TAG = "eo"


class Site(NamedTuple):
    """A gallery in brackets, and all that its records tell."""

    client: FlaskClient
    ids: list[str]
    data: set[str]

    def read(self, response: Any, status: int) -> Reader:
        assert response.status_code == status, response.text
        assert response.headers["Content-Language"] == TAG
        return read(response.text, self.data)


@pytest.fixture(scope="session")
def bracketed(extracted: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of translations into brackets."""
    folder = tmp_path_factory.mktemp("brackets")
    path = folder / TAG / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    catalog = Catalog(locale=TAG)
    for message in extracted:
        if message.id:
            own = message.id
            told = f"⟦{own}⟧" if isinstance(own, str) else tuple(f"⟦{each}⟧" for each in own)
            catalog.add(own, told, context=message.context)
    with path.open("wb") as file:
        write_po(file, catalog)
    return folder


def opened(bundle: Path, bracketed: Path, **settings: object) -> Site:
    app = create_app({"TESTING": True, "BUNDLE": str(bundle), **settings})
    app.extensions["languages"] = languages.read(bracketed)
    client = app.test_client()
    client.set_cookie("language", TAG)
    held = open_bundle(bundle)
    gallery, manifest = held.gallery, held.manifest
    records = gallery.page(0, 2000)
    # What a bundle holds is not the interface's, and so is shown as it is.
    data = {manifest.model.recipe, manifest.gallery.title if manifest.gallery else ""}
    data |= {word for record in records for word in told(record)}
    data |= {word for words in gallery.facets.words.values() for word in words}
    return Site(client, [record.id for record in records], data)


def told(record: Any) -> Iterator[str]:
    yield from (record.title, record.alt, record.credit, record.licence, record.source)
    yield from (record.format, *record.tags, *record.details)
    yield from map(str, record.details.values())
    if record.date:
        yield format_date(datetime.fromisoformat(record.date), "long", locale=TAG)


@pytest.fixture(scope="module")
def site(told_bundle: Path, bracketed: Path) -> Site:
    return opened(told_bundle, bracketed)


@pytest.fixture(scope="module")
def shipping(shipped: Path, bracketed: Path) -> Site:
    return opened(shipped, bracketed)


GOOD = (
    "/", "/browse", "/browse?tag=arch", "/browse?where=mood:calm&tag=arch&tag=even&per_group=1",
    "/browse?from=2019-04&to=2020", "/browse?from=2019", "/browse?to=2019-06-01",
    "/browse?tag=arch&from=2024", "/about", "/api", "/map", "/map?x=0.2&y=0.3&z=1&view=list",
    "/map?at=ID", "/map?near=ID,OTHER", "/images/ID", "/images/ID/similar",
    "/images/ID/similar?more=OTHER&less=THIRD", "/images/ID/similar?tag=odd&from=2024",
    "/images/ID/similar?x=9&y=9&width=99&height=60&turn=90",
    "/compare/ID/OTHER?x=9&y=9&width=99&height=60&mirror=1",
    "/compare/ID/OTHER", "/duplicates",
)  # fmt: skip
BAD = {
    "/nothing": 404, "/images/0123456789ab": 404, "/browse?tag=x": 404, "/browse?page=99": 404,
    "/browse?where=x:y": 422, "/browse?where=mood:x": 422, "/browse?from=x": 422,
    "/search?q=x": 422, "/search?q=AAAAAAAAAAAA": 410, "/map/x/0/0/0.webp": 404,
    "/images/ID/similar?more=0123456789ab": 404, "/language": 405,
    "/images/ID/similar?x=1": 422, "/images/ID/similar?turn=1": 422,
}  # fmt: skip


def filled(path: str, site: Site) -> str:
    for name, identifier in zip(("ID", "OTHER", "THIRD"), site.ids, strict=False):
        path = path.replace(name, identifier)
    return path


@pytest.mark.parametrize("path", GOOD)
def test_every_page_is_translated(site: Site, path: str) -> None:
    page = site.read(site.client.get(filled(path, site), follow_redirects=True), 200)
    assert page.untranslated == []
    assert page.translated > 20


@pytest.mark.parametrize("path", ["/", "/about", "/browse?where=light:night", "/map", "/images/ID"])
def test_so_is_the_gallery_that_ships(shipping: Site, path: str) -> None:
    page = shipping.read(shipping.client.get(filled(path, shipping)), 200)
    assert page.untranslated == []


@pytest.mark.parametrize("path", BAD)
def test_every_failure_is_translated(site: Site, path: str) -> None:
    page = site.read(site.client.get(filled(path, site)), BAD[path])
    assert page.untranslated == []


def post(site: Site, path: str, *pictures: bytes, **fields: str) -> Any:
    sent: MultiDict[str, Any] = MultiDict(
        [("image", (io.BytesIO(each), "a.jpg")) for each in pictures]
    )
    for name, value in fields.items():
        sent.add(name, value)
    return site.client.post(filled(path, site), data=sent, content_type="multipart/form-data")


def test_what_is_sent_is_answered_in_the_language(
    site: Site, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = base64.b64encode(photo).decode()
    part = {"x": "10", "y": "10", "width": "200", "height": "100"}
    sent: list[tuple[str, Sequence[bytes], dict[str, str], int]] = [
        ("/", [photo], {}, 200),
        ("/", [photo, photo], {}, 200),
        ("/", [], {"held": held, "turn": "90", "mirror": "1", **part}, 200),
        ("/", [], {"held": held, "turn": "90"}, 200),
        ("/", [photo], {"more": site.ids[0], "less": site.ids[1], "tag": "arch"}, 200),
        ("/compare/ID", [photo], {}, 200),
        ("/", [], {}, 400),
        ("/", [b"nonsense"], {}, 415),
        ("/", [photo[: len(photo) // 2]], {}, 422),
        ("/", [photo] * 9, {}, 422),
        ("/", [], {"held": "!"}, 422),
        ("/", [], {"held": held, "turn": "45"}, 422),
        ("/", [], {"held": held, "x": "1"}, 422),
        ("/", [], {"held": held, **part, "x": "9999"}, 422),
        ("/language", [], {"language": "xx"}, 422),
    ]
    for path, pictures, fields, status in sent:
        assert site.read(post(site, path, *pictures, **fields), status).untranslated == []
    monkeypatch.setattr("model.search._is_nothing", lambda *_: True)
    assert site.read(post(site, "/", photo), 200).untranslated == []


def test_so_is_what_is_too_large_or_too_much(
    told_bundle: Path, bracketed: Path, photo: bytes
) -> None:
    site = opened(told_bundle, bracketed, PIXELS=1000, FORM_PARTS=3, RESULTS=5, BROWSE=5)
    assert site.read(post(site, "/", photo), 413).untranslated == []
    assert site.read(post(site, "/", a="1", b="2", c="3", d="4"), 413).untranslated == []
    for path in ("/browse?page=2", "/images/ID/similar?page=2", "/map?z=1", "/map?z=0"):
        assert site.read(site.client.get(filled(path, site)), 200).untranslated == []


def test_so_are_the_forms_that_change_the_gallery(
    told_bundle: Path, bracketed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = opened(told_bundle, bracketed, TOKEN=TOKEN)
    for path in (
        "/upload", "/upload?done=added&id=ID&id=OTHER", "/images/ID/edit", "/browse?done=removed",
        "/images/ID?done=added", "/images/ID?done=there", "/images/ID?done=changed", "/api",
    ):  # fmt: skip
        assert site.read(site.client.get(filled(path, site)), 200).untranslated == [], path
    wrong: list[tuple[str, int, dict[str, str]]] = [
        ("/upload", 401, {}),
        ("/upload", 401, {"token": "wrong"}),
        ("/upload", 400, {"token": TOKEN}),
        ("/images/ID/edit", 422, {"token": TOKEN, "do": "remove"}),
        ("/images/ID/edit", 422, {"token": TOKEN, "title": "x" * 201}),
        ("/images/ID/edit", 422, {"token": TOKEN, "date": "x"}),
        ("/images/ID/edit", 422, {"token": TOKEN, "tags": ",".join(map(str, range(101)))}),
        ("/images/ID/edit", 409, {"token": TOKEN, "do": "remove", "sure": "1"}),
    ]
    for path, status, fields in wrong:
        assert site.read(post(site, path, **fields), status).untranslated == [], fields
    many = post(site, "/upload", *[b"x"] * 101, token=TOKEN)
    assert site.read(many, 422).untranslated == []
    for error in (Locked("x"), Unavailable("x"), IndexingError("x"), EngineError("x")):

        def failing(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr("model.editing.tell", failing)
        answer = post(site, "/images/ID/edit", token=TOKEN, title="x")
        assert site.read(answer, 503).untranslated == []


def test_so_are_copies(tmp_path: Path, shipped: Path, bracketed: Path) -> None:
    folder = copying.fill(tmp_path / "pictures")
    adopt_model(tmp_path / "bundle", shipped)
    index_folder(folder, tmp_path / "bundle", jobs=1)
    site = opened(tmp_path / "bundle", bracketed)
    for path in ("/duplicates", "/browse", "/images/ID"):
        page = site.read(site.client.get(filled(path, site)), 200)
        assert page.untranslated == []


@pytest.mark.parametrize("path", sorted((ROOT / "templates").glob("*.html")), ids=lambda p: p.name)
def test_no_template_says_anything_by_itself(app: Flask, path: Path) -> None:
    """Also in the branches that no test takes."""
    source = re.sub("{% block kind %}.*?{% endblock %}", "", path.read_text())  # a class
    parsed = app.jinja_env.parse(source)
    markup = "".join(
        each.data if isinstance(each, nodes.TemplateData) else "\N{OBJECT REPLACEMENT CHARACTER}"
        for output in parsed.find_all(nodes.Output)
        for each in output.nodes
    )
    said = (text.strip(AROUND) for text in raw_texts(markup))
    own = [text for text in said if any(map(str.isalpha, text)) and text not in NAMES | {"P@"}]
    assert own == [], path.name


def test_what_is_not_translated_is_seen() -> None:
    source = '<p title="Hello">⟦Page <b>1 of 2</b>⟧ and more <code>x</code></p><p>A title, 3 ms</p>'
    assert read(source, {"A title"}).untranslated == ["Hello", " and more "]
    assert list(raw_texts('<p title="Hello">a <code>x</code></p>')) == ["Hello", "", "a ", ""]


def sentences(script: str) -> list[str]:
    """Return the texts of a script that begin and end as sentences do."""
    code = re.sub(r"^\s*//.*$", "", script, flags=re.MULTILINE)
    texts = [one or other for one, other in re.findall(r'"([^"\n]*)"|`([^`]*)`', code)]
    return [text for text in texts if re.fullmatch(r"[A-Z].*[a-z].*[.\u2026?!]", text)]


def test_no_script_says_anything_by_itself() -> None:
    """What scripts say comes with the page, in attributes."""
    assert sentences('tell("Searching\u2026", `Page ${number} is here.`)') != []
    for path in (ROOT / "static").glob("*.js"):
        assert sentences(path.read_text()) == [], path.name
