"""The pages in German, as a browser asks for them, and the switch that changes it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.checkers import mistakes, violations
from tests.browser.conftest import window
from tests.browser.pages import PAGES, visit

pytestmark = pytest.mark.browser

NAMED = {shown.name: shown for shown in PAGES}


@pytest.fixture
def german(browser: Browser, site: str) -> Iterator[Page]:
    """Open a phone that speaks German."""
    with window(browser, site, language="de-AT") as page:
        page.set_viewport_size({"width": 320, "height": 640})
        yield page


def spoken(page: Page) -> str | None:
    return page.locator("html").get_attribute("lang")


@pytest.mark.parametrize("name", ["home", "results", "picture", "compare", "about"])
def test_german_fits_a_phone_and_axe_finds_nothing(german: Page, site: str, name: str) -> None:
    visit(german, NAMED[name], site)
    assert spoken(german) == "de"
    for summary in german.locator("main details:not(.facet) > summary").all():
        if summary.is_visible():
            summary.click()
    assert german.evaluate("document.documentElement.scrollWidth") == 320
    assert violations(german) == []


def test_the_html_of_german_pages_is_valid(german: Page, site: str, tmp_path: Path) -> None:
    sources = {}
    for name in ("home", "picture", "filtered", "about"):
        german.goto(site + NAMED[name].path.format(id=""))
        sources[name] = german.request.get(german.url).text()
    assert all('lang="de"' in source for source in sources.values())
    assert mistakes(sources, tmp_path) == []


def test_what_scripts_say_is_german(german: Page, site: str, tmp_path: Path) -> None:
    visit(german, NAMED["results"], site)
    part = german.locator(".part")
    expect(part).to_have_attribute(
        "aria-label", re.compile("^Der Ausschnitt, mit dem gesucht wird")
    )
    large = tmp_path / "a.jpg"
    with large.open("wb") as file:
        file.truncate(17 * 2**20 + 100_000)
    german.goto("/")
    german.locator("#image").set_input_files(large)
    status = german.get_by_role("status").filter(has_text="Foto")
    expect(status).to_have_text(
        "Dieses Foto hat 17,1 MB; höchstens 16 MB können gesendet werden. "
        "Bitte ein kleineres auswählen."
    )


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_switch_changes_the_language_and_stays_on_the_page(
    browser: Browser, site: str, scripts: bool
) -> None:
    with window(browser, site, scripts=scripts, language="de-AT") as page:
        page.goto("/browse?where=light:night&page=2")
        assert page.context.cookies() == []
        english = page.get_by_role("form", name="Sprache").get_by_role("button", name="English")
        english.focus()
        page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page).to_have_url(re.compile(r"/browse\?where=light:night&page=2$"))
        page.goto("/about")
        assert spoken(page) == "en"
        [cookie] = page.context.cookies()
        assert (cookie["name"], cookie["value"], cookie["httpOnly"]) == ("language", "en", True)


def test_the_pictures_of_a_search_outlast_the_switch(german: Page, site: str) -> None:
    visit(german, NAMED["results"], site)
    address = german.url
    german.get_by_role("button", name="English").click()
    expect(german.locator("h1")).to_have_text("Pictures like yours")
    assert german.url == address
    expect(german.locator(".sent .preview")).to_be_visible()
    # It is the panel as it was made, and says so to whoever reads it aloud.
    assert german.locator(".sent").get_attribute("lang") == "de"
