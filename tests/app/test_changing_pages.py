"""The gallery is changed from a browser: forms that carry the token, and nothing remembers it."""

from typing import Any

from tests.app.changing import TOKEN, Site, picture
from tests.app.markup import Page
from tests.app.sending import MULTIPART, form


def send(site: Site, path: str, *seeds: int, token: str = TOKEN, **fields: str) -> Any:
    files = ((f"a_bridge_{seed}.jpg", picture(seed)) for seed in seeds)
    return post(site, path, *files, token=token, **fields)


def post(site: Site, path: str, *files: tuple[str, bytes], **fields: str) -> Any:
    return site.client.post(path, data=form(*files, **fields), content_type=MULTIPART)


def led(site: Site, answer: Any) -> Page:
    """Follow an answer to the page that it leads to."""
    assert answer.status_code == 303, answer.text
    assert "Set-Cookie" not in answer.headers
    assert TOKEN not in answer.location
    page = site.client.get(answer.location)
    assert page.status_code == 200
    assert TOKEN not in page.text
    return Page(page.text)


def wrong(answer: Any, status: int, words: str) -> Page:
    """Return a page that says what was wrong, above the form."""
    page = Page(answer.text)
    assert answer.status_code == status
    assert page.all("div", cls="wrong")[0]["role"] == "alert"
    assert words in page.text
    assert TOKEN not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return page


def fields(page: Page) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in page.all("input") if "name" in each}


def test_a_picture_is_added_by_a_form_and_shown(changeable: Site) -> None:
    assert "/upload" in Page(changeable.client.get("/browse").text).links()
    shown = Page(changeable.client.get("/upload").text)
    assert {"image", "title", "tags", "token"} <= fields(shown).keys()
    (token,) = (each for each in shown.all("input") if each.get("name") == "token")
    assert (token["type"], token["autocomplete"]) == ("password", "current-password")
    answer = send(changeable, "/upload", 0, tags="fog, stone", title="")
    page = led(changeable, answer)
    assert "It is in the gallery now." in page.text
    assert "A bridge 0" in page.text
    assert "/browse?tag=fog" in page.links()
    again = led(changeable, send(changeable, "/upload", 0, title="Another"))
    assert "in the gallery already" in again.text
    assert "Another" not in again.text
    several = led(changeable, send(changeable, "/upload", 0, 1))
    assert "2 pictures are in the gallery now." in several.text
    assert len(several.all("li", cls="tile")) == 2
    assert changeable.index().generation == ""


def test_what_is_wrong_stands_above_the_form_as_it_was_filled_in(changeable: Site) -> None:
    before, files = changeable.generation(), changeable.files()
    told = {"title": 'A "title" <b>', "tags": "x, y"}
    for token, words in (("", "takes its token"), ("wrong", "not the token")):
        answer = send(changeable, "/upload", 0, token=token, **told)
        page = wrong(answer, 401, words)
        filled = fields(page)
        assert [filled[name] for name in ("title", "tags", "credit", "token")] == [
            *told.values(),
            "",
            "",
        ]
        assert "Bearer" in answer.headers["WWW-Authenticate"]
    wrong(send(changeable, "/upload", **told), 400, "No picture arrived")
    wrong(send(changeable, "/upload", 0, date="never"), 422, "A date is written")
    for content, status, words in ((b"x", 415, "not a picture"), (bytes(17 * 2**20), 413, "16 MB")):
        answer = post(changeable, "/upload", ("a.jpg", content), token=TOKEN)
        wrong(answer, status, words)
    assert (changeable.generation(), changeable.files()) == (before, files)


def test_what_is_told_is_changed_by_a_form(changeable: Site) -> None:
    record = next(each for each in changeable.records() if each.path == "beam/00.jpg")
    address = f"/images/{record.id}/edit"
    assert address in Page(changeable.client.get(f"/images/{record.id}").text).links()
    filled = fields(Page(changeable.client.get(address).text))
    assert (filled["title"], filled["tags"]) == ("Told beside it", "beam")
    assert "sure" not in filled
    del filled["token"]
    page = led(changeable, send(changeable, address, **filled | {"title": "Changed", "tags": ""}))
    assert "Saved." in page.text
    assert "Changed" in page.text
    changed = next(each for each in changeable.records() if each.id == record.id)
    assert (changed.title, changed.tags) == ("Changed", ())
    # What was not touched is not written down: it goes on being what others tell.
    assert b"credit" not in changeable.files()["beam/edits.json"]
    before = changeable.generation()
    led(changeable, send(changeable, address, **filled | {"title": "Changed", "tags": ""}))
    page = wrong(send(changeable, address, token="x", title="New"), 401, "not the token")
    assert fields(page)["title"] == "New"
    wrong(send(changeable, address, title="x" * 201), 422, "200 characters")
    wrong(send(changeable, address, do="remove", sure="1"), 409, "was not uploaded")
    assert changeable.generation() == before
    assert send(changeable, "/images/0123456789ab/edit").status_code == 404
    assert changeable.client.get("/images/0123456789ab/edit").status_code == 404


def test_a_picture_is_removed_by_a_form_and_not_by_mistake(changeable: Site) -> None:
    identifier = changeable.add()
    address = f"/images/{identifier}/edit"
    assert "sure" in fields(Page(changeable.client.get(address).text))
    wrong(send(changeable, address, do="remove"), 422, "Tick the box")
    wrong(send(changeable, address, token="x", do="remove", sure="1"), 401, "not the token")
    assert changeable.client.get(f"/images/{identifier}").status_code == 200
    page = led(changeable, send(changeable, address, do="remove", sure="1"))
    assert "no longer in the gallery" in page.text
    assert changeable.client.get(f"/images/{identifier}").status_code == 404
    assert not any("picture-" in name for name in changeable.files())


def test_the_reference_tells_how(changeable: Site) -> None:
    page = Page(changeable.client.get("/api").text)
    assert "Changing the gallery takes its token." in page.text
    record = "http://localhost/api/v1/images"
    bearer = "-H 'Authorization: Bearer TOKEN'"
    for command in (
        f"curl {bearer} -F image=@bridge.jpg '{record}'",
        f"curl -X DELETE {bearer} '{record}/",
        f'curl -X PATCH {bearer} -d \'{{"title": "The old bridge"}}\' \'{record}/',
    ):
        assert command in page.text
