"""A part of a picture of the gallery in a real browser: numbers, mouse, finger and keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_asking import SIDES, drag, opened, region, searched

pytestmark = pytest.mark.browser

PART = re.compile(r"/images/\w{12}/similar\?region=[0-9]+,[0-9]+,[0-9]+,[0-9]+$")


def test_four_numbers_choose_a_part(page: Page) -> None:
    page.goto("/nearest/7")
    opened(page)
    for side, value in zip(SIDES, (60, 80, 300, 200), strict=True):
        page.locator(f"[name={side}]").fill(str(value))
    searched(page)
    expect(page).to_have_url(re.compile(r"/similar\?region=60,80,300,200$"))
    expect(page.get_by_text("Only the marked part")).to_be_visible()
    page.reload()
    opened(page)
    assert region(page) == [60, 80, 300, 200]
    page.get_by_role("button", name="Turn right").click()
    expect(page).to_have_url(re.compile(r"region=60,80,300,200&turn=90$"))
    opened(page)
    page.get_by_role("button", name="All of the picture").click()
    expect(page).to_have_url(re.compile(r"/similar\?turn=90$"))


@pytest.mark.parametrize("after", ["", "/similar"])
def test_a_part_is_drawn_with_the_mouse(scripted: Page, after: str) -> None:
    scripted.goto("/nearest/7")
    scripted.goto(scripted.url + after)
    drag(scripted, scripted.locator(".part"), (0.25, 0.25), (0.75, 0.75))
    assert region(scripted) == pytest.approx([120, 80, 240, 160], abs=4)
    before = region(scripted)
    searched(scripted)
    expect(scripted).to_have_url(PART)
    assert region(scripted) == before


def test_a_part_is_chosen_by_keyboard(scripted: Page) -> None:
    scripted.goto("/nearest/7")
    scripted.locator(".part").focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowUp"):
        scripted.keyboard.press(key)
    assert region(scripted) == [130, 80, 240, 150]
    scripted.keyboard.press("Enter")
    expect(scripted).to_have_url(re.compile(r"/similar\?region=130,80,240,150$"))


def test_a_finger_scrolls_until_a_tap_opens_the_picture(scripted: Page) -> None:
    scripted.set_viewport_size({"width": 390, "height": 844})
    scripted.goto("/nearest/7")
    panel, surface = scripted.locator(".adjust"), scripted.locator(".part")
    touch(scripted, (0.5, 0.8), (0.5, 0.2))
    expect(panel).not_to_have_attribute("open", "")
    assert region(scripted) == [-1] * 4
    surface.tap()
    expect(panel).to_have_attribute("open", "")
    touch(scripted, (0.25, 0.25), (0.75, 0.75))
    assert region(scripted) == pytest.approx([120, 80, 240, 160], abs=8)


def touch(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.locator(".part").scroll_into_view_if_needed()
    box = page.locator(".part").bounding_box()
    assert box is not None
    client = page.context.new_cdp_session(page)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    for kind, (across, down) in zip(
        ("touchStart", "touchMove", "touchMove"), (start, middle, end), strict=True
    ):
        point = {"x": box["x"] + across * box["width"], "y": box["y"] + down * box["height"]}
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
