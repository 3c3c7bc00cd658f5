"""Texts in the language of the present answer: `gettext` and its kin, for code and templates.

A text is written where it is used, in English, so that Babel finds it (`pybabel extract`). Values
stand in it as %(name)s, and a per cent sign as %%, also where nothing is filled in.
"""

from flask import Flask

from app.languages import present


def init_app(app: Flask) -> None:
    """Give templates `_`, `gettext`, `ngettext` and `pgettext`."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    install = getattr(app.jinja_env, "install_gettext_callables")  # noqa: B009 - the extension's
    install(_plain, _plural, newstyle=True, pgettext=_within)


def NP_(_context: str, text: str) -> str:  # noqa: N802
    """Mark a text that needs its context to be translated; `model.sentences.N_` marks others."""
    return text


def gettext(text: str, **values: object) -> str:
    """Return a text in the present language, filled in."""
    return _plain(text) % values


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Return the text that fits a count, filled in."""
    return _plural(one, many, count) % values


def pgettext(context: str, text: str) -> str:
    """Return a text that says in its context what it says; unknown ones stay as they are."""
    return _within(context, text)


def _plain(text: str) -> str:
    # What translates the empty text are the headers of the file.
    return present().texts.gettext(text) if text else ""


def _plural(one: str, many: str, count: int) -> str:
    return present().texts.ngettext(one, many, count)


def _within(context: str, text: str) -> str:
    return present().texts.pgettext(context, text) if text else ""
