"""Pictures that carry metadata, made byte by byte: true, odd and hostile."""

import struct
import zlib
from typing import Final

from PIL import Image

from tests import drawing

GPS: Final = "48,12.5N"
_NAMES: Final = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "dc": "http://purl.org/dc/elements/1.1/",
        "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "exif": "http://ns.adobe.com/exif/1.0/",
        "cc": "http://creativecommons.org/ns#",
        "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    }.items()
)


def packet(*elements: str, before: str = "", **attributes: str) -> bytes:
    """Write XMP. attributes: such as photoshop_Headline="..."."""
    told = " ".join(f'{name.replace("_", ":")}="{text}"' for name, text in attributes.items())
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{before}'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {_NAMES} {told}>{"".join(elements)}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def one_of(name: str, **languages: str) -> str:
    """Write a text in several languages, such as default="A bridge", de="Eine Brücke"."""
    items = "".join(
        f'<rdf:li xml:lang="{"x-default" if language == "default" else language}">{text}</rdf:li>'
        for language, text in languages.items()
    )
    return f"<{name}><rdf:Alt>{items}</rdf:Alt></{name}>"


def listed(name: str, *texts: str) -> str:
    """Write a list of texts."""
    items = "".join(f"<rdf:li>{text}</rdf:li>" for text in texts)
    return f"<{name}><rdf:Bag>{items}</rdf:Bag></{name}>"


def iptc(*sets: tuple[int, bytes], record: int = 2) -> bytes:
    """Write data sets of IPTC, by number."""
    return b"".join(
        struct.pack(">BBBH", 0x1C, record, number, len(content)) + content
        for number, content in sets
    )


def jpeg(
    seed: int, *, xmp: bytes = b"", sets: bytes = b"", exif: Image.Exif | bytes = b""
) -> bytes:
    """Return a JPEG that no other seed has, with segments for what is given."""
    content = drawing.encoded(drawing.draw("arch", seed), "JPEG", xmp=xmp, exif=exif)
    if not sets:
        return content
    resource = b"8BIM" + struct.pack(">HHL", 0x0404, 0, len(sets)) + sets + b"\0" * (len(sets) % 2)
    block = b"Photoshop 3.0\0" + resource
    return content[:2] + b"\xff\xed" + struct.pack(">H", len(block) + 2) + block + content[2:]


def png(seed: int, *chunks: tuple[bytes, bytes], late: bool = False) -> bytes:
    """Return a PNG with more chunks, before its pixels or behind them."""
    content = drawing.encoded(drawing.draw("beam", seed, (120, 80)), "PNG")
    at = len(content) - 12 if late else 33  # before IEND, or behind IHDR
    return content[:at] + b"".join(_chunk(*chunk) for chunk in chunks) + content[at:]


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def itxt(keyword: bytes, text: bytes) -> tuple[bytes, bytes]:
    """Return a PNG's international text, not compressed."""
    return b"iTXt", keyword + b"\0\0\0\0\0" + text


def ztxt(keyword: bytes, text: bytes) -> tuple[bytes, bytes]:
    """Return a PNG's compressed text."""
    return b"zTXt", keyword + b"\0\0" + zlib.compress(text)


def exif_of(tags: dict[int, object], camera: dict[int, object] | None = None) -> Image.Exif:
    """Return EXIF: tags of the first directory, and of the camera's."""
    exif = Image.Exif()
    for tag, value in tags.items():
        exif[tag] = value
    exif.get_ifd(0x8769).update(camera or {})
    return exif


def laughs() -> bytes:
    """Return XMP whose entities grow to gigabytes: "billion laughs"."""
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    declared = f"<!DOCTYPE x [{''.join(lines)}]>"
    return packet(one_of("dc:title", default="&a9;"), before=declared)


def stolen(path: str) -> bytes:
    """Return XMP whose title is a file of whoever reads it."""
    before = f'<!DOCTYPE x [<!ENTITY file SYSTEM "file://{path}">]>'
    return packet(one_of("dc:title", default="&file;"), before=before)


def deep(levels: int) -> bytes:
    """Return XMP that is nested this deep."""
    return packet("<dc:title>" * levels + "</dc:title>" * levels)
