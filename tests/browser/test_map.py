"""The map in a real browser: by mouse, wheel, fingers, keys and links."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def stage(browser: Browser, address: str) -> Iterator[Page]:
    """Open the map in a small window, in which the 24 pictures are too small to be links."""
    context = browser.new_context(
        base_url=address, viewport={"width": 330, "height": 520}, reduced_motion="reduce"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/map")
    expect(page).to_have_url(re.compile(r"z=0\.00"))
    yield page
    context.close()
    assert complaints == []


def looked(page: Page) -> tuple[float, float, float]:
    x, y, scale = page.evaluate(
        "(({x, y, scale}) => [x, y, scale])(document.querySelector('#map').view)"
    )
    return x, y, scale


def test_without_scripts_the_map_is_a_picture_and_a_list(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=address)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Map", exact=True).click()
    expect(page.get_by_role("img", name=re.compile("small and side by side"))).to_be_visible()
    expect(page.locator("ul.rows > li")).to_have_count(24)
    expect(page.locator(".controls")).to_be_hidden()
    context.close()


def test_the_wheel_brings_nearer_what_is_under_the_pointer(stage: Page) -> None:
    box = stage.locator("#map").bounding_box()
    assert box is not None
    x, y, scale = looked(stage)
    stage.mouse.move(box["x"] + 100, box["y"] + 100)
    stage.mouse.wheel(0, -240)
    stage.wait_for_function("() => document.querySelector('#map').view.scale > 70")
    nearer = looked(stage)
    assert nearer[0] < x
    assert nearer[1] < y
    assert nearer[2] > scale


def test_pictures_are_links_once_they_are_large_and_a_click_opens_one(stage: Page) -> None:
    assert stage.locator(".hung a").count() == 0
    stage.get_by_role("button", name="Nearer").click()
    stage.get_by_role("button", name="Nearer").click()
    links = stage.locator(".hung a")
    expect(links.first).to_be_attached()
    stage.wait_for_function(
        "() => [...document.querySelectorAll('.hung img')].some(image => image.naturalWidth)"
    )
    middle = stage.evaluate(
        "(({x, y}) => [Math.floor(x), Math.floor(y)])(document.querySelector('#map').view)"
    )
    link = stage.locator(f'.hung a[data-column="{middle[0]}"][data-line="{middle[1]}"]')
    title = link.get_attribute("title")
    link.click()
    expect(stage.get_by_role("heading", level=1)).to_have_text(str(title))
    stage.go_back()
    expect(stage.locator(".hung a").first).to_be_attached()
    assert looked(stage)[2] > 64


def test_a_drag_moves_the_map_and_opens_nothing(stage: Page) -> None:
    stage.get_by_role("button", name="Nearer").click()
    stage.get_by_role("button", name="Nearer").click()
    expect(stage.locator(".hung a").first).to_be_attached()
    x, y, scale = looked(stage)
    box = stage.locator("#map").bounding_box()
    assert box is not None
    left, top = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    stage.mouse.move(left, top)
    stage.mouse.down()
    stage.mouse.move(left + 30, top + 20, steps=4)
    stage.mouse.up()
    moved = looked(stage)
    assert moved[0] == pytest.approx(x - 30 / scale, abs=0.02)
    assert moved[1] == pytest.approx(y - 20 / (scale * 0.75), abs=0.02)
    assert "/map" in stage.url


def test_keys_move_and_the_address_remembers(stage: Page) -> None:
    stage.locator("#map").focus()
    for key in ("+", "+", "ArrowRight", "ArrowDown"):
        stage.keyboard.press(key)
    expect(stage).to_have_url(re.compile(r"z=1\.\d\d"))
    seen = looked(stage)
    stage.reload()
    expect(stage.locator("canvas")).to_be_attached()
    assert looked(stage) == pytest.approx(seen, abs=0.25)
    stage.locator("#map").focus()
    stage.keyboard.press("0")
    expect(stage).to_have_url(re.compile(r"z=0\.00"))


def test_tabbing_reaches_every_picture_in_the_order_they_hang(stage: Page) -> None:
    stage.goto("/map?x=0&y=0&z=1")
    links = stage.locator(".hung a")
    expect(links.first).to_be_attached()
    stage.locator("#map").focus()
    seen = []
    for _ in range(4):
        stage.keyboard.press("Tab")
        seen.append(
            stage.evaluate(
                "(({dataset}) => [+dataset.line, +dataset.column])(document.activeElement)"
            )
        )
    assert seen == sorted(seen)
    assert seen[0] == [0, 0]
    stage.keyboard.press("Enter")
    expect(stage).to_have_url(re.compile(r"/images/[0-9a-f]{12}$"))


def test_two_fingers_bring_nearer(browser: Browser, address: str) -> None:
    context = browser.new_context(
        base_url=address, viewport={"width": 390, "height": 700}, has_touch=True
    )
    page = context.new_page()
    page.goto("/map")
    expect(page.locator("canvas")).to_be_attached()
    before = looked(page)[2]
    session = context.new_cdp_session(page)
    for kind, apart in (("touchStart", 40), ("touchMove", 60), ("touchMove", 120), ("touchEnd", 0)):
        points = [{"x": 195 - apart, "y": 400}, {"x": 195 + apart, "y": 400}] if apart else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function(f"() => document.querySelector('#map').view.scale > {before * 1.3}")
    context.close()


def test_a_picture_leads_to_its_place_which_is_marked(stage: Page) -> None:
    stage.goto("/nearest/5")
    stage.get_by_role("link", name="See it on the map").click()
    expect(stage.locator(".mark")).to_be_attached()
    box, frame = stage.locator(".mark").bounding_box(), stage.locator("#map").bounding_box()
    assert box is not None
    assert frame is not None
    assert frame["x"] <= box["x"] <= frame["x"] + frame["width"]
    assert frame["y"] <= box["y"] <= frame["y"] + frame["height"]


def test_a_query_is_marked_among_its_matches(stage: Page) -> None:
    found = stage.request.get("/api/v1/images?limit=3").json()["images"]
    stage.goto("/map?near=" + ",".join(each["id"] for each in found))
    expect(stage.get_by_text("where your picture would hang")).to_be_visible()
    expect(stage.locator(".sought.mark")).to_have_count(1)
    expect(stage.locator(".match")).to_have_count(3)


def test_the_list_of_a_part_is_a_page_without_the_map(stage: Page) -> None:
    stage.get_by_role("link", name="This part as a list").click()
    expect(stage.locator("ul.rows > li")).to_have_count(24)
    expect(stage.locator("canvas")).to_have_count(0)
    stage.get_by_role("link", name="Back to the map").click()
    expect(stage.locator("canvas")).to_be_attached()
