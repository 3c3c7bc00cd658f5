"""Which language a page speaks: what was chosen, else what the browser asks for, else English.

Texts are written in English, in the code and the templates. Every other language is one file,
translations/LANGUAGE/LC_MESSAGES/messages.po, read once at the start as translators write it: there
is nothing to compile. Programs, at addresses below /api/, are always answered in English.
"""

import gettext
import io
import re
from pathlib import Path
from typing import Any, Final, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from flask import Flask, Response, current_app, g, request

# The cookie that holds the choice: a language's tag, and nothing about the visitor.
COOKIE: Final = "language"
# What a text may have filled in: "%(count)s pictures", and the sign itself.
_NAMED: Final = re.compile(r"%\(\w+\)s|%%")
# Babel overlooks a quotation mark that is missing, and takes a letter for it.
_LINE: Final = re.compile(
    r'\s*(#.*|(msg(ctxt|id|id_plural|str(\[\d\])?)\s*)?"([^"\\]|\\.)*"\s*)?', re.DOTALL
)


class LanguageError(ValueError):
    """A translation that cannot be used; its text says which file, why, and what to do."""


class Language(NamedTuple):
    """tag: as in HTML and HTTP, such as "de" or "pt-BR". name: what its speakers call it.

    locale: how it writes numbers and dates.
    """

    tag: str
    name: str
    locale: Locale
    texts: gettext.NullTranslations

    @property
    def direction(self) -> str:
        """Which way it is written: "ltr" or "rtl"."""
        return str(self.locale.text_direction)


# Its dates are British, as its spelling is.
ENGLISH: Final = Language("en", "English", Locale("en", "GB"), gettext.NullTranslations())


def init_app(app: Flask, folder: Path) -> None:
    """Read the translations. Raises LanguageError."""
    app.extensions["languages"] = read(folder)
    app.after_request(_tell)
    app.context_processor(lambda: {"language": present(), "languages": offered().values()})


def read(folder: Path) -> dict[str, Language]:
    """Return English and every language that has a file below the folder, by tag.

    Raises LanguageError.
    """
    found = [_read(path) for path in sorted(folder.glob("*/LC_MESSAGES/messages.po"))]
    return {each.tag: each for each in (ENGLISH, *found)}


def offered() -> dict[str, Language]:
    """Return the languages that can be chosen, by tag."""
    languages: dict[str, Language] = current_app.extensions["languages"]
    return languages


def present() -> Language:
    """Return the language of the present answer."""
    known: Language | None = g.get("language")
    if known is None:
        known = g.language = ENGLISH if _by_program() else _wanted()
    return known


def _wanted() -> Language:
    languages = offered()
    asked = request.accept_languages.best_match(languages)
    return languages.get(request.cookies.get(COOKIE, "")) or languages[asked or ENGLISH.tag]


def _by_program() -> bool:
    return request.path.startswith("/api/")


def _tell(response: Response) -> Response:
    """Say which language a page is in, and to caches that it could be in another."""
    if response.mimetype == "text/html" and not _by_program():
        response.headers["Content-Language"] = present().tag
        response.vary.update(("Accept-Language", "Cookie"))
    return response


def _read(path: Path) -> Language:
    name = path.parent.parent.name
    try:
        locale = Locale.parse(name)
        lines = path.read_text(encoding="utf-8").split("\n")
        _check_lines(lines)
        catalog = read_po(lines, locale, abort_invalid=True)
        _check(catalog)
        texts = _texts(catalog)
    except (OSError, ValueError, PoFileError, UnknownLocaleError) as error:
        raise LanguageError(
            f"The translation {path} cannot be used: {error}. Mend the file or take it away."
        ) from error
    own = locale.get_display_name(locale) or name
    return Language(name.replace("_", "-"), own[:1].upper() + own[1:], locale, texts)


def _texts(catalog: Catalog) -> gettext.GNUTranslations:
    content = io.BytesIO()
    write_mo(content, catalog)
    content.seek(0)
    return gettext.GNUTranslations(content)


def _check_lines(lines: list[str]) -> None:
    for number, line in enumerate(lines, 1):
        if not _LINE.fullmatch(line):
            raise ValueError(f"line {number} is neither a comment nor a text in quotation marks")


def _check(catalog: Catalog) -> None:
    """Raise ValueError for a text that could not be filled in: it would break its page."""
    for message in catalog:
        own, translated = (_forms(each) for each in (message.id, message.string))
        names = {*_NAMED.findall(" ".join(own)), "%%"}
        for text in translated if own != [""] else []:
            if not names.issuperset(_NAMED.findall(text)) or "%" in _NAMED.sub("", text):
                raise ValueError(
                    f"“{text}” may have the names in %(…)s that “{own[0]}” has, no others, "
                    "and %% for the sign itself"
                )


def _forms(text: Any) -> list[str]:
    """Return the singular and the plurals of a text of a catalogue."""
    return [text or ""] if isinstance(text, str | None) else [each or "" for each in text]
