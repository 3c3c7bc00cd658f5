"""Hostile words and hostile sites, in a real Chromium."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from model.bundle import open_bundle
from model.indexing import index_folder
from model.publishing import adopt_model
from tests import drawing
from tests.app.elsewhere import listening, told
from tests.browser.pages import TOKEN
from tests.carrying import exif_of, iptc, jpeg, listed, one_of, packet, png
from tests.conftest import ROOT, serving

# What breaks out of a text, an attribute, an element or a template wherever one forgot to escape.
HOSTILE: Final = (
    "&lt;\"'></title></script></textarea></option><x-hacked onpointerover=hacked()></x-hacked>"
    "<img src=x onerror=hacked()>{{7*7}}${hacked()}"
)
NAME: Final = "\"'><x-hacked><img src=x onerror=hacked()>{{7*7}}"  # no file's has a slash
WORD: Final = "\"'><x-hacked><svg onload=hacked()>"  # as long as the word of a filter may be
SCRIPT: Final = "javascript:hacked()"
IN_XML: Final = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
# What got out of where it belongs: an element, a handler, an address that runs.
ESCAPED: Final = """() => ({
  hacked: window.wasHacked === true,
  found: [...document.querySelectorAll("x-hacked, [onerror], [onload], [onpointerover]")]
    .map((each) => each.outerHTML),
  led: ["href", "src", "action", "formaction"].flatMap((name) =>
    [...document.querySelectorAll(`[${name}]`)].map((each) => each.getAttribute(name)))
    .filter((each) => /^\\s*(javascript|vbscript|data:text)/i.test(each)),
  computed: document.documentElement.innerHTML.includes("\\"'>49") || document.title.includes("49"),
})"""
NOTHING: Final = {"hacked": False, "found": [], "led": [], "computed": False}


def _fill(folder: Path) -> Path:
    """Write pictures that tell hostile things in every way there is, most of them twice alike."""
    inner = folder / NAME
    inner.mkdir(parents=True)
    words = dict.fromkeys(("title", "alt", "credit", "licence", "group"), HOSTILE)
    record = {**words, "source": SCRIPT, "tags": [HOSTILE, WORD], WORD: HOSTILE, "mood": WORD}
    xmp = packet(
        one_of("dc:title", default=IN_XML), one_of("dc:description", default=IN_XML),
        listed("dc:creator", IN_XML), listed("dc:subject", IN_XML), photoshop_Source=SCRIPT,
    )  # fmt: skip
    sets = iptc(*((number, HOSTILE.encode()) for number in (5, 25, 80, 110, 115, 116, 120)))
    exif = exif_of({0x010E: HOSTILE, 0x013B: HOSTILE, 0x8298: HOSTILE})
    files = {
        f"{NAME}.jpg": jpeg(0),
        f"{NAME} copy.jpg": jpeg(0),
        "told.jpg": jpeg(1),
        "told too.jpg": jpeg(2),
        "xmp.jpg": jpeg(3, xmp=xmp),
        "iptc.jpg": jpeg(4, sets=sets),
        "exif.jpg": jpeg(5, exif=exif),
        "text.png": png(
            6, (b"tEXt", b"Title\0" + HOSTILE.encode()), (b"tEXt", b"Author\0" + WORD.encode())
        ),
        "beside.jpg": jpeg(7),
        "beside.jpg.xmp": xmp,
        "json.jpg": jpeg(8),
        "json.jpg.json": json.dumps(record).encode(),
        "plain.jpg": jpeg(9),
    }
    for name, content in files.items():
        (inner / name).write_bytes(content)
    told_of = [{"path": f"{NAME}/{name}", **record} for name in ("told.jpg", "told too.jpg")]
    (folder / "records.json").write_text(
        json.dumps([*told_of, {"path": f"{NAME}/plain.jpg", "mood": "calm"}])
    )
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, shipped: Path) -> Path:
    """Return a bundle of pictures of which hostile things are told."""
    place = tmp_path_factory.mktemp("hostile")
    adopt_model(place / "bundle", shipped)
    index_folder(_fill(place / "pictures"), place / "bundle", jobs=1)
    return place / "bundle"


@pytest.fixture(scope="module")
def defenceless(browser: Browser) -> Iterator[Page]:
    """Return a page whose browser keeps no policy: only what is written right holds."""
    context = browser.new_context(bypass_csp=True)
    context.add_init_script("window.hacked = () => { window.wasHacked = true }")
    yield context.new_page()
    context.close()


Look = Callable[[str], None]


@pytest.fixture(scope="module")
def look(hostile: Path, defenceless: Page) -> Iterator[Look]:
    """Return a function that opens a page of the hostile gallery, and fails if something ran."""
    with serving(hostile, TOKEN=TOKEN) as address:

        def open_it(path: str) -> None:
            drawn = path.startswith("/map")  # its script adds links when their words have come
            defenceless.goto(address + path, wait_until="networkidle" if drawn else "load")
            check(defenceless)

        yield open_it


def check(page: Page) -> None:
    page.wait_for_load_state()
    for each in page.locator("details").all():
        each.evaluate("(e) => { e.open = true }")
    assert page.evaluate(ESCAPED) == NOTHING, page.url


def test_no_words_of_a_picture_are_more_than_words(
    hostile: Path, look: Look, defenceless: Page
) -> None:
    records = list(open_bundle(hostile, verify=False).gallery.every())
    assert len(records) == 10
    assert sum("x-hacked" in record.title for record in records) >= 7
    for record in records:
        look(f"/images/{record.id}")
        assert record.title in defenceless.title()
        assert record.title in defenceless.locator("h1").inner_text()
        look(f"/images/{record.id}/edit")
        assert defenceless.locator("#title").input_value() == record.title


def test_no_list_of_pictures_makes_more_of_their_words(
    hostile: Path, look: Look, defenceless: Page
) -> None:
    one, two, *_ = (each.id for each in open_bundle(hostile, verify=False).gallery.every())
    for path in (
        "/", "/browse", "/map?view=list", f"/map?at={one}", "/duplicates", f"/compare/{one}/{two}",
        f"/images/{one}/similar?more={two}", f"/browse?tag={quote(WORD)}",
        f"/browse?where={quote('mood:' + WORD)}", "/api", "/about",
    ):  # fmt: skip
        look(path)
    look("/browse")
    assert defenceless.get_by_text("<x-hacked").count() >= 7
    look("/map?view=list")
    assert defenceless.get_by_text("<x-hacked").count() >= 7


def test_no_words_of_a_visitor_are_more_than_words(
    look: Look, defenceless: Page, tmp_path: Path
) -> None:
    words = quote(HOSTILE, safe="")
    for path in (
        f"/{words}", f"/images/{words}", f"/search?q={words}", f"/browse?tag={words}",
        f"/browse?where={words}", f"/browse?from={words}", f"/browse?page={words}",
        f"/browse?done={words}", f"/upload?id={words}", f"/api/v1/images/{words}",
        f"/nearest/{words}", f"/map?at={words}",
    ):  # fmt: skip
        look(path)
    photo = tmp_path / f"{NAME}.jpg"
    photo.write_bytes(drawing.encoded(drawing.draw("beam", 77)))
    look("/")
    with defenceless.expect_navigation():
        defenceless.locator("#image").set_input_files(photo)
    check(defenceless)
    assert defenceless.locator("h1").inner_text() == "Pictures like yours"
    look("/upload")
    defenceless.locator("#title").fill(HOSTILE[:200])
    defenceless.locator("#image").set_input_files(photo)
    defenceless.locator("#token").fill("x" * 24)
    with defenceless.expect_navigation():
        defenceless.locator("form.adding button[type=submit]").click()
    check(defenceless)
    assert defenceless.locator("#title").input_value() == HOSTILE[:200]


@pytest.fixture(scope="module")
def sheet(hostile: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a page that `search --open` wrote."""
    place = tmp_path_factory.mktemp("sheet")
    photo = place / f"{NAME}.jpg"
    photo.write_bytes(drawing.encoded(drawing.draw("beam", 77)))
    command = [sys.executable, "-m", "model", "search", str(photo), "--bundle", str(hostile)]
    subprocess.run([*command, "--open", str(place / "sheet.html")], check=True, cwd=ROOT)
    return (place / "sheet.html").as_uri()


def test_no_words_run_on_the_sheet_that_can_be_sent_around(defenceless: Page, sheet: str) -> None:
    defenceless.goto(sheet)
    check(defenceless)
    assert defenceless.get_by_text("<x-hacked").count() >= 7
    policy = defenceless.locator("meta[http-equiv]").get_attribute("content") or ""
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_a_browser_keeps_the_sheet_to_its_policy_and_shows_it(browser: Browser, sheet: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(sheet)
    _inject(page)
    assert page.evaluate("window.ran") is None
    assert page.evaluate("getComputedStyle(document.querySelector('ol')).display") == "flex"
    assert page.evaluate("document.querySelector('ol img').naturalWidth") > 0
    context.close()


def _inject(page: Page) -> None:
    """Do what a script does that got into a page."""
    page.evaluate("""() => {
      document.body.insertAdjacentHTML("beforeend", `<style>body { opacity: 0.5 }</style>
        <img src="data:," onerror="window.ran = 1">
        <a id="led" href="javascript:void(window.ran = 2)">a</a>`);
      document.querySelector("#led").click();
      const script = document.createElement("script");
      script.textContent = "window.ran = 3";
      document.body.append(script);
      document.body.setAttribute("style", "opacity: 0.4");
    }""")
    page.wait_for_timeout(200)


def test_what_gets_into_a_page_does_not_run_there(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/browse")
    _inject(page)
    assert page.evaluate("window.ran") is None
    assert page.evaluate("getComputedStyle(document.body).opacity") == "1"
    context.close()


SITE: Final = """<!doctype html><title>Another site</title><iframe src="{site}/about"></iframe>
<form id="forged" method="post" action="{site}/language">
<input name="language" value="de"><input name="back" value="/about"></form>"""
TAKEN: Final = """async (site) => {
  const picture = new Image();
  const shown = await new Promise((done) => {
    picture.onload = () => done(true);
    picture.onerror = () => done(false);
    picture.src = `${site}/static/x/icon.svg`;
  });
  const read = await fetch(`${site}/api/v1/model`).then(() => true, () => false);
  window.other = window.open(`${site}/about`);
  return { shown, read };
}"""


@pytest.fixture
def other(browser: Browser, address: str) -> Iterator[Page]:
    """Return a page of another site, which is hostile."""
    with listening() as evil:
        evil.answers["/"] = told(SITE.replace("{site}", address).encode(), "text/html")
        evil.answers["/favicon.ico"] = told(b"", status="404 Not Found")
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://localhost:{evil.port}/")
        yield page
        context.close()


def test_another_site_can_neither_show_nor_read_nor_steer_this_one(
    other: Page, address: str
) -> None:
    assert [frame.url for frame in other.frames][1:] == ["chrome-error://chromewebdata/"]
    with other.expect_popup() as opened:
        taken: Any = other.evaluate(TAKEN, address)
    assert taken == {"shown": False, "read": False}
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("window.opener") is None


def test_another_site_cannot_send_a_form_in_a_visitors_name(other: Page, address: str) -> None:
    with other.expect_navigation():
        other.evaluate("document.querySelector('#forged').submit()")
    assert other.url == f"{address}/language"
    assert "A page of another site sent this form" in other.inner_text("main")
    assert other.context.cookies() == []
