"""A busy server, in a real browser: its page counts down, asks again by itself, and can be stopped.

The server has one encoder, which somebody else has for as long as a file is there.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.busy import Busy, busy_server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    with busy_server(bundle, tmp_path_factory.mktemp("busy"), WAIT="0") as running:
        yield running


@pytest.fixture
def busy(served: Busy) -> Iterator[Busy]:
    served.take()
    yield served
    served.free()


@contextmanager
def window(browser: Browser, served: Busy, **how: object) -> Iterator[Page]:
    """Open a fresh window whose clock the test has in its hand."""
    context = browser.new_context(base_url=served.address, **how)  # type: ignore[arg-type]
    page = context.new_page()
    page.clock.install()
    yield page
    context.close()


def send(page: Page, photo: Path) -> None:
    """Search with a photo, as a visitor does."""
    page.goto("/")
    with page.expect_navigation():
        page.get_by_label("Choose a photo").set_input_files(photo)
    expect(page.get_by_role("heading", level=1)).to_have_text("One moment, please")


def a_part(page: Page) -> str:
    """Return the address of a page for which something has to be encoded."""
    page.goto("/browse")
    link = page.locator("main a[href*='/images/']").first.get_attribute("href")
    return f"{link}/similar?region=0,0,200,200"


def test_a_photo_is_sent_again_by_itself_and_found(
    browser: Browser, busy: Busy, drawn: Path
) -> None:
    with window(browser, busy) as page:
        send(page, drawn / "truss" / "03.jpg")
        status = page.get_by_role("status").filter(has_text="sent again")
        expect(status).to_have_text(re.compile(r"^Your photo is sent again in [2-4] seconds\."))
        # It is said once; what counts down is only to be seen.
        assert status.locator("[aria-hidden=true]").count() == 1
        page.clock.run_for(10_000)
        expect(page.get_by_role("status").filter(has_text="sent again")).to_have_text(
            re.compile(r"in [4-6] seconds\.")  # it was in vain, and waits longer
        )
        busy.free()
        page.clock.run_for(10_000)
        expect(page.get_by_role("heading", level=1)).to_have_text("Pictures like yours")
        expect(page.locator("ol.rows > li").first).to_contain_text("This very picture")
        expect(page.locator(".sent img")).to_have_count(1)


def test_it_can_be_stopped_and_tried_by_hand(browser: Browser, busy: Busy, drawn: Path) -> None:
    with window(browser, busy) as page:
        send(page, drawn / "truss" / "03.jpg")
        page.get_by_role("button", name="Stop").click()
        busy.free()
        page.clock.run_for(300_000)
        stopped = page.get_by_role("status").filter(has_text="Stopped")
        expect(stopped).to_have_text("Stopped: nothing is tried again by itself.")
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        by_hand = page.get_by_role("button", name="Try again")
        expect(by_hand).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Pictures like yours")


def test_a_page_is_loaded_again_by_itself_and_after_a_few_times_no_more(
    browser: Browser, busy: Busy
) -> None:
    with window(browser, busy) as page:
        address = a_part(page)
        page.goto(address)
        for _ in range(5):
            expect(page.get_by_role("status").filter(has_text="Trying again in")).to_be_visible()
            with page.expect_navigation():
                page.clock.run_for(100_000)
        again = page.get_by_role("link", name="Try again")
        expect(again).to_be_visible()
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        busy.free()
        page.clock.run_for(300_000)
        expect(page.get_by_role("heading", level=1)).to_have_text("One moment, please")
        again.click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text("One moment, please")


def test_without_scripts_there_is_a_link(browser: Browser, busy: Busy) -> None:
    with window(browser, busy, java_script_enabled=False) as page:
        page.goto(a_part(page))
        expect(page.get_by_role("heading", level=1)).to_have_text("One moment, please")
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        busy.free()
        page.get_by_role("link", name="Try again").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text("One moment, please")


def test_it_counts_down_in_german(browser: Browser, busy: Busy) -> None:
    with window(browser, busy, locale="de-DE") as page:
        page.goto(a_part(page))
        told = page.get_by_role("status").filter(has_text="Neuer Versuch")
        expect(told).to_have_text(re.compile(r"^Neuer Versuch in [2-4] Sekunden\."))
        page.get_by_role("button", name="Anhalten").click()
        expect(page.get_by_role("link", name="Noch einmal versuchen")).to_be_focused()
