"""Settings that are possible, each by itself, and make little sense together."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from app import languages, networks, settings
from app.settings import PREFIX, Settings

_TRANSLATIONS: Final = Path(__file__).parent.parent / "translations"
# A password of fewer characters can be guessed by somebody who has many addresses, or patience.
_PASSWORD: Final = 12
_OWN: Final = ("127.0.0.1", "::1", "localhost")


class Odd(NamedTuple):
    """told: what is odd. remedy: what to set instead."""

    told: str
    remedy: str


def checked() -> dict[str, Any]:
    """Return the settings of the environment, as far as they are no secret, and what is odd.

    Raises SettingsError, and LanguageError for a translation that a server could not use.
    """
    languages.read(_TRANSLATIONS)
    chosen = settings.load()
    networks.parsed(chosen.fetch_networks)
    return {"settings": settings.told(chosen), "odd": [each._asdict() for each in odd(chosen)]}


def odd(chosen: Settings) -> Iterator[Odd]:
    """Yield what makes no sense."""
    yield from _of_numbers(chosen)
    yield from _of_access(chosen)
    if chosen.fetch_networks and not chosen.fetch:
        told = f"{PREFIX}FETCH_NETWORKS names networks, and nothing is fetched from anywhere."
        yield Odd(told, f"{PREFIX}FETCH=true, or no networks")


def _of_numbers(chosen: Settings) -> Iterator[Odd]:
    if chosen.encodes > chosen.threads:
        told = (
            f"{PREFIX}ENCODES={chosen.encodes} is more than the {chosen.threads} requests that a "
            "process answers side by side."
        )
        yield Odd(told, f"{PREFIX}ENCODES={chosen.threads}")
    if chosen.results > chosen.results_most:
        told = (
            f"a page shows {chosen.results} matches, and the API, which uses the same number where "
            f"none is asked for, may give {chosen.results_most} at most."
        )
        yield Odd(told, f"{PREFIX}RESULTS_MOST={chosen.results}")
    if chosen.request_bytes * chosen.threads * chosen.workers > 8 * 2**30:
        told = f"requests of {PREFIX}REQUEST_BYTES, one for each thread, fill more than 8 GB."
        yield Odd(told, "fewer bytes, threads or workers")


def _of_access(chosen: Settings) -> Iterator[Odd]:
    if 0 < len(chosen.password) < _PASSWORD:
        told = f"{PREFIX}PASSWORD has fewer than {_PASSWORD} characters, and can be tried out."
        yield Odd(told, "a longer one, such as `openssl rand -base64 18` prints")
    if chosen.metrics and not chosen.password and chosen.host not in _OWN:
        told = "/metrics can be read by whoever reaches the server."
        yield Odd(told, "let the proxy keep it from others, or set a password: docs/operating.md")
    if chosen.password and not chosen.proxies and chosen.host not in _OWN:
        told = "the password travels without encryption, where no proxy in front speaks TLS."
        yield Odd(told, f"a proxy that speaks TLS, and {PREFIX}PROXIES=1")
    if chosen.rate and not chosen.proxies and chosen.host in _OWN:
        told = f"{PREFIX}RATE counts all visitors as one: only this machine reaches {chosen.host}."
        yield Odd(told, f"{PREFIX}PROXIES=1, if a proxy stands in front")
