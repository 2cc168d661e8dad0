"""XML going out: whatever the words are, the document is well-formed.

Characters that XML 1.0 has no way to hold are dropped.

Source: XML 1.0, section 2.2.
"""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def begin(tag: str, attributes: dict[str, str] | None = None) -> Element:
    """A new document's outermost element; its name spaces are attributes like others."""
    return Element(tag, _legal_attributes(attributes))


def add(
    parent: Element, tag: str, text: str | None = None, attributes: dict[str, str] | None = None
) -> Element:
    """Put an element with these words into another one, behind what is in it."""
    child = SubElement(parent, tag, _legal_attributes(attributes))
    child.text = None if text is None else _legal(text)
    return child


def dump_xml(root: Element) -> bytes:
    """The document in UTF-8."""
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _legal(text: str) -> str:
    return _NO_CHARACTER.sub("", text)


def _legal_attributes(attributes: dict[str, str] | None) -> dict[str, str]:
    return {name: _legal(value) for name, value in (attributes or {}).items()}
