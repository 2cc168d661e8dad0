"""Embedded captions: the caption, credit and alternative text that a picture carries.

They are read from IPTC and XMP and offered for editing; they are never published unchecked. Control
characters and bidirectional formatting characters are removed, and each text is cut at its limit.
Refuses XMP with a document type, which XMP has no use for.

Source: IPTC Photo Metadata Standard; XMP specification, part 1.
"""

import re
import unicodedata
from contextlib import suppress
from typing import Any
from xml.etree import ElementTree as ET

from PIL import Image, ImageFile, IptcImagePlugin

from app.timeline.truncation import truncate
from app.timeline.visible_text import is_visible

ALT, CAPTION, CREDIT = 1000, 2000, 200  # characters

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_IPTC_CORE = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
_XMP_AT_MOST = 256 * 1024  # bytes
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"\s+")

# IPTC datasets of record 2.
_BYLINE, _CREDIT, _CAPTION = (2, 80), (2, 110), (2, 120)
_CHARACTER_SET = (1, 90)
_UTF8 = b"\x1b%G"


class _DocumentTypeRefused(ValueError):
    """XMP with a document type."""


class _Builder(ET.TreeBuilder):
    """A tree builder that stops at a document type, before any of its entities is declared."""

    def doctype(self, *_declared: str | None) -> None:
        raise _DocumentTypeRefused


def clean_words(text: str, most: int) -> str:
    """Return foreign text on one line, without invisible characters, at most `most` long."""
    visible = "".join(
        " " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c
        for c in _DIRECTIONS.sub("", text[: most * 4])
    )
    line = _SPACES.sub(" ", unicodedata.normalize("NFC", visible)).strip()
    return truncate(line, most) if is_visible(line) else ""


def read_caption(picture: Image.Image) -> dict[str, str]:
    """Return `alt`, `caption` and `credit` as the picture states them; each may be empty."""
    words = _from_xmp(picture)
    datasets: dict[Any, Any] = {}
    # Pillow parses lazily, and data that are not IPTC raise any of these.
    with suppress(SyntaxError, ValueError, IndexError, KeyError, TypeError, OSError, EOFError):
        if isinstance(picture, ImageFile.ImageFile):
            datasets = IptcImagePlugin.getiptcinfo(picture) or {}
    encoding = "utf-8" if datasets.get(_CHARACTER_SET) == _UTF8 else "latin-1"
    for name, dataset in (("byline", _BYLINE), ("credit", _CREDIT), ("caption", _CAPTION)):
        value = datasets.get(dataset)
        text = value[0] if isinstance(value, list) and value else value
        if isinstance(text, bytes) and text:  # an empty one does not replace that of XMP
            try:  # many files do not declare that they are in UTF-8
                words[name] = text.decode("utf-8")
            except UnicodeDecodeError:
                words[name] = text.decode(encoding, "replace")
    names = [name for name in (words.get("byline", ""), words.get("credit", "")) if name]
    if len(names) > 1 and names[0].lower() in names[1].lower():
        names = names[1:]
    return {
        "alt": clean_words(words.get("alt", ""), ALT),
        "caption": clean_words(words.get("caption", ""), CAPTION),
        "credit": clean_words(" / ".join(dict.fromkeys(names)), CREDIT),
    }


def _from_xmp(picture: Image.Image) -> dict[str, str]:
    packet = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or b""
    packet = packet.encode() if isinstance(packet, str) else bytes(packet)
    packet = packet.strip(b"\x00 \t\r\n")
    if not packet or len(packet) > _XMP_AT_MOST:
        return {}
    # Checked by the parser and not in the bytes, which may be UTF-16.
    parser = ET.XMLParser(target=_Builder())  # noqa: S314  without document types, no entities
    try:
        root = ET.fromstring(packet, parser)  # noqa: S314
    except (ET.ParseError, ValueError, LookupError):
        return {}
    return {
        "alt": _xmp(root, f"{_IPTC_CORE}AltTextAccessibility"),
        "caption": _xmp(root, f"{_DC}description"),
        "byline": _xmp(root, f"{_DC}creator"),
        "credit": _xmp(root, f"{_PHOTOSHOP}Credit") or _xmp(root, f"{_DC}rights"),
    }


def _xmp(root: ET.Element, name: str) -> str:
    """Return a property written as an element (with or without alternatives) or an attribute."""
    for description in root.iter(f"{_RDF}Description"):
        if name in description.attrib:
            return description.attrib[name]
        element = description.find(name)
        if element is not None:
            items = [item.text or "" for item in element.iter(f"{_RDF}li")]
            return items[0] if items else element.text or ""
    return ""
