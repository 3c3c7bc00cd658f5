"""Two pictures compared in a real browser: flipped, shaded, pointed at, and sent along."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_journey import assert_it_fits, send

pytestmark = pytest.mark.browser
with_scripts = pytest.mark.parametrize("page", [True], indirect=True, ids=["with JavaScript"])


@pytest.fixture
def compared(page: Page) -> Page:
    """Go from a picture to its comparison with its nearest neighbour."""
    page.goto("/nearest/14")
    page.get_by_role("link", name=re.compile("^Compare with")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How alike these two pictures are")
    return page


def scripted(page: Page) -> bool:
    found: bool = page.evaluate("document.documentElement.classList.contains('scripted')")
    return found


def shade(page: Page) -> float:
    """Return how dark the shade lies on the first picture, 0 to 1."""
    dark = page.locator(".shade").first.evaluate("shade => getComputedStyle(shade).opacity")
    return float(dark)


def darkness(side: Locator) -> list[float]:
    """Return how dark each place of a picture becomes, 0 to 1, when all movement has ended."""
    side.page.wait_for_timeout(400)
    shades = side.locator(".shade rect")
    found: list[float] = shades.evaluate_all(
        "shades => shades.map(shade => Number(getComputedStyle(shade).fillOpacity))"
    )
    return found


def pairs_of(page: Page) -> list[list[float]]:
    """Return what the API says that each pair of places brings."""
    first, second = page.url.split("/")[-2:]
    answer = page.request.get(f"/api/v1/images/{first}/compare/{second}")
    found: list[list[float]] = answer.json()["pairs"]
    return found


def expected(shares: list[float]) -> list[float]:
    """Return how dark the places are whose shares with one place of the other are these."""
    return [1 - max(0, share) / max(shares) for share in shares]


def test_both_pictures_flip_in_one_place(compared: Page) -> None:
    first, second = compared.locator(".side").nth(0), compared.locator(".side").nth(1)
    flip = compared.get_by_label("Flip to the other")
    expect(first).to_be_visible()
    expect(second).to_be_visible()
    expect(compared.locator(".flip")).to_be_hidden()
    compared.get_by_label("Both in one place").check()
    expect(first).to_be_visible()
    expect(second).to_be_hidden()
    places = [side.bounding_box() for side in (first, second)]
    assert places[0] is not None
    assert places[1] is not None
    assert (places[0]["x"], places[0]["y"]) == (places[1]["x"], places[1]["y"])
    compared.locator(".flip").click()
    expect(first).to_be_hidden()
    expect(second).to_be_visible()
    flip.focus()
    compared.keyboard.press("Space")
    expect(first).to_be_visible()
    expect(second).to_be_hidden()


def test_the_shade_is_as_dark_as_one_wants_it(compared: Page) -> None:
    usual = shade(compared)
    assert 0.5 < usual < 1
    if scripted(compared):
        slider = compared.get_by_role("slider", name="Shade what matters less")
        slider.focus()
        compared.keyboard.press("Home")
        assert shade(compared) == 0
        for _ in range(30):
            compared.keyboard.press("ArrowRight")
        assert shade(compared) == pytest.approx(0.3)
        expect(compared.get_by_role("main").get_by_role("radio")).to_have_count(0)
    else:
        compared.get_by_role("radio", name="Not at all").check()
        assert shade(compared) == 0
        compared.get_by_role("radio", name="A little").check()
        assert 0 < shade(compared) < usual
        expect(compared.get_by_role("slider")).to_have_count(0)


def test_a_place_that_is_pointed_at_tells_its_number_and_what_it_goes_with(compared: Page) -> None:
    sides = compared.locator(".light")
    place = sides.first.locator(".places rect").nth(6)
    if not scripted(compared):
        told = place.locator("title").text_content() or ""
        assert re.match(r"Row 2, column 3 brings 0\.\d{3} of the 0\.\d{3}, most of it", told)
        return
    before = [darkness(side) for side in sides.all()]
    place.hover()
    status = compared.get_by_role("status").filter(has_text="Row 2, column 3")
    expect(status).to_contain_text("of the other picture")
    own, other = (darkness(side) for side in sides.all())
    assert own == before[0]
    pairs = pairs_of(compared)
    assert other == pytest.approx(expected(pairs[6]), abs=0.02)
    place_of_the_other = sides.nth(1).locator(".places rect").nth(9)
    place_of_the_other.hover()
    own = darkness(sides.first)
    assert own == pytest.approx(expected([row[9] for row in pairs]), abs=0.02)
    compared.mouse.move(2, 2)
    expect(compared.get_by_text("Point at a place")).to_be_visible()
    assert [darkness(side) for side in sides.all()] == before


@with_scripts
def test_places_are_chosen_by_keyboard_and_kept(compared: Page) -> None:
    compared.locator(".light").nth(1).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowLeft", "ArrowUp"):
        compared.keyboard.press(key)
    expect(compared.locator(".saying")).to_contain_text("Row 1, column 1 ")
    compared.keyboard.press("Tab")
    expect(compared.locator(".pointed")).to_have_count(1)
    compared.locator(".light").nth(1).focus()
    compared.keyboard.press("Escape")
    expect(compared.locator(".pointed")).to_have_count(0)


@with_scripts
def test_a_place_that_is_touched_is_kept_until_it_is_touched_again(compared: Page) -> None:
    place = compared.locator(".light").first.locator(".places rect").nth(9)
    place.click()
    compared.mouse.move(2, 2)
    expect(compared.locator(".saying")).to_contain_text("Row 3, column 2")
    place.click()
    compared.mouse.move(2, 2)
    expect(compared.locator(".saying")).to_contain_text("Point at a place")


def test_what_is_remembered_arrives(compared: Page) -> None:
    remembered = compared.locator(".remembered img")
    for number in range(2):
        remembered.nth(number).scroll_into_view_if_needed()
        expect(remembered.nth(number)).to_have_js_property("naturalWidth", 256)


def test_a_photo_goes_to_the_comparison_and_back_to_its_results(page: Page, drawn: Path) -> None:
    send(page, drawn / "truss" / "03.jpg")
    with page.expect_navigation():
        page.get_by_role("button", name="Compare with Truss, 03").click()
    expect(page).to_have_url(re.compile(r"/compare/[0-9a-f]{12}$"))
    assert page.get_by_alt_text("The picture you sent").evaluate("image => image.naturalWidth") > 0
    expect(page.locator(".figure")).to_contain_text(re.compile(r"Similarity (1\.0|0\.9)"))
    with page.expect_navigation():
        page.get_by_role("button", name="See all pictures like yours").click()
    expect(page.locator("ol.rows > li")).to_have_count(24)


@pytest.mark.parametrize("width", [320, 390, 1440, 2560])
def test_it_scrolls_sideways_on_no_screen(compared: Page, width: int) -> None:
    compared.set_viewport_size({"width": width, "height": 900})
    compared.locator("summary").click()
    compared.locator("main a").evaluate_all(
        "links => links.forEach(link => {"
        " link.textContent = 'Donaudampfschifffahrtsgesellschaftsbruecke' })"
    )
    assert_it_fits(compared)
    boxes = [side.bounding_box() for side in compared.locator(".side .frame").all()]
    assert boxes[0] is not None
    assert boxes[1] is not None
    if width >= 768:
        assert boxes[0]["height"] == pytest.approx(boxes[1]["height"], abs=2)
        assert boxes[0]["y"] == boxes[1]["y"]
    else:
        assert boxes[1]["y"] > boxes[0]["y"] + boxes[0]["height"]
