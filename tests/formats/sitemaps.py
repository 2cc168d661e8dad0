"""A sitemap parser that validates against the schemas of the protocol."""

from functools import cache
from pathlib import Path
from typing import Any

import xmlschema

_FOLDER = Path(__file__).parent


@cache
def _schema() -> xmlschema.XMLSchema:
    names = "sitemap.xsd", "sitemap_news.xsd", "sitemap_alternates.xsd"
    return xmlschema.XMLSchema([str(_FOLDER / name) for name in names])


def read_sitemap(document: bytes) -> list[dict[str, Any]]:
    """Validate a sitemap or sitemap index and return its items in document order."""
    text = document.decode()
    _schema().validate(text)
    parsed = _schema().to_dict(
        text,
        process_namespaces=True,
        namespaces={
            "": "http://www.sitemaps.org/schemas/sitemap/0.9",
            "news": "http://www.google.com/schemas/sitemap-news/0.9",
            "xhtml": "http://www.w3.org/1999/xhtml",
        },
    )
    return parsed.get("url") or parsed.get("sitemap") or []
