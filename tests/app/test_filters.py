"""Filters, through the front door: what is left, what is counted, what is refused.

Everything is held against what was told about the pictures, counted here once more by hand.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from model.bundle import hash_of
from tests.app.markup import Page

Told = dict[str, Any]
Args = list[tuple[str, str]]

# Every facet that the pictures have, and nothing that is a measure, a name or a text.
VALUES: dict[str, Callable[[Told], list[str]]] = {
    "mood": lambda told: [told["mood"]] if "mood" in told else [],
    "colours seen": lambda told: told.get("colours seen", []),
    "credit": lambda told: [told["credit"]] if "credit" in told else [],
}
SELECTIONS: list[Args] = [
    [("where", "mood:calm")],
    [("where", "mood:calm"), ("where", "mood:wild")],
    [("where", "mood:calm"), ("where", "colours seen:blue")],
    [("where", "mood:merry & bright"), ("tag", "odd"), ("tag", "truss")],
    [("where", "credit:Ada"), ("from", "2020")],
    [("from", "2019-02"), ("to", "2020-03")],
    [("to", "2019-01-15")],
    [("from", "2030")],
    [("per_group", "1")],
    [("where", "colours seen:red"), ("tag", "beam"), ("to", "2021"), ("per_group", "true")],
]


@pytest.fixture(scope="module")
def app(told_bundle: Path) -> Flask:
    return create_app({"TESTING": True, "BUNDLE": str(told_bundle)})


def left(told: list[Told], args: Args, *, but: str = "") -> list[Told]:
    """Return what filters leave, in the gallery's order; `but` is a facet that is passed over."""
    found = [each for each in told if all(_fits(each, *kind) for kind in _kinds(args, but))]
    if ("per_group", "1") in args or ("per_group", "true") in args:
        firsts = {each.get("group", each["path"]): each for each in reversed(found)}
        found = [each for each in found if firsts[each.get("group", each["path"])] is each]
    return found


def _kinds(args: Args, but: str) -> Iterator[tuple[str, list[str]]]:
    for name in VALUES:
        chosen = [value.partition(":")[2] for kind, value in args
                  if kind == "where" and value.startswith(f"{name}:")]  # fmt: skip
        if chosen and name != but:
            yield name, chosen
    for kind in ("tag", "from", "to"):
        chosen = [value for name, value in args if name == kind]
        if chosen and (but != "year" or kind == "tag") and kind != but:
            yield kind, chosen


def _fits(told: Told, kind: str, chosen: list[str]) -> bool:
    date = told.get("date", "")
    if kind == "from":
        return bool(date >= chosen[0])
    if kind == "to":
        return bool(date) and date[: len(chosen[0])] <= chosen[0]
    values = told.get("tags", []) if kind == "tag" else VALUES[kind](told)
    return bool({*values} & {*chosen})


def counted(told: list[Told], args: Args) -> dict[str, Any]:
    """Return what the answer must tell as counts."""

    def count(name: str, argument: Callable[[str], Args], values: set[str]) -> dict[str, int]:
        bare = [each for each in args if not _of(each, name)]
        return {
            value: found
            for value in values
            if (found := len(left(told, [*bare, *argument(value)])))
        }  # fmt: skip

    def words(name: str) -> dict[str, int]:
        values = {value for each in told for value in VALUES[name](each)}
        return count(name, lambda value: [("where", f"{name}:{value}")], values)

    tags = {tag for each in told for tag in each.get("tags", [])}
    years = {each["date"][:4] for each in told if "date" in each}
    where = {name: found for name in VALUES if (found := words(name))}
    return {
        "where": where,
        "tag": count("tag", lambda tag: [("tag", tag)], tags),
        "year": count("year", lambda year: [("from", year), ("to", year)], years),
        "per_group": len(left(told, [*args, ("per_group", "1")])),
    }


def _of(argument: tuple[str, str], name: str) -> bool:
    kind, value = argument
    if name == "year":
        return kind in {"from", "to"}
    return kind == name or (kind == "where" and value.startswith(f"{name}:"))


def without_zeros(counts: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is told only because it is chosen."""
    shown = {name: {k: n for k, n in words.items() if n} for name, words in counts["where"].items()}
    return {
        "where": {name: words for name, words in shown.items() if words},
        "tag": {tag: n for tag, n in counts["tag"].items() if n},
        "year": {year: n for year, n in counts["year"].items() if n},
        "per_group": counts["per_group"],
    }


def ask(client: FlaskClient, path: str, args: Args, status: int = 200) -> Any:
    response = client.get(f"{path}?{urlencode(args)}")
    assert response.status_code == status, response.text
    return json.loads(response.data)


def paths(client: FlaskClient, answer: Any) -> list[str]:
    listed = answer.get("images", answer.get("matches"))
    return [json.loads(client.get(image["record"]).data)["path"] for image in listed]


@pytest.mark.parametrize("args", SELECTIONS, ids=urlencode)
def test_images_are_those_that_the_filters_leave(
    client: FlaskClient, told: list[Told], args: Args
) -> None:
    found = ask(client, "/api/v1/images", [("limit", "100"), *args])
    expected = [each["path"] for each in left(told, args)]
    assert paths(client, found) == expected
    assert found["total"] == len(expected)
    assert without_zeros(found["counts"]) == counted(told, args)
    parts, address = [], f"/api/v1/images?{urlencode([('limit', '5'), *args])}"
    while address:
        part = json.loads(client.get(address).data)
        parts += part["images"]
        address = part["next"]
    assert parts == found["images"]


@pytest.mark.parametrize("args", SELECTIONS, ids=urlencode)
@pytest.mark.parametrize("second_look", [False, True])
def test_a_search_never_finds_fewer_than_exist(
    told_bundle: Path, told: list[Told], photo: bytes, args: Args, second_look: bool
) -> None:
    config = {"TESTING": True, "BUNDLE": str(told_bundle), "SECOND_LOOK": second_look}
    client = create_app(config).test_client()
    whole = json.loads(client.post("/api/v1/search?limit=100", data=photo).data)
    found = json.loads(
        client.post(f"/api/v1/search?{urlencode([('limit', '100'), *args])}", data=photo).data
    )
    competing = [each for each in args if each[0] != "per_group"]
    assert found["searched"] == len(left(told, competing))
    assert found["total"] == len(found["matches"]) == len(left(told, args))
    assert without_zeros(found["counts"]) == counted(told, args)
    assert [match["rank"] for match in found["matches"]] == list(range(1, found["total"] + 1))
    allowed = {each["path"]: each for each in left(told, competing)}
    ordered = [allowed[path] for path in paths(client, whole) if path in allowed]
    expected = left(ordered, args)
    if second_look and competing != args:  # it orders anew what the embedding chose of each group
        assert len(paths(client, found)) == len(expected)
    else:
        assert paths(client, found) == [each["path"] for each in expected]


@pytest.mark.parametrize("args", SELECTIONS, ids=urlencode)
def test_what_is_similar_leaves_the_picture_itself_out_of_every_number(
    client: FlaskClient, told: list[Told], args: Args
) -> None:
    own = json.loads(client.get("/api/v1/images?limit=1").data)["images"][0]["id"]
    others = told[1:]
    found = ask(client, f"/api/v1/images/{own}/similar", [("limit", "100"), *args])
    assert found["total"] == len(found["matches"]) == len(left(others, args))
    assert told[0]["path"] not in paths(client, found)
    assert without_zeros(found["counts"]) == counted(others, args)
    tail = ask(client, f"/api/v1/images/{own}/similar", [("limit", "3"), ("offset", "2"), *args])
    assert tail["matches"] == found["matches"][2:5]


@pytest.mark.parametrize("start", ["/browse", "/images/ID/similar"])
def test_every_choice_of_a_page_leads_to_as_many_pictures_as_it_says(
    client: FlaskClient, start: str
) -> None:
    own = json.loads(client.get("/api/v1/images?limit=1").data)["images"][0]["id"]
    for args in ([], SELECTIONS[2], SELECTIONS[4], SELECTIONS[9]):
        page = client.get(f"{start.replace('ID', own)}?{urlencode(args)}").text
        choices = list(_choices(page))
        assert len(choices) > 8
        for address, count, chosen in choices:
            if not chosen:
                alone = _alone(address, args)
                assert len(Page(client.get(alone).text).all("li", cls="tile")) == count, address


def _alone(address: str, args: Args) -> str:
    """Return the address without what was chosen of the same facet: the count is that of one."""
    path, _, query = address.partition("?")
    after = parse_qsl(query)
    changed = {_facet(each) for each in set(after) ^ set(args)} - {"date"}
    kept = [each for each in after if each not in args or _facet(each) not in changed]
    return f"{path}?{urlencode(kept)}"


def _facet(argument: tuple[str, str]) -> str:
    kind, value = argument
    if kind == "where":
        return value.partition(":")[0]
    return "date" if kind in {"from", "to"} else kind


def _choices(source: str) -> Iterator[tuple[str, int, bool]]:
    """Yield the address, the count, and whether it is chosen, of all links with a count."""
    page = Page(source)
    counts = iter(source.split('<span class="count">')[1:])
    for link in (a for a in page.all("a") if "per_group" in a["href"] or "?" in a["href"]):
        if link.get("class") in {"chip", "clear", "more"} or link.get("rel"):
            continue
        number = next(counts).split("<")[0]
        yield link["href"], int(number), "aria-current" in link


def test_what_is_chosen_can_be_taken_back_one_by_one(client: FlaskClient) -> None:
    args = [("where", "mood:calm"), ("where", "mood:wild"), ("tag", "odd"), ("from", "2019-02"),
            ("per_group", "1")]  # fmt: skip
    page = Page(client.get(f"/browse?{urlencode(args)}").text)
    chips = [parse_qsl(a["href"].partition("?")[2]) for a in page.all("a", cls="chip")]
    assert sorted(map(sorted, chips)) == sorted(
        sorted(each for each in args if each != taken) for taken in args
    )
    for words in ("Mood: calm", "Mood: wild", "Tags: odd", "Since 2019-02", "One picture per"):
        assert words in page.text
    assert page.all("a", cls="clear")[0]["href"] == "/browse"


def test_dates_and_rare_tags_are_chosen_with_forms_that_keep_the_rest(
    client: FlaskClient,
) -> None:
    args = [("where", "mood:calm"), ("tag", "odd"), ("from", "2019-02"), ("to", "2020")]
    page = Page(client.get(f"/browse?{urlencode(args)}").text)
    sent = [
        (field["name"], field["value"])
        for field in page.all("input")
        if field.get("type") in {"hidden", "date"} and field["name"] != "back"
    ]
    assert sent == [("where", "mood:calm"), ("tag", "odd"), ("from", "2019-02-01"),
                    ("to", "2020-12-31")]  # fmt: skip
    (form,) = (each for each in page.all("form") if each.get("action") == "/browse")
    assert form == {"action": "/browse"}


def test_more_tags_than_fit_are_in_a_list(make_bundle: Callable[..., Path]) -> None:
    tags = [f"tag {number:02}" for number in range(30)]
    bundle = make_bundle({"tags": tags, "mood": "calm"}, {"tags": tags[:29], "mood": "calm"})
    client = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
    page = Page(client.get("/browse?tag=tag+29").text)
    assert len(page.all("option")) == 18
    assert "tag 28 (2)" in page.text
    assert "Mood" not in page.text  # all of them are calm


def test_a_page_on_which_nothing_is_left_says_so_and_leads_back(client: FlaskClient) -> None:
    page = Page(client.get("/browse?where=mood:calm&from=2030").text)
    assert "No picture fits all of these filters" in page.text
    assert {"/browse?where=mood:calm", "/browse?from=2030"} <= {
        link.replace("%3A", ":") for link in page.links()
    }


@pytest.mark.parametrize(
    ("query", "told_back"),
    [
        ("where=moot:calm", "There is no filter “moot”. These exist, each written name:word: "
         "mood, colours seen, credit."),
        ("where=calm", "There is no filter “calm”."),
        ("where=", "There is no filter “”."),
        ("where=mood:sad", "The filter “mood” has no “sad”. It has: "),
        ("where=notes:The", "There is no filter “notes”."),
        ("where=span_m:1", "There is no filter “span_m”."),
        ("from=March", "from"),
        ("to=2024-13", "to"),
        ("per_group=2", "The parameter per_group takes true or false, and only once."),
        ("from=2019&from=2020", "The parameter from takes text such as `2024-03-14`"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_refused_with_what_does(
    client: FlaskClient, photo: bytes, query: str, told_back: str
) -> None:
    own = json.loads(client.get("/api/v1/images?limit=1").data)["images"][0]["id"]
    answers = [
        client.get(f"/api/v1/images?{query}"),
        client.get(f"/api/v1/images/{own}/similar?{query}"),
        client.post(f"/api/v1/search?{query}", data=photo),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert answer.content_type == "application/problem+json"
        assert told_back in json.loads(answer.data)["detail"]
    if "per_group" not in query and query.count("from") < 2:
        for path in ("/browse", f"/images/{own}/similar"):
            assert client.get(f"{path}?{query}").status_code == 422


def test_the_document_names_what_can_be_asked_for(client: FlaskClient, bundle: Path) -> None:
    def where(client: FlaskClient) -> Any:
        document = json.loads(client.get("/api/v1/openapi.json").data)
        parameters = document["paths"]["/api/v1/search"]["post"]["parameters"]
        return next(each["schema"] for each in parameters if each["name"] == "where")

    assert "mood:merry & bright" in where(client)["items"]["enum"]
    plain = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
    assert where(plain)["maxItems"] == 0


@pytest.fixture
def old_client(told_bundle: Path, told: list[Told], tmp_path: Path) -> FlaskClient:
    """Serve an index as it was written before there were facets."""
    folder = Path(shutil.copytree(told_bundle, tmp_path / "old"))
    manifest = json.loads((folder / "manifest.json").read_text())
    path = folder / manifest["files"]["records"]["name"]
    database = sqlite3.connect(path)
    database.executescript("DROP TABLE facets; DROP TABLE columns;")
    database.execute("CREATE TABLE tags (tag TEXT NOT NULL, row INTEGER NOT NULL)")
    tags = [(tag, row) for row, each in enumerate(told) for tag in each.get("tags", [])]
    database.executemany("INSERT INTO tags VALUES (?, ?)", tags)
    database.commit()
    database.close()
    manifest["files"]["records"] |= {"bytes": path.stat().st_size, "sha256": hash_of(path)}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return create_app({"TESTING": True, "BUNDLE": str(folder)}).test_client()


def test_an_older_index_is_served_with_its_tags_alone(
    old_client: FlaskClient, told: list[Told]
) -> None:
    page = Page(old_client.get("/browse?tag=truss").text)
    assert len(page.all("li", cls="tile")) == 5
    assert "odd 8" in page.text
    assert "Mood" not in page.text
    assert "per subject" not in page.text
    found = ask(old_client, "/api/v1/images", [("tag", "odd"), ("limit", "50")])
    assert paths(old_client, found) == [each["path"] for each in left(told, [("tag", "odd")])]
    refused = ask(old_client, "/api/v1/images", [("where", "mood:calm")], 422)
    assert "tell nothing to choose" in refused["detail"]


def test_a_gallery_of_which_nothing_is_told_shows_no_filters(
    make_bundle: Callable[..., Path],
) -> None:
    bundle = make_bundle({"title": "One", "tags": []}, {"title": "Two", "tags": []})
    client = create_app({"TESTING": True, "BUNDLE": str(bundle)}).test_client()
    assert not Page(client.get("/browse").text).all("section", cls="filters")


def test_facets_are_the_short_vocabularies_in_the_order_of_the_records(
    client: FlaskClient,
) -> None:
    counts = json.loads(client.get("/api/v1/images").data)["counts"]
    assert list(counts["where"]) == list(VALUES)
