"""The one table of settings: defaults, environment, argument, help and documentation agree."""

import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app import create_app, settings
from app.sense import odd
from app.settings import Settings, SettingsError, load
from tests.app.conftest import ROOT

SECRET = "0123456789-a-secret-of-tests"


def test_the_argument_goes_before_the_environment_and_that_before_the_default() -> None:
    environ = {"IMAGESEARCH_RESULTS": "7", "IMAGESEARCH_WAIT": "0.5", "OTHER": "x"}
    chosen = load({"RESULTS": 9}, environ)
    assert (chosen.results, chosen.wait, chosen.browse) == (9, 0.5, 60)


@pytest.mark.parametrize("row", settings.rows(), ids=lambda row: row.name)
def test_every_setting_is_set_by_its_variable(row: settings.Row) -> None:
    kind = type(getattr(Settings(), row.name))
    text, value = {bool: ("true", True), int: ("1024", 1024), float: ("1.5", 1.5)}.get(
        kind, ("x", "x")
    )
    if kind is int and row.name in {"workers", "threads", "proxies", "encodes", "results",
                                    "results_most", "browse", "form_parts"}:  # fmt: skip
        text, value = "3", 3
    if row.name == "picture_memory":
        text, value = "200000000", 200_000_000
    if row.name == "origins":
        text = value = "https://one.example,https://two.example:8443"
    if row.name == "fetch_ports":
        text = value = "443, 8443"
    if row.name == "fetch_networks":
        text = value = "10.1.0.0/16, fd12::/48"
    if row.name == "rate_store":
        text = value = "rediss://user:password@redis.example:6380/1"
    if row.name == "token":
        text = value = SECRET
    if row.name == "log_format":
        text = value = "json"
    if row.name == "index":
        text = value = "milvus://one.example:19530/bridges"
    assert getattr(load({}, {row.variable: text}), row.name) == value


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "x", "a whole number from 0 to 65535"),
        ("PORT", "70000", "a whole number from 0 to 65535"),
        ("WAIT", "-1", "a number from 0 to 60"),
        ("ACCESS_LOG", "perhaps", "true or false"),
        ("ORIGINS", "one.example", "text such as `https://one.example"),
        ("ORIGINS", "https://one.example/path", "text such as `https://one.example"),
        ("ORIGINS", "https://one.example, *", "text such as `https://one.example"),
        ("INDEX", "milvus://one.example", "text such as `milvus://127.0.0.1:19530/bridges`"),
        ("LOG_FORMAT", "xml", "one of"),
        ("RESULT", "3", "Did you mean IMAGESEARCH_RESULTS?"),
        ("ZZZ", "3", "`python -m app --help` lists them."),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(name: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load({}, {f"IMAGESEARCH_{name}": value})
    assert words in str(refused.value)
    assert f"IMAGESEARCH_{name}" in str(refused.value)


def test_a_secret_is_told_nowhere(bundle: Path) -> None:
    chosen = load({}, {"IMAGESEARCH_TOKEN": SECRET})
    assert SECRET not in repr(chosen) + str(chosen)
    assert repr(chosen) != repr(load({}, {}))
    for wrong in (
        "too-short-to-be-a-secret"[:-1],
        "it has blanks, so nobody can send it",
        SECRET + "ü",
    ):
        with pytest.raises(SettingsError, match="at least 24 letters and digits") as refused:
            create_app({"BUNDLE": str(bundle), "TOKEN": wrong})
        assert "openssl rand -hex 24" in str(refused.value)
        told = "".join(traceback.format_exception(refused.value))
        assert wrong not in told.replace(Path(__file__).read_text(), "")


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({}, []),
        ({"encodes": 8, "threads": 4}, ["more than the 4 requests"]),
        ({"results": 200, "results_most": 100}, ["a page shows 200 matches"]),
        ({"request_bytes": 2**31}, ["fill more than 8 GB"]),
        ({"password": "short"}, ["fewer than 12 characters"]),
        ({"metrics": True}, []),
        ({"metrics": True, "host": "0.0.0.0"}, ["/metrics can be read"]),
        ({"password": "a long pass phrase", "host": "::"}, ["without encryption"]),
        ({"password": "a long pass phrase", "host": "::", "proxies": 1}, []),
        ({"fetch_networks": "10.1.0.0/16"}, ["nothing is fetched from anywhere"]),
        ({"fetch_networks": "10.1.0.0/16", "fetch": True}, []),
        ({"rate": 600}, ["counts all visitors as one"]),
        ({"rate": 600, "proxies": 1}, []),
        ({"rate": 600, "host": "0.0.0.0"}, []),
    ],
)
def test_settings_that_make_no_sense_together_are_told(
    chosen: dict[str, Any], told: list[str]
) -> None:
    found = list(odd(Settings(**chosen)))
    assert len(found) == len(told)
    assert all(words in each.told for words, each in zip(told, found, strict=True))
    assert all(each.remedy for each in found)


def test_a_mistyped_name_in_the_argument_is_refused(bundle: Path) -> None:
    with pytest.raises(SettingsError, match="Did you mean IMAGESEARCH_BUNDLE"):
        create_app({"BUNDEL": str(bundle)})


def test_help_and_documentation_hold_every_setting() -> None:
    shown = run("--help")
    table = run("--settings-markdown")
    assert table == settings.markdown()
    for field in msgspec.structs.fields(Settings):
        assert f"IMAGESEARCH_{field.name.upper()} (" in shown
        assert f"| `IMAGESEARCH_{field.name.upper()}` |" in table


def run(option: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "app", option], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout
