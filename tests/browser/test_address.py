"""Searching with a picture that lies elsewhere, in a real Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import drawing
from tests.app.elsewhere import Elsewhere, listening, told
from tests.browser.checkers import violations
from tests.browser.conftest import window
from tests.conftest import serving


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with listening() as server:
        server.answers["/bridge.jpg"] = told(drawing.encoded(drawing.draw("arch", 0)))
        server.answers["/page"] = told(b"<!doctype html>", "text/html")
        yield server


@pytest.fixture(scope="module")
def fetching(bundle: Path, elsewhere: Elsewhere) -> Iterator[str]:
    allowed = {"FETCH_PORTS": str(elsewhere.port), "FETCH_NETWORKS": "127.0.0.1/32"}
    with serving(bundle, FETCH="true", **allowed) as address:
        yield address


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_address_is_typed_and_mended_and_the_results_are_those_of_a_photo(
    browser: Browser, fetching: str, elsewhere: Elsewhere, *, scripts: bool
) -> None:
    with window(browser, fetching, scripts=scripts) as page:
        page.goto("/")
        assert not scripts or violations(page) == []
        field = page.get_by_label("Or its address")
        field.fill(elsewhere.address("/page"))
        field.press("Enter")
        page.wait_for_url("**/search?url=*")
        assert "something else than a picture" in page.get_by_role("alert").inner_text()
        assert field.input_value() == elsewhere.address("/page")
        field.fill(elsewhere.address("/bridge.jpg"))
        page.locator(".by-address button").click()
        page.get_by_role("heading", name="Pictures like yours").wait_for()
        assert page.locator("img.preview").count() == 1
        page.locator(".adjust summary").click()
        page.get_by_role("button", name="Mirror").click()
        page.get_by_text("Mirrored").first.wait_for()
