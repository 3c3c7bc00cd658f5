"""Pages speak the language that was chosen, or that the browser asks for; programs hear English."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from app import create_app, languages
from app.languages import LanguageError
from app.live import Snapshot
from app.vocabulary import of_records
from tests.app.conftest import ROOT
from tests.app.markup import Page
from tests.app.sending import MULTIPART, multipart

FOLDER = ROOT / "translations"
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, path.parent.parent.name)


def texts(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else [str(each) for each in text]  # type: ignore[attr-defined]


def marks(text: str) -> list[str]:
    """Return what a translation must repeat: names to fill in, and markup."""
    return sorted(re.findall(r"%\(\w+\)s|%%|\{\w+\}|<[^>]*>", text))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/LC_MESSAGES/*.po")), ids=str)
def test_every_text_is_translated_and_fits_its_page(extracted: Catalog, path: Path) -> None:
    catalog = read(path)
    wanted = {(message.context, str(message.id)) for message in texts(extracted)}
    assert {(message.context, str(message.id)) for message in texts(catalog)} == wanted
    for message in texts(catalog):
        assert not message.fuzzy
        own, translated = forms(message.id), forms(message.string)
        assert len(translated) == (catalog.num_plurals if message.pluralizable else 1)
        for text in translated:
            assert text.strip(), message.id
            assert marks(text) in (marks(own[0]), marks(own[-1])), message.id
            # A straight quote would end the attribute that the text stands in.
            assert ('"' in text) == ('"' in own[0]), message.id
            assert text[-1:].isspace() == own[0][-1:].isspace()


def test_german_is_written_as_german_is(extracted: Catalog) -> None:
    assert len(list(texts(extracted))) > 400
    for message in texts(read(FOLDER / "de" / "LC_MESSAGES" / "messages.po")):
        for text in forms(message.string):
            assert not re.search(r"\b[Dd](u|ein|eine|einen|ich|ir)\b|\bIhre?n?\b|”|'|\.\.\.", text)
            assert text.count("„") == text.count("“")


def test_every_word_of_the_gallery_that_ships_is_known(shipped: Path) -> None:
    app = create_app({"BUNDLE": str(shipped)})
    facets = app.extensions["imagesearch"][1].snapshot().gallery.facets
    words = {
        *facets.words,
        *facets.tags,
        *(word for each in facets.words.values() for word in each),
    }
    assert len(words) > 60
    with app.test_request_context(headers=GERMAN):
        # These are the same in both languages.
        assert {word for word in words if of_records(word).casefold() == word.casefold()} == {
            "detail", "fjord", "winter",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        (None, "en"), ("de", "de"), ("de-AT,de;q=0.9,en;q=0.5", "de"), ("de-CH", "de"),
        ("fr,de;q=0.3,en;q=0.2", "de"), ("en-US,en;q=0.9,de;q=0.5", "en"), ("fr", "en"),
        ("*", "en"), ("", "en"), ("de;q=0", "en"), ("DE", "de"), (";;,=q\x7f", "en"),
        ("de" * 3000, "en"),
    ],
)  # fmt: skip
def test_the_browser_is_followed(client: FlaskClient, asked: str | None, spoken: str) -> None:
    response = client.get("/", headers={} if asked is None else {"Accept-Language": asked})
    html = Page(response.text).all("html")[0]
    assert (html["lang"], html["dir"]) == (spoken, "ltr")
    assert response.headers["Content-Language"] == spoken
    assert {"Accept-Language", "Cookie"} <= set(response.vary)


def test_numbers_dates_and_words_are_german(shipped: Path) -> None:
    client = create_app({"TESTING": True, "BUNDLE": str(shipped)}).test_client()
    home, about = (client.get(path, headers=GERMAN).text for path in ("/", "/about"))
    assert "welche der 1.280 Bilder" in home
    assert re.search(r"\d\N{NO-BREAK SPACE}% von 249 Fotos", about)
    assert re.search(r"am <time datetime=\"[\d-]+\">\d+\. \w+ 20\d\d</time>\.", about)
    assert re.search(r"<td>0,\d{3}<small>0,\d\d\N{EN DASH}0,\d\d</small></td>", about)
    night = Page(client.get("/browse?where=light:night", headers=GERMAN).text)
    assert "Licht: Nacht" in night.text
    assert "/browse?where=light:night&where=season:winter" in night.links()


def test_failures_are_german_on_pages(client: FlaskClient) -> None:
    missing = client.get("/images/0123456789ab", headers=GERMAN)
    assert "Kein Bild der Galerie hat diese Kennung." in missing.text
    nonsense = multipart(b"no picture")
    refused = client.post("/", data=nonsense, content_type=MULTIPART, headers=GERMAN)
    assert refused.status_code == 415
    assert "Das ist kein Bild, das hier gelesen werden kann." in refused.text


def test_programs_hear_english_whatever_they_ask_for(
    client: FlaskClient, snapshot: Snapshot
) -> None:
    identifier = snapshot.gallery.record(3).id
    client.set_cookie("language", "de")
    for path in (f"images/{identifier}/similar", "images/0", "images?limit=0", "nothing", "model"):
        plain = client.get(f"/api/v1/{path}")
        german = client.get(f"/api/v1/{path}", headers=GERMAN)
        assert "Content-Language" not in german.headers
        assert not {"Accept-Language", "Cookie"} & set(german.vary)
        assert german.headers.get("ETag") == plain.headers.get("ETag")
        words = re.compile(r'"(?:likeness|title|detail)":"[^"]*"')
        assert words.findall(german.text) == words.findall(plain.text)
        assert path.startswith(("nothing", "model")) or words.search(german.text)


def switch(client: FlaskClient, tag: str, back: str) -> tuple[int, str | None, str | None]:
    answer = client.post("/language", data={"language": tag, "back": back})
    return answer.status_code, answer.location, answer.headers.get("Set-Cookie")


@pytest.mark.parametrize(
    "path", ["/browse?tag=arch&page=1", "/nothing", "/about", "/browse?tag=é%22"]
)
def test_the_switch_is_remembered_and_leads_back_to_its_page(
    client: FlaskClient, path: str
) -> None:
    page = Page(client.get(path).text)
    assert client.get_cookie("language") is None
    form = next(each for each in page.all("form") if each["action"] == "/language")
    buttons = [each for each in page.all("button") if each.get("name") == "language"]
    assert [(each["value"], each["lang"], each.get("aria-current")) for each in buttons] == [
        ("en", "en", "true"),
        ("de", "de", None),
    ]
    assert form["method"] == "post"
    back = next(each["value"] for each in page.all("input") if each.get("name") == "back")
    status, location, cookie = switch(client, "de", back)
    assert (status, location) == (303, back)
    assert location is not None
    assert cookie is not None
    assert set(cookie.split("; ")[2:]) == {"Max-Age=31536000", "HttpOnly", "Path=/", "SameSite=Lax"}
    german = client.get(location, headers={"Accept-Language": "en"})
    assert german.headers["Content-Language"] == "de"
    told, asked = german.request, client.get(path).request
    assert (told.path, told.args) == (asked.path, asked.args)
    switch(client, "en", back)
    assert client.get(location, headers=GERMAN).headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/", "//example.org", "/\\example.org", "\\\\example.org", "example.org",
        "javascript:alert(1)", "/\t/example.org", "/a\r\nSet-Cookie: a=b", "", "/ä", "http:/about",
        " /about", "///example.org", "x" * 100_000,
    ],
)  # fmt: skip
def test_the_switch_leads_nowhere_else(client: FlaskClient, elsewhere: str) -> None:
    assert switch(client, "de", elsewhere)[:2] == (303, "/")


@pytest.mark.parametrize("tag", ["", "fr", "de\r\nX: y", "../de", "DE", "\x00", "d" * 100_000])
def test_a_language_that_is_not_here_is_refused(client: FlaskClient, tag: str) -> None:
    status, location, cookie = switch(client, tag, "/about")
    assert (status, location, cookie) == (422, None, None)


@pytest.mark.parametrize("held", ["fr", "", "de; x", "\x01", "\xff" * 50])
def test_a_cookie_that_names_no_language_is_ignored(client: FlaskClient, held: str) -> None:
    answer = client.get("/", headers={"Cookie": f"language={held}"})
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, "en")


def test_behind_a_proxy_the_cookie_belongs_to_the_site_and_stays_secret(bundle: Path) -> None:
    client = create_app({"BUNDLE": str(bundle), "PROXIES": 1}).test_client()
    proxied = {"X-Forwarded-Prefix": "/bridges", "X-Forwarded-Proto": "https"}
    page = Page(client.get("/browse?tag=arch", headers=proxied).text)
    back = next(each["value"] for each in page.all("input") if each.get("name") == "back")
    assert back == "/bridges/browse?tag=arch"
    answer = client.post("/language", data={"language": "de", "back": back}, headers=proxied)
    assert answer.location == back
    assert {"Secure", "Path=/bridges"} <= set(answer.headers["Set-Cookie"].split("; "))


def test_the_page_of_a_sent_picture_leads_back_to_its_address(
    client: FlaskClient, photo: bytes
) -> None:
    page = Page(client.post("/", data=multipart(photo), content_type=MULTIPART).text)
    back = next(each["value"] for each in page.all("input") if each.get("name") == "back")
    assert back.startswith("/search?q=")
    assert client.get(back).status_code == 200
    failed = Page(client.post("/", data={"held": "!"}).text)
    assert next(each["value"] for each in failed.all("input") if each.get("name") == "back") == "/"


def test_what_a_browser_holds_in_one_language_is_not_the_page_in_another(
    client: FlaskClient,
) -> None:
    english = client.get("/browse").headers["ETag"]
    german = client.get("/browse", headers={**GERMAN, "If-None-Match": english})
    assert (german.status_code, german.headers["Content-Language"]) == (200, "de")
    again = client.get("/browse", headers={**GERMAN, "If-None-Match": german.headers["ETag"]})
    assert again.status_code == 304
    assert {"Accept-Language", "Cookie"} <= set(again.vary)


@pytest.fixture
def more(tmp_path: Path) -> Path:
    """Return a folder of translations to which a test may add some."""
    return Path(shutil.copytree(FOLDER, tmp_path / "translations"))


def add(folder: Path, tag: str, content: str) -> Path:
    path = folder / tag / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_another_language_is_one_file(bundle: Path, more: Path) -> None:
    add(more, "fr", 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n\nmsgid "Language"\nmsgstr "Langue"\n')
    add(more, "ar", 'msgid "Language"\nmsgstr "اللغة"\n')
    add(more, "pt_BR", 'msgid "Language"\nmsgstr "Idioma"\n')
    app = create_app({"TESTING": True, "BUNDLE": str(bundle)})
    app.extensions["languages"] = languages.read(more)
    client = app.test_client()
    page = Page(client.get("/", headers={"Accept-Language": "fr-CA"}).text)
    assert page.all("html")[0]["lang"] == "fr"
    assert "Langue English العربية Deutsch Français Português (Brasil)" in page.text
    # What a translator has not come to yet is English.
    assert "Skip to the content" in page.text
    arabic = Page(client.get("/", headers={"Accept-Language": "ar"}).text)
    assert (arabic.all("html")[0]["lang"], arabic.all("html")[0]["dir"]) == ("ar", "rtl")
    brazil = client.get("/", headers={"Accept-Language": "pt-BR"})
    assert brazil.headers["Content-Language"] == "pt-BR"


BROKEN = {
    "no catalogue at all": ("fr", "Bonjour"),
    "a quote is missing": ("fr", 'msgid "Search"\nmsgstr "Chercher\n'),
    "another name": ("fr", 'msgid "Page %(number)s of %(last)s"\nmsgstr "Page %(numero)s"\n'),
    "a bare per cent sign": ("fr", 'msgid "Search"\nmsgstr "100 % sûr"\n'),
    "plural forms that are no formula": (
        "fr",
        'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=import os;\\n"\n',
    ),
    "no language": ("xx_nothing", 'msgid "Search"\nmsgstr "X"\n'),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_translation_that_cannot_be_used_is_named(more: Path, case: str) -> None:
    path = add(more, *BROKEN[case])
    with pytest.raises(LanguageError) as refused:
        languages.read(more)
    assert f"The translation {path} cannot be used: " in str(refused.value)
    assert str(refused.value).endswith("Mend the file or take it away.")


def test_it_stops_the_server_with_one_line(tmp_path: Path, shipped: Path) -> None:
    for name in ("app", "model", "templates", "static", "wsgi.py", "gunicorn.conf.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    path = add(tmp_path / "translations", "fr", "Bonjour")
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "wsgi:app"], cwd=tmp_path, timeout=60,
        env={"IMAGESEARCH_BUNDLE": str(shipped), "IMAGESEARCH_PORT": "0", "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"imagesearch cannot start. The translation {path} cannot be used"
    )
    assert done.stderr.count("\n") == 1
