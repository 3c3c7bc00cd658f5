"""XMP, embedded in a picture or in a file beside it (ISO 16684-1; the IPTC's and Adobe's names)."""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from model.metadata.dates import date_of
from model.metadata.told import MetadataError, Told, cleaned

MOST_BYTES: Final = 1_000_000

_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_PHOTOSHOP: Final = "{http://ns.adobe.com/photoshop/1.0/}"
_RIGHTS: Final = "{http://ns.adobe.com/xap/1.0/rights/}"
_EXIF: Final = "{http://ns.adobe.com/exif/1.0/}"
_CORE: Final = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
_CC: Final = "{http://creativecommons.org/ns#}"
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"

# Which properties a field is taken from: the first that says anything.
_ALT: Final = (_CORE + "AltTextAccessibility", _DC + "description")
_CREDIT: Final = (_DC + "creator", _PHOTOSHOP + "Credit")
_LICENCE: Final = (_CC + "license", _RIGHTS + "UsageTerms", _DC + "rights")
_DATE: Final = (_EXIF + "DateTimeOriginal", _PHOTOSHOP + "DateCreated")
# https://creativecommons.org/licenses/by-sa/4.0/ is what people, and SPDX, call CC-BY-SA-4.0.
_CREATIVE_COMMONS: Final = re.compile(
    r"https?://creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/(\d\.\d)\b", re.IGNORECASE
)


def told_by_xmp(packet: bytes) -> Told:
    """Return what an XMP packet tells. Raises MetadataError for one that cannot be understood.

    Where a picture was taken is passed over. So is a packet of more than a megabyte, and any that
    declares a document type: XMP has none, and its entities are how XML is made to explode.
    """
    if len(packet) > MOST_BYTES:
        raise MetadataError(f"its XMP has {len(packet):,} bytes, more than {MOST_BYTES:,}")
    try:
        root: Element = fromstring(packet.strip(b"\0 \t\r\n"), forbid_dtd=True)
    # LookupError and ValueError: an encoding that there is not.
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise MetadataError("its XMP cannot be understood") from error
    found = _properties(root)
    return cleaned(
        Told(
            title=_line(found, _DC + "title") or _line(found, _PHOTOSHOP + "Headline"),
            alt=_first(found, _ALT),
            credit=_first(found, _CREDIT),
            licence=licence_name(_first(found, _LICENCE)),
            source=_line(found, _PHOTOSHOP + "Source"),
            date=next(filter(None, (date_of(_line(found, name)) for name in _DATE)), ""),
            tags=tuple(found.get(_DC + "subject", ())),
        )
    )


def licence_name(text: str) -> str:
    """Return the SPDX name of a Creative Commons licence that an address names, or the text."""
    found = _CREATIVE_COMMONS.search(text)
    if found is None:
        return text
    kind, version = found[1].upper(), found[2]
    return f"CC0-{version}" if kind == "ZERO" else f"CC-{kind}-{version}"


def _properties(root: Element) -> dict[str, list[str]]:
    """Return the values of each property by its name; one may be an attribute or an element."""
    found: dict[str, list[str]] = {}
    for description in _descriptions(root):
        for name, value in description.attrib.items():
            found.setdefault(name, [value])
        for element in description:
            if values := list(_values(element)):
                found.setdefault(element.tag, values)
    return found


def _descriptions(root: Element) -> Iterator[Element]:
    """Yield what describes the picture; below lie descriptions of what it was made from."""
    for graph in root.iter(_RDF + "RDF"):
        yield from graph.findall(_RDF + "Description")


def _values(element: Element) -> Iterator[str]:
    """Yield what an element holds: its text, an address, or the items of a list.

    Of alternatives in several languages the default comes first.
    """
    items = element.findall(f"{_RDF}*/{_RDF}li")
    items.sort(key=lambda item: item.get(_LANGUAGE) != "x-default")
    texts = (item.text or item.get(_RDF + "resource") for item in items or [element])
    return (text for text in texts if text and not text.isspace())


def _first(found: dict[str, list[str]], names: tuple[str, ...]) -> str:
    return next(filter(None, (_line(found, name) for name in names)), "")


def _line(found: dict[str, list[str]], name: str) -> str:
    """Return a property as one text: several makers with commas, one of several languages."""
    values = found.get(name, [])
    return ", ".join(values) if name == _DC + "creator" else "".join(values[:1])
