"""XML: writes documents that are well-formed whatever text they contain.

Characters that XML 1.0 does not allow are dropped.

Source: XML 1.0, section 2.2.
"""

import re
from xml.etree.ElementTree import Element, SubElement, tostring
from xml.sax.saxutils import escape

_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def begin(tag: str, attributes: dict[str, str] | None = None) -> Element:
    """Create a document's root element; namespaces are passed as attributes."""
    return Element(tag, _legal_attributes(attributes))


def add(
    parent: Element, tag: str, text: str | None = None, attributes: dict[str, str] | None = None
) -> Element:
    """Append an element with a text to another element."""
    child = SubElement(parent, tag, _legal_attributes(attributes))
    child.text = None if text is None else _legal(text)
    return child


def escape_xml(text: str) -> str:
    """Escape a text for an element or an attribute, where elements are too slow: in long lists."""
    return escape(_legal(text), {'"': "&quot;"})


def dump_xml(root: Element) -> bytes:
    """Serialise the document in UTF-8."""
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _legal(text: str) -> str:
    return _NO_CHARACTER.sub("", text)


def _legal_attributes(attributes: dict[str, str] | None) -> dict[str, str]:
    return {name: _legal(value) for name, value in (attributes or {}).items()}
