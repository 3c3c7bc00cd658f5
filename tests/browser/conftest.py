"""A real Chromium."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser.pages import TOKEN
from tests.conftest import serving

# As root, and where there is no GPU and no network, a browser needs these to start quietly.
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
# Leaving a page stops its pictures; some tests ask for pages that are refused or are not there. A
# transition that the browser gives up before the page's scripts are there has nobody to hear of it.
_EXPECTED = re.compile(
    r"net::ERR_ABORTED|status of (401|404|415|422)"
    r"|Transition was aborted because of invalid state\. ViewTransition opt-in disabled"
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run one Chromium for all tests."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium that is installed, else one that Playwright fetches, else fail."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None and not Path(playwright.chromium.executable_path).exists():
        fetch = [sys.executable, "-m", "playwright", "install", "chromium"]
        if subprocess.run(fetch, check=False).returncode:
            pytest.fail(
                "The browser tests need Chromium: none is installed and none could be fetched. "
                "On Debian: apt-get install chromium"
            )
    return playwright.chromium.launch(executable_path=found, args=_ARGUMENTS)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """Open a fresh window on the home page of the drawn gallery, with and without JavaScript."""
    with window(browser, address, scripts=request.param) as page:
        page.goto("/")
        yield page


@pytest.fixture
def scripted(browser: Browser, address: str) -> Iterator[Page]:
    """Open the home page with JavaScript."""
    context = browser.new_context(base_url=address, has_touch=True)
    page = context.new_page()
    page.goto("/")
    yield page
    context.close()


@pytest.fixture(scope="session")
def site(shipped: Path) -> Iterator[str]:
    """Serve the gallery that ships, with a token; return its address."""
    with serving(shipped, TOKEN=TOKEN) as address:
        yield address


@contextmanager
def window(
    browser: Browser, address: str, *, scripts: bool = True, language: str = "en-US"
) -> Iterator[Page]:
    """Open a fresh window of a browser whose own language is this one.

    Whatever the browser complains about, on the console or as a failed request, fails the test.
    """
    context = browser.new_context(java_script_enabled=scripts, base_url=address, locale=language)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda failed: complaints.append(f"{failed.failure} {failed.url}"))
    yield page
    heard = list(complaints)  # Closing breaks off what is still on its way.
    context.close()
    assert [text for text in heard if not _EXPECTED.search(text)] == []
