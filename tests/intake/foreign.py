"""Shared by the tests of the importers: real documents, damaged documents, an HTML parser."""

import copy
import html.parser
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from app.formats.html_sanitiser import sanitise
from app.formats.rfc3339 import format_time, parse_time
from app.intake.archive import Archive, read_archive, write_archive
from app.intake.foreign import Intake, IntakeError
from app.timeline.coverage import Coverage

Json = dict[str, Any]

_DEFAULT_DATA = Path(__file__).parents[2].parent / "shared" / "data"
_DATA = Path(os.environ.get("DATELINE_TEST_DATA", _DEFAULT_DATA))

ENTRY_KEYS = [
    "id revision status headline body kind key_event pinned bylines tags place happened_at",
    "published_at updated_at edited_at correction retraction media language claims figures",
    "translation_of",
]
DETAILS_KEYS = [
    "slug title kicker standfirst status language languages bylines starts_at ended_at created_at",
    "summary lead_image related edition_of editions",
]


def real_document(name: str) -> Any:
    """Return a document of a newsroom, or skip the test if it is absent.

    These documents may not be redistributed with the tests.
    """
    path = _DATA / "liveblogs" / name
    if not path.exists():
        pytest.skip(f"{name} is not here: set DATELINE_TEST_DATA to the folder that holds it")
    return json.loads(path.read_text())


class ParsedHtml(html.parser.HTMLParser):
    """The words, links, frames and citations of HTML by the standard library's parser."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.frames: list[str] = []
        self.cites: list[str] = []
        self._hidden = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the URLs of an element."""
        attributes = {key: value or "" for key, value in attrs}
        self._hidden = tag if tag in {"script", "style"} else self._hidden
        self.links += [attributes["href"]] if tag == "a" and "href" in attributes else []
        self.frames += [attributes["src"]] if tag == "iframe" else []
        self.cites += [attributes["cite"]] if "cite" in attributes else []

    def handle_endtag(self, tag: str) -> None:
        """Collect words again after the end of a script or style."""
        self._hidden = "" if tag == self._hidden else self._hidden

    def handle_data(self, data: str) -> None:
        """Collect words outside scripts and styles."""
        self.words += [] if self._hidden else data.split()


def html_of(entry: Json) -> str:
    """Return the HTML of an entry's body, or the empty string."""
    return entry["body"]["html"] if entry["body"] else ""


def entries(intake: Intake, event_type: str = "entry.published") -> dict[str, Json]:
    """Return the entries of all events of a type by id, in order."""
    return {
        event["entry"]["id"]: event["entry"] for event in intake.lines if _is(event, event_type)
    }


def times(intake: Intake, event_type: str) -> dict[str, str]:
    """Return the times of the events of a type by entry id."""
    return {event["entry"]["id"]: event["at"] for event in intake.lines if _is(event, event_type)}


def _is(event: Json, event_type: str) -> bool:
    return bool(event["type"] == event_type)


def check_journal(intake: Intake) -> Archive:
    """Check that the import is a valid journal, and return the archive it reads back as."""
    for event in intake.lines:
        kind = "details" if event["type"].startswith("coverage.") else "entry"
        assert list(event) == ["seq", "type", "coverage", "at", kind]
        assert format_time(parse_time(event["at"])) == event["at"]
        if kind == "details":
            assert list(event[kind]) == " ".join(DETAILS_KEYS).split()
        else:
            _check_entry(event[kind])
    for draft in intake.drafts:
        assert (draft["status"], draft["published_at"]) == ("draft", None)
        _check_entry(draft)
    archive = read_archive(write_archive(intake.lines, intake.drafts), "x")
    assert len(archive.entries) == intake.counts["entries"]
    assert len(archive.drafts) == intake.counts["drafts"]
    json.dumps(intake.notes, ensure_ascii=False).encode()
    return archive


def coverage_of(intake: Intake) -> Coverage:
    """Return the coverage that results from the import."""
    coverage = check_journal(intake).coverage
    assert coverage
    return coverage


def check_refusal(refusal: IntakeError) -> None:
    """Check that a refusal names the place in the document and the problem."""
    assert refusal.where == "" or refusal.where.startswith(("/", "slug"))
    assert refusal.detail
    assert str(refusal).encode()


def _check_entry(entry: Json) -> None:
    assert list(entry) == " ".join(ENTRY_KEYS).split()
    headline = entry["headline"]
    assert headline is None or (0 < len(headline) <= 300 and headline.splitlines() == [headline])
    assert entry["headline"] or entry["body"] or entry["media"]
    stored = sanitise(html_of(entry)).replace(' rel="noopener noreferrer"', "")
    assert stored == html_of(entry), "the receiver would store another body"


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**18), 0, 1, 253402300799999]),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["", " ", "\ud800", "\x00", "\x85x", "<b>" * 300, "<p>&#0;</p>", "//[", "http://[x", "-."]
    ),
    st.sampled_from(["9" * 5000, "2016-03-29T25:00:00Z", "0001-01-01T00:00:00+14:00", "en\n"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["id", "item", "_type", "html", "url"]), st.text(max_size=3)),
)


@st.composite
def damaged(draw: st.DrawFn, document: Any) -> Any:
    """Generate the document with one to three of its values replaced, dropped or swapped."""
    damaged_document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        positions = list(_positions(damaged_document))
        if not positions:
            return draw(JUNK)
        container, key = draw(st.sampled_from(positions))
        operation = draw(st.sampled_from(["spoil", "drop", "swap"]))
        if operation == "drop":
            del container[key]
        elif operation == "spoil":
            container[key] = draw(JUNK)
        else:
            other, other_key = draw(st.sampled_from(positions))
            container[key] = copy.deepcopy(other[other_key])
    return damaged_document


def _positions(value: Any) -> Any:
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _positions(value[key])
