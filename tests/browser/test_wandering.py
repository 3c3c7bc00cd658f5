"""Wandering through the gallery that ships: trail, keys, endless pages, and the theme."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import window
from tests.browser.pages import PAGES, visit

pytestmark = pytest.mark.browser

PICTURE = re.compile(r"/images/[0-9a-f]{12}$")
DARK = "rgb(27, 25, 23)"


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    with window(browser, site) as page:
        yield page


@pytest.fixture
def plain(browser: Browser, site: str) -> Iterator[Page]:
    """Open a window without JavaScript."""
    with window(browser, site, scripts=False) as page:
        yield page


def tiles(page: Page) -> Locator:
    return page.locator("main .tile > a")


def to_the_end(page: Page) -> None:
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")


def load_all_that_comes_by_itself(page: Page) -> None:
    """Scroll until the button takes over, after three more pages."""
    for pages in (2, 3, 4):
        to_the_end(page)
        expect(tiles(page)).to_have_count(60 * pages)
    to_the_end(page)
    expect(further(page)).to_be_visible()


def further(page: Page) -> Locator:
    return page.get_by_role("button", name="Show more pictures")


def scrolled(page: Page) -> float:
    y: float = page.evaluate("window.scrollY")
    return y


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return colour


def assert_the_trail_is(page: Page, paths: list[str]) -> None:
    links = page.locator(".trail a")
    expect(links).to_have_count(len(paths))
    assert links.evaluate_all("links => links.map(link => link.pathname)") == paths


def path(page: Page) -> str:
    found: str = page.evaluate("location.pathname")
    return found


def test_the_trail_leads_back_to_the_pictures_one_came_through(page: Page) -> None:
    page.goto("/nearest/5")
    expect(page.locator(".trail img")).to_be_hidden()
    place = page.locator("h1").bounding_box()
    seen = [path(page)]
    for number in (0, 1):
        address = str(tiles(page).nth(number).get_attribute("href"))
        tiles(page).nth(number).click()
        page.wait_for_url("**" + address)
        seen = list(dict.fromkeys([*seen, address]))
        assert_the_trail_is(page, seen)
    assert page.locator(".trail [aria-current=page]").get_attribute("href") == path(page)
    page.locator(".trail a").first.click()
    page.wait_for_url("**" + seen[0])
    # Where one was first stays first, and nothing moved because the trail is longer now.
    assert_the_trail_is(page, seen)
    assert page.locator("h1").bounding_box() == place
    page.get_by_role("link", name="See everything by similarity").click()
    page.wait_for_url("**/similar")
    assert_the_trail_is(page, seen)


def test_the_trail_is_of_this_visit_only_and_no_cookie(page: Page) -> None:
    page.goto("/nearest/5")
    page.goto("/nearest/6")
    expect(page.locator(".trail a")).to_have_count(2)
    assert page.context.cookies() == []
    other = page.context.new_page()
    other.goto("/nearest/7")
    expect(other.locator(".trail a")).to_have_count(1)


def test_a_picture_that_is_gone_leaves_the_trail(page: Page) -> None:
    page.goto("/nearest/5")
    page.evaluate(
        "sessionStorage.trail = JSON.stringify([{path: '/images/000000000000', title: 'Gone',"
        " source: '/images/000000000000/small.webp', width: 48, height: 32},"
        " ...JSON.parse(sessionStorage.trail)])"
    )
    page.reload()
    expect(page.locator(".trail a")).to_have_count(1)
    page.goto("/nearest/6")
    expect(page.locator(".trail a")).to_have_count(2)


def test_without_scripts_nothing_is_offered_that_needs_them(plain: Page) -> None:
    plain.goto("/nearest/5")
    for hidden in (".trail", ".themes", "#open-keys", "#keys"):
        expect(plain.locator(hidden)).to_be_hidden()


def test_keys_lead_from_picture_to_picture_and_back(page: Page) -> None:
    page.goto("/browse")
    page.keyboard.press("j")
    expect(tiles(page).nth(0)).to_be_focused()
    for _ in range(8):
        page.keyboard.press("j")
    page.keyboard.press("k")
    focused = tiles(page).nth(7)
    expect(focused).to_be_focused()
    expect(focused).to_be_in_viewport()
    assert focused.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    address = str(focused.get_attribute("href"))
    page.keyboard.press("Enter")
    page.wait_for_url("**" + address)
    page.keyboard.press("Escape")
    page.wait_for_url("**/browse")
    expect(tiles(page).nth(7)).to_be_focused()


def test_the_entry_of_what_a_form_was_answered_is_left_alone(page: Page, site: str) -> None:
    for name, noted in (("home", True), ("results", False)):
        visit(page, next(each for each in PAGES if each.name == name), site)
        page.evaluate("document.addEventListener('click', event => event.preventDefault())")
        tiles(page).first.click()
        assert page.evaluate("history.state !== null") is noted


def test_the_first_picture_in_view_is_where_keys_begin(page: Page) -> None:
    page.goto("/browse")
    page.evaluate("window.scrollTo(0, 1200)")
    page.keyboard.press("j")
    top = page.evaluate("document.activeElement.getBoundingClientRect().bottom")
    assert 0 < top < 720


def test_a_slash_asks_for_a_photo(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("/")
    expect(page.locator("#image")).to_be_focused()
    page.goto("/about")
    page.keyboard.press("/")
    page.wait_for_url("**/#image")
    expect(page.locator("#image")).to_be_focused()


def test_keys_are_letters_where_one_types_and_with_modifiers(page: Page) -> None:
    page.goto("/")
    page.evaluate("document.querySelector('main').prepend(document.createElement('input'))")
    field = page.locator("main > input")
    field.focus()
    page.keyboard.type("j/?k")
    expect(field).to_have_value("j/?k")
    expect(field).to_be_focused()
    field.blur()
    for combination in ("Control+j", "Alt+j", "Meta+k"):
        page.keyboard.press(combination)
    assert page.evaluate("document.activeElement === document.body")


def test_the_sheet_tells_the_keys_and_turns_them_off_for_good(page: Page) -> None:
    page.goto("/browse")
    sheet = page.get_by_role("dialog", name="Keys")
    page.keyboard.press("?")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("Go to the next picture")
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page).to_have_url(re.compile("/browse$"))
    assert page.evaluate("document.activeElement === document.body")

    page.get_by_role("button", name="Keys").click()
    sheet.get_by_label("Use these keys").uncheck()
    sheet.get_by_role("button", name="Close").click()
    for _ in range(2):
        page.keyboard.press("?")
        expect(sheet).to_be_hidden()
        page.keyboard.press("j")
        expect(tiles(page).first).not_to_be_focused()
        page.reload()
    page.get_by_role("button", name="Keys").click()
    expect(sheet.get_by_label("Use these keys")).not_to_be_checked()


def test_further_pages_come_near_the_end_each_once_and_in_order(page: Page, plain: Page) -> None:
    page.goto("/browse")
    expect(page.get_by_text("1 to 60 of 1,280 pictures")).to_be_visible()
    load_all_that_comes_by_itself(page)
    expect(page.get_by_role("status").filter(has_text="was added")).to_contain_text("Page 4 of 22")
    expect(page.get_by_text("1 to 60 of 1,280 pictures")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"\?page=4$"))
    to_the_end(page)
    expect(page.get_by_role("radio", name="Dark")).to_be_in_viewport()
    shown = tiles(page).evaluate_all("links => links.map(link => link.pathname)")
    plain.goto("/browse")
    wanted: list[str] = []
    for number in (2, 3, 4, 5):
        wanted += tiles(plain).evaluate_all("links => links.map(link => link.pathname)")
        plain.get_by_role("link", name="Next").click()
        expect(plain).to_have_url(re.compile(rf"\?page={number}$"))
    assert shown == wanted
    # The button brings the next page and hands the focus over to it.
    further(page).press("Enter")
    expect(tiles(page).nth(240)).to_be_focused()
    expect(further(page)).to_be_hidden()


def test_no_picture_is_shown_twice_when_the_gallery_changes_meanwhile(page: Page) -> None:
    page.goto("/browse")
    moved = page.request.get("/browse").body()
    page.route(re.compile(r"page=2"), lambda route: route.fulfill(body=moved))
    to_the_end(page)
    expect(further(page)).to_be_visible()
    expect(tiles(page)).to_have_count(60)


def test_the_last_page_is_the_end(page: Page) -> None:
    page.goto("/browse?page=21")
    expect(page.get_by_role("link", name="Previous")).to_be_attached()
    to_the_end(page)
    expect(tiles(page)).to_have_count(60 + 20)
    expect(page.get_by_role("link", name="Next")).to_have_count(0)
    expect(page.get_by_role("link", name="Previous")).to_have_attribute("href", "/browse?page=20")
    to_the_end(page)
    expect(further(page)).to_be_hidden()


def test_back_and_reload_find_the_same_place_of_an_endless_list(page: Page) -> None:
    page.goto("/browse")
    load_all_that_comes_by_itself(page)
    page.evaluate("window.scrollBy(0, -700)")
    expect(page).to_have_url(re.compile(r"\?page=4$"))
    page.wait_for_function("() => history.state.endless.scroll === window.scrollY")
    place = scrolled(page)
    seen = tiles(page).nth(200)
    box = seen.bounding_box()
    page.evaluate("link => link.click()", seen.element_handle())
    page.wait_for_url(PICTURE)
    page.go_back()
    expect(tiles(page)).to_have_count(240)
    page.wait_for_function("y => window.scrollY === y", arg=place)
    assert seen.bounding_box() == box
    page.reload()
    expect(tiles(page)).to_have_count(240)
    page.wait_for_function("y => window.scrollY === y", arg=place)
    expect(page).to_have_url(re.compile(r"\?page=4$"))


def test_forward_restores_the_place_too(page: Page) -> None:
    page.goto("/browse")
    tiles(page).first.click()
    page.wait_for_url(PICTURE)
    to_the_end(page)
    place = scrolled(page)
    page.go_back()
    page.wait_for_url("**/browse")
    page.go_forward()
    page.wait_for_url(PICTURE)
    page.wait_for_function("y => window.scrollY === y", arg=place)


def test_a_page_that_does_not_come_is_said_and_can_be_asked_for_again(page: Page) -> None:
    page.goto("/nearest/5")
    page.get_by_role("link", name="See everything by similarity").click()
    before = tiles(page).count()
    page.route(re.compile(r"page=2"), lambda route: route.fulfill(status=404))
    to_the_end(page)
    expect(page.get_by_role("status").filter(has_text="did not arrive")).to_be_attached()
    expect(page.get_by_role("link", name="Next")).to_be_visible()
    page.unroute(re.compile(r"page=2"))
    further(page).click()
    expect(tiles(page).nth(before)).to_be_attached()


@pytest.mark.parametrize("system", ["light", "dark"])
def test_a_chosen_theme_stays_and_the_systems_is_followed(page: Page, system: str) -> None:
    page.emulate_media(color_scheme="dark" if system == "dark" else "light")
    page.goto("/about")
    assert (background(page) == DARK) == (system == "dark")
    other = "Light" if system == "dark" else "Dark"
    page.get_by_role("radio", name=other).check()
    assert (background(page) == DARK) == (other == "Dark")
    page.goto("/")
    assert (background(page) == DARK) == (other == "Dark")
    expect(page.get_by_role("radio", name=other)).to_be_checked()
    page.get_by_role("radio", name="System").check()
    page.reload()
    assert (background(page) == DARK) == (system == "dark")


def test_a_theme_is_there_before_the_first_paint(page: Page) -> None:
    page.goto("/")
    page.get_by_role("radio", name="Dark").check()
    # No module arrives: what is painted first is the work of the script in the head alone.
    page.route("**/main.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => {"
        " const { colorScheme, backgroundColor } = getComputedStyle(document.documentElement);"
        " window.first = [colorScheme, backgroundColor] })"
    )
    page.goto("/about")
    assert page.evaluate("window.first") == ["dark", DARK]


def test_without_scripts_the_theme_is_the_systems(plain: Page) -> None:
    plain.emulate_media(color_scheme="dark")
    plain.goto("/")
    assert background(plain) == DARK


def test_with_reduced_motion_nothing_moves(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto("/nearest/5")
    assert page.locator(".large img").evaluate("e => getComputedStyle(e).viewTransitionName") == (
        "none"
    )
    moving = "document.getAnimations().length"
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize("address", ["/", "/browse", "/nearest/5", "/about"])
def test_from_right_to_left_and_at_twice_the_size_nothing_is_cut_off(
    page: Page, address: str
) -> None:
    # At 200 % a window of 1280 pixels has 640 of those that the style speaks of.
    page.set_viewport_size({"width": 640, "height": 450})
    page.goto(address)
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    brand, menu = page.locator(".brand").bounding_box(), page.locator(".top nav").bounding_box()
    assert brand is not None
    assert menu is not None
    assert brand["x"] > menu["x"]
