"""The operator's limits in the OpenAPI document.

A form's schema marks what is limited with the limit's name; the document gets the number, since
that is a setting and the form does not know it.
"""

from typing import Any

from app.web.services import Bounds

LIMIT = "x-limit"


def write_limits(document: Any, bounds: Bounds) -> None:
    """Put the limits in the place of their marks, everywhere in a document."""
    if isinstance(document, list):
        for item in document:
            write_limits(item, bounds)
    elif isinstance(document, dict):
        if isinstance(name := document.pop(LIMIT, None), str):
            keyword = "maxItems" if document.get("type") == "array" else "maxLength"
            document[keyword] = getattr(bounds, name)
        for member in document.values():
            write_limits(member, bounds)
