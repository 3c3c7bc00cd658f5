"""A visitor's way through the pages, in a real browser, with and without JavaScript."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def send(page: Page, photo: Path) -> None:
    """Choose a file and search, as a visitor does: a script, where there is one, sends at once."""
    scripted = page.evaluate("document.documentElement.classList.contains('scripted')")
    with page.expect_navigation():
        page.get_by_label("Choose a photo").set_input_files(photo)
        if not scripted:
            page.get_by_role("button", name="Search").click()


def test_a_photo_finds_itself_and_leads_to_its_neighbours_and_back(page: Page, drawn: Path) -> None:
    send(page, drawn / "truss" / "03.jpg")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pictures like yours")
    expect(page.get_by_text("24 pictures searched in")).to_be_visible()
    matches = page.locator("ol.rows > li")
    expect(matches).to_have_count(24)
    first = matches.first
    expect(first).to_contain_text("Truss, 03")
    expect(first).to_contain_text("This very picture")

    first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Truss, 03")
    neighbours = page.locator("section.set").first.locator("li")
    expect(neighbours.first).not_to_contain_text("Truss, 03")
    neighbours.first.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/images/[0-9a-f]{12}$"))
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Truss, 03")

    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Truss, 03")


def test_every_picture_of_a_page_arrives(page: Page) -> None:
    page.get_by_role("link", name="Browse", exact=True).click()
    pictures = page.locator("main img")
    expect(pictures).to_have_count(24)
    for number in range(24):
        pictures.nth(number).scroll_into_view_if_needed()
    page.wait_for_function(
        "[...document.images].every(image => image.complete && image.naturalWidth > 0)"
    )


@pytest.mark.parametrize("width", [390, 1440])
def test_filters_narrow_and_are_taken_back(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/browse")
    beam = page.get_by_role("link", name="beam 6")
    for _ in range(2):
        expect(beam).to_be_hidden()
        if width == 390:
            page.get_by_text("Filter", exact=True).click()
        page.get_by_text("Tags", exact=True).click()
        expect(beam).to_be_visible()
        assert_it_fits(page)
        small = page.locator(".filters a:visible").evaluate_all(
            "links => links.filter(link => link.getBoundingClientRect().height < 44).length"
        )
        assert small == 0
        beam.click()
        beam = page.get_by_role("link", name="arch 6")
    expect(page.locator("main ul.rows > li")).to_have_count(12)
    expect(page).to_have_url(re.compile(r"tag=arch&tag=beam$"))
    page.get_by_role("link", name="Tags: beam").click()
    expect(page.locator("main ul.rows > li")).to_have_count(6)
    expect(page).to_have_url(re.compile(r"tag=arch$"))


def test_what_is_no_picture_gets_a_page_that_says_so(page: Page, tmp_path: Path) -> None:
    bad = tmp_path / "holiday.jpg"
    bad.write_bytes(b"not a picture at all")
    send(page, bad)
    expect(page.get_by_role("alert")).to_contain_text("not a picture")
    expect(page.get_by_label("Choose another photo")).to_be_attached()


def test_everything_is_reached_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.href"))
    assert "image" in seen
    assert any("/images/" in str(address) for address in seen)


@pytest.mark.parametrize("width", [320, 390, 1440, 2560])
def test_no_page_scrolls_sideways(page: Page, drawn: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/", "/browse", "/about"):
        page.goto(address)
        assert_it_fits(page)
    page.goto("/")
    send(page, drawn / "arch" / "00.jpg")
    assert_it_fits(page)
    page.locator("ol.rows > li a").first.click()
    assert_it_fits(page)


def assert_it_fits(page: Page) -> None:
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= seen, page.url


def test_rows_crop_nothing_and_reserve_their_places(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/browse")
    boxes = page.evaluate(
        "[...document.querySelectorAll('main .frame img')].map(image => {"
        " const box = image.getBoundingClientRect();"
        " return [box.width / box.height, image.width / image.height, box.height] })"
    )
    assert len(boxes) == 24
    for shown, _, height in boxes:
        assert shown == pytest.approx(480 / 320, rel=0.03)
        assert 100 < height < 420
