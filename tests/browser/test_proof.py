"""Every page of the gallery that ships: accessible in both themes, valid, and light."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.browser.checkers import mistakes, violations
from tests.browser.conftest import window
from tests.browser.pages import PAGES, Shown, source, visit

pytestmark = pytest.mark.browser

# Bytes. What comes as one scrolls on, pictures and further pages, is not counted.
MOST: Final = 100_000
COUNTED: Final = {"document", "stylesheet", "script"}


class Visit(NamedTuple):
    """A page in a window of its own, and what the browser asked for to show it."""

    page: Page
    requests: list[Request]


@pytest.fixture(scope="module", params=PAGES, ids=lambda shown: shown.name)
def visited(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Visit]:
    """Visit a page, once for all checks."""
    shown: Shown = request.param
    with window(browser, site) as page:
        cache = page.context.new_cdp_session(page)
        cache.send("Network.enable")
        cache.send("Network.setCacheDisabled", {"cacheDisabled": True})
        requests: list[Request] = []
        # Playwright cannot take a method of a list itself.
        page.on("request", lambda asked: requests.append(asked))  # noqa: PLW0108
        page.set_viewport_size({"width": 1440, "height": 900})
        visit(page, shown, site)
        last = max(i for i, each in enumerate(requests) if each.is_navigation_request())
        yield Visit(page, requests[last:])


def test_axe_finds_nothing_in_either_theme(visited: Visit) -> None:
    page = visited.page
    page.emulate_media(color_scheme="light")
    light = violations(page)
    page.emulate_media(color_scheme="dark")
    assert light + violations(page) == []


def test_it_weighs_little_without_its_pictures(visited: Visit) -> None:
    sizes = {
        each.url: each.sizes()["responseBodySize"]
        for each in visited.requests
        if each.resource_type in COUNTED
    }
    assert len(sizes) > 10
    assert sum(sizes.values()) < MOST, sizes


def test_axe_finds_nothing_on_a_phone_in_the_sheet_and_below_an_endless_list(
    browser: Browser, site: str
) -> None:
    with window(browser, site) as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto("/nearest/5")
        page.goto("/nearest/6")
        page.locator(".trail a").nth(1).wait_for()
        assert violations(page) == []
        page.keyboard.press("?")
        assert violations(page) == []
        page.goto("/browse?page=17")
        button = page.get_by_role("button", name="Show more pictures")
        for _ in range(20):
            page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
            if button.is_visible():
                break
            page.wait_for_timeout(500)
        assert button.is_visible()
        assert violations(page) == []


def test_axe_sees_what_is_wrong(browser: Browser, site: str) -> None:
    with window(browser, site) as page:
        page.goto("/about")
        page.evaluate("document.querySelector('main').append(document.createElement('button'))")
        assert [each.partition(":")[0] for each in violations(page)] == ["button-name"]


def test_the_html_of_every_page_is_valid(site: str, tmp_path: Path) -> None:
    pages = {shown.name: source(shown, site) for shown in PAGES}
    # One that is not, to see that the check sees it.
    pages["wrong"] = "<!doctype html><html lang=en><title>A</title><p autocomplete=x>"
    found = mistakes(pages, tmp_path)
    assert [each for each in found if each.startswith("wrong")] != []
    assert [each for each in found if not each.startswith("wrong")] == []
