"""A feed as tests of both formats show it, and as readers of feeds take it in."""

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
    """A feed of these entries, in which each is told by its body alone."""
    told: dict[str, Any] = {
        "coverage": COVERAGE,
        "entries": entries or (ENTRY,),
        "base_url": BASE,
        "publisher": "The Example",
        "title": COVERAGE.title,
        "render": _render,
        "retracted": lambda _: "Retracted",
    }
    return Feed(**told | changes)


def _render(entry: Entry) -> str:
    return entry.retraction.note if entry.retraction else entry.body.html if entry.body else "-"


def read_atom(document: bytes) -> Any:
    """What a feed reader makes of it; fails where it finds anything wrong."""
    read = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    return read


def read_json_feed(document: bytes) -> Any:
    """The document, which has to be what the specification asks for."""
    read = json.loads(document)
    _VALIDATOR.validate(read)
    return read


def addresses(text: str) -> list[str]:
    """The addresses in attributes of some HTML."""
    return re.findall(r' (?:href|src|cite|srcset)="([^"]*)"', text)
