"""A gallery is changed in a real browser, with and without JavaScript."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests import drawing
from tests.app.changing import TOKEN, opened, picture
from tests.app.conftest import _no_settings_from_outside, to_change
from tests.browser.checkers import violations
from tests.browser.conftest import window
from tests.conftest import serving

__all__ = ["_no_settings_from_outside", "to_change"]
pytestmark = pytest.mark.browser

FILE = FilePayload(name="the_old_bridge.jpg", mimeType="image/jpeg", buffer=picture())
DROP = """
bytes => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", { type: "image/jpeg" }));
  document.querySelector("h1").dispatchEvent(
    new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}
"""


@pytest.fixture(scope="module")
def changeable(to_change: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    bundle = opened(to_change, tmp_path_factory.mktemp("changeable")).bundle
    with serving(bundle, TOKEN=TOKEN) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser, changeable: str) -> Iterator[Page]:
    with window(browser, changeable, scripts=request.param) as page:
        yield page


def test_a_picture_comes_is_told_of_and_goes(page: Page) -> None:
    page.goto("/browse")
    page.get_by_role("link", name="Add pictures").click()
    page.get_by_label("Pictures", exact=True).set_input_files(FILE)
    page.get_by_label("Tags").fill("stone, fog")
    page.get_by_label("Token").fill("not the token")
    page.get_by_role("button", name="Add to the gallery").click()
    expect(page.get_by_role("alert")).to_contain_text("not the token")
    expect(page.get_by_label("Tags")).to_have_value("stone, fog")
    expect(page.get_by_label("Token")).to_have_value("")
    page.get_by_label("Pictures", exact=True).set_input_files(FILE)
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Add to the gallery").click()
    expect(page.locator("p.done")).to_have_text("It is in the gallery now.")
    expect(page.get_by_role("heading", level=1)).to_have_text("The old bridge")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Title").fill("Another name")
    page.get_by_label("Token").fill(TOKEN)
    page.keyboard.press("Enter")  # saves, and never removes
    expect(page.locator("p.done")).to_have_text("Saved.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Another name")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.get_by_role("alert")).to_contain_text("Tick the box")
    page.get_by_label("Yes, delete the picture for good").check()
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.locator("p.done")).to_have_text("The picture is no longer in the gallery.")
    expect(page.get_by_text("Another name")).to_have_count(0)
    assert page.context.cookies() == []


def test_what_is_dropped_on_the_form_waits_there(browser: Browser, changeable: str) -> None:
    with window(browser, changeable) as page:
        page.goto("/upload")
        page.evaluate(DROP, list(drawing.encoded(drawing.draw("truss"))))
        names = "document.querySelector('#image').files[0]?.name"
        assert page.evaluate(names) == "dropped.jpg"
        assert page.url.endswith("/upload")
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Add to the gallery").click()
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert violations(page) == []
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") == 320
