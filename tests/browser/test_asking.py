"""Asking in a real browser: drawing a part, dropping, several pictures, more and less alike."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import drawing
from tests.browser.test_journey import send

pytestmark = pytest.mark.browser

SIDES = ("x", "y", "width", "height")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Return a photo that is larger than the copy that a page holds."""
    drawing.draw("truss", seed=77, size=(1800, 1200)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def region(page: Page) -> list[int]:
    return [int(page.locator(f"[name={side}]").input_value() or -1) for side in SIDES]


def opened(page: Page) -> Locator:
    """Open what changes the picture; return the surface that a part is drawn on."""
    expect(page.locator("form.asking")).to_be_visible()
    page.locator(".adjust summary").click()
    return page.locator(".part")


def searched(page: Page) -> None:
    """Search with what is chosen, and wait for the page that comes."""
    page.get_by_role("button", name="Search with this part").click()
    expect(page.get_by_alt_text("What is searched with")).to_be_visible()


def test_four_numbers_choose_a_part(page: Page, photo: Path) -> None:
    send(page, photo)
    opened(page)
    for side, value in zip(SIDES, (300, 200, 600, 400), strict=True):
        page.locator(f"[name={side}]").fill(str(value))
    searched(page)
    expect(page.get_by_text("Only the marked part")).to_be_visible()
    assert region(page) == [300, 200, 600, 400]
    expect(page.get_by_text("1,800 \N{MULTIPLICATION SIGN} 1,200 pixels")).to_be_visible()


def test_a_part_is_drawn_moved_and_pulled_with_the_mouse(scripted: Page, photo: Path) -> None:
    send(scripted, photo)
    surface = opened(scripted)
    drag(scripted, surface, (0.25, 0.25), (0.75, 0.5))
    assert region(scripted) == pytest.approx([450, 300, 900, 300], abs=12)
    drag(scripted, surface, (0.5, 0.4), (0.5, 0.6))
    assert region(scripted) == pytest.approx([450, 540, 900, 300], abs=24)
    drag(scripted, surface, (0.75, 0.7), (0.9, 0.9))
    assert region(scripted) == pytest.approx([450, 540, 1170, 540], abs=36)
    before = region(scripted)
    searched(scripted)
    assert region(scripted) == before
    # The photo itself was sent again, so that the part is as sharp as it.
    expect(scripted.get_by_text("1,800 \N{MULTIPLICATION SIGN} 1,200 pixels, PNG")).to_be_visible()


def drag(
    page: Page, surface: Locator, start: tuple[float, float], end: tuple[float, float]
) -> None:
    surface.scroll_into_view_if_needed()
    box = surface.bounding_box()
    assert box is not None
    for number, (across, down) in enumerate((start, end)):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=4)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def test_a_part_is_moved_and_sized_by_keyboard(scripted: Page, photo: Path) -> None:
    send(scripted, photo)
    expect(scripted.locator("form.asking")).to_be_visible()
    scripted.locator(".part").focus()
    scripted.keyboard.press("ArrowRight")
    assert region(scripted) == [450, 300, 900, 600]
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowLeft", "Shift+ArrowUp", "Shift+ArrowUp"):
        scripted.keyboard.press(key)
    assert region(scripted) == [486, 336, 864, 528]
    outline = "getComputedStyle(document.querySelector('.part')).outlineStyle"
    assert scripted.evaluate(outline) == "solid"
    scripted.keyboard.press("Enter")
    expect(scripted.get_by_alt_text("What is searched with")).to_be_visible()
    assert region(scripted) == [486, 336, 864, 528]
    scripted.locator(".part").focus()
    scripted.keyboard.press("Delete")
    assert region(scripted) == [-1] * 4


def test_a_part_is_drawn_with_a_finger(scripted: Page, photo: Path) -> None:
    scripted.set_viewport_size({"width": 390, "height": 844})
    send(scripted, photo)
    surface = opened(scripted)
    expect(surface).to_be_visible()
    box = surface.bounding_box()
    assert box is not None
    client = scripted.context.new_cdp_session(scripted)
    for kind, across in (("touchStart", 0.25), ("touchMove", 0.5), ("touchMove", 0.75)):
        point = {"x": box["x"] + across * box["width"], "y": box["y"] + across * box["height"]}
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert region(scripted) == pytest.approx([450, 300, 900, 600], abs=24)


def test_turning_and_mirroring(page: Page, photo: Path) -> None:
    send(page, photo)
    opened(page)
    page.get_by_role("button", name="Turn right").click()
    expect(page.get_by_text("Turned by 90°")).to_be_visible()
    opened(page)
    page.get_by_role("button", name="Mirror").click()
    expect(page.get_by_text("Mirrored and turned by 270°")).to_be_visible()


def test_several_pictures_are_searched_together_and_removed(page: Page, drawn: Path) -> None:
    scripted = page.evaluate("document.documentElement.classList.contains('scripted')")
    with page.expect_navigation():
        photos = [drawn / "arch" / "00.jpg", drawn / "truss" / "01.jpg"]
        page.get_by_label("Choose a photo").set_input_files(photos)
        if not scripted:
            page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("img.preview")).to_have_count(2)
    page.get_by_role("button", name="Remove picture 1").click()
    expect(page.locator("img.preview")).to_have_count(1)
    expect(page.locator("ol.rows > li").first).to_contain_text("Truss, 01")


def test_more_and_less_like_a_match_and_back(page: Page, drawn: Path) -> None:
    send(page, drawn / "truss" / "03.jpg")
    page.locator("a.more-like").nth(1).click()
    expect(page.locator(".chosen li.more")).to_have_count(1)
    page.locator("a.less-like").nth(2).click()
    expect(page.locator(".chosen li.less")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/search\?q=[\w-]+&more=\w{12}&less=\w{12}$"))
    page.locator(".chosen li.more .undo").click()
    expect(page.locator(".chosen li")).to_have_count(1)


def test_the_picture_stays_in_sight_on_the_pages_that_follow(scripted: Page, photo: Path) -> None:
    send(scripted, photo)
    expect(scripted).to_have_url(re.compile(r"/search\?q="))
    scripted.locator("a.more-like").first.click()
    expect(scripted.locator(".chosen li")).to_have_count(1)
    expect(scripted.locator("img.preview")).to_be_visible()
    scripted.reload()
    expect(scripted.locator("img.preview")).to_be_visible()
    # What was chosen stays when another part is.
    opened(scripted)
    scripted.get_by_role("button", name="Turn right").click()
    expect(scripted.get_by_text("Turned by 90°")).to_be_visible()
    expect(scripted.locator(".chosen li")).to_have_count(1)


def test_without_scripts_the_page_says_that_the_picture_was_not_kept(
    browser: Browser, address: str, drawn: Path
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    send(page, drawn / "truss" / "03.jpg")
    page.get_by_role("link", name="The address of this search").click()
    expect(page.get_by_text("Your picture was not kept")).to_be_visible()
    expect(page.locator("ol.rows > li").first).to_contain_text("Truss, 03")
    context.close()


DROP = """async ([selector, files]) => {
  const transfer = new DataTransfer();
  for (const [name, data] of files) {
    const blob = await (await fetch(`data:image/jpeg;base64,${data}`)).blob();
    transfer.items.add(new File([blob], name, { type: "image/jpeg" }));
  }
  const target = document.querySelector(selector);
  for (const kind of ["dragover", "drop"]) {
    const told = { dataTransfer: transfer, bubbles: true, cancelable: true };
    target.dispatchEvent(new DragEvent(kind, told));
  }
}"""


@pytest.mark.parametrize("path", ["/", "/browse"])
def test_several_photos_are_dropped_anywhere(
    browser: Browser, address: str, drawn: Path, path: str
) -> None:
    # Only so may the test make files: pages may not fetch data: addresses.
    context = browser.new_context(base_url=address, bypass_csp=True)
    page = context.new_page()
    page.goto(path)
    names = ("arch/00.jpg", "truss/01.jpg")
    files = [[name, base64.b64encode((drawn / name).read_bytes()).decode()] for name in names]
    page.evaluate(DROP, ["main", files])
    expect(page.locator("img.preview")).to_have_count(2)
    context.close()


def test_a_picture_of_the_gallery_is_dragged_onto_the_query(scripted: Page, drawn: Path) -> None:
    send(scripted, drawn / "truss" / "03.jpg")
    tile = scripted.locator("ol.rows > li").nth(1)
    title = tile.locator(".title").inner_text()
    tile.locator("img").drag_to(scripted.locator("aside.query"))
    expect(scripted).to_have_url(re.compile(r"/images/[0-9a-f]{12}/similar$"))
    expect(scripted.locator("aside.query .name")).to_have_text(title)


def test_a_camera_is_offered_where_one_is_at_hand(browser: Browser, address: str) -> None:
    for touch in (True, False):
        context = browser.new_context(base_url=address, has_touch=touch, is_mobile=touch)
        page = context.new_page()
        page.goto("/")
        expect(page.get_by_text("Take a photo")).to_be_visible(visible=touch)
        assert page.locator("#camera").get_attribute("capture") == "environment"
        context.close()
