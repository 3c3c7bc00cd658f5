"""IPTC-NAA records, as news agencies and older programs embed them in JPEG and TIFF.

The numbers are those of the "Information Interchange Model" 4.2, chapter 6.
"""

from typing import Final

from model.metadata.raw import Iptc
from model.metadata.told import Told, cleaned
from model.metadata.words import decoded

_TITLE: Final = (2, 5)
_HEADLINE: Final = (2, 105)
_KEYWORDS: Final = (2, 25)
_CREATED: Final = (2, 55)
_TIME: Final = (2, 60)
_BYLINE: Final = (2, 80)
_CREDIT: Final = (2, 110)
_SOURCE: Final = (2, 115)
_COPYRIGHT: Final = (2, 116)
_CAPTION: Final = (2, 120)


def told_by_iptc(iptc: Iptc) -> Told:
    """Return what data sets tell, by record and number."""

    def texts(key: tuple[int, int]) -> list[str]:
        values = iptc.get(key) or []
        listed = values if isinstance(values, list) else [values]
        return [decoded(value) for value in listed if value]

    def text(*keys: tuple[int, int]) -> str:
        return next((", ".join(found) for key in keys if (found := texts(key))), "")

    return cleaned(
        Told(
            title=text(_TITLE, _HEADLINE),
            alt=text(_CAPTION),
            credit=text(_BYLINE, _CREDIT),
            licence=text(_COPYRIGHT),
            source=text(_SOURCE),
            date=f"{text(_CREATED)} {text(_TIME)}",
            tags=tuple(texts(_KEYWORDS)),
        )
    )
