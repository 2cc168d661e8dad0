"""Sample feeds, and parsers that validate Atom and JSON Feed documents."""

import json
import re
from pathlib import Path
from typing import Any

import feedparser
import jsonschema_rs

from app.formats.feed import Feed
from app.timeline.entry import Entry
from tests.formats.samples import COVERAGE, ENTRY

BASE = "https://news.example"
_SCHEMA = json.loads((Path(__file__).parent / "json_feed.json").read_text())
_VALIDATOR = jsonschema_rs.validator_for(_SCHEMA, validate_formats=True)


def feed_of(*entries: Entry, **changes: Any) -> Feed:
    """Return a feed of the entries (default: `ENTRY`) whose content is the body alone.

    Args:
        entries: the feed's entries, in order.
        changes: arguments of `Feed` that replace the defaults.
    """
    arguments: dict[str, Any] = {
        "coverage": COVERAGE,
        "entries": entries or (ENTRY,),
        "base_url": BASE,
        "publisher": "The Example",
        "title": COVERAGE.title,
        "render": _render,
        "retracted": lambda _: "Retracted",
    }
    return Feed(**arguments | changes)


def _render(entry: Entry) -> str:
    return entry.retraction.note if entry.retraction else entry.body.html if entry.body else "-"


def read_atom(document: bytes) -> Any:
    """Parse an Atom document with feedparser; any malformation fails the test."""
    parsed = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return parsed


def read_json_feed(document: bytes) -> Any:
    """Parse a JSON Feed document and validate it against the schema."""
    parsed = json.loads(document)
    _VALIDATOR.validate(parsed)
    return parsed


def addresses(text: str) -> list[str]:
    """Return the URLs in the HTML's attributes `href`, `src`, `cite` and `srcset`."""
    return re.findall(r' (?:href|src|cite|srcset)="([^"]*)"', text)
