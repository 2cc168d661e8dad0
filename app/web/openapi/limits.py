"""Limits: the operator's settings in the OpenAPI document.

A form's schema marks a limited field with the limit's name, since the form does not know the
setting. The document gets the number.
"""

from typing import Any

from app.web.services import ContentLimits

LIMIT = "x-limit"


def write_limits(document: Any, limits: ContentLimits) -> None:
    """Replace the marks by the limits, everywhere in a document."""
    if isinstance(document, list):
        for item in document:
            write_limits(item, limits)
    elif isinstance(document, dict):
        if isinstance(name := document.pop(LIMIT, None), str):
            keyword = "maxItems" if document.get("type") == "array" else "maxLength"
            document[keyword] = getattr(limits, name)
        for member in document.values():
            write_limits(member, limits)
