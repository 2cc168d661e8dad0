"""What the tests of the importers share: real documents, damage, and a second opinion on HTML."""

import copy
import html.parser
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from app.formats.html_sanitiser import sanitise
from app.formats.public_json import format_time, parse_time
from app.intake import Intake, IntakeError
from app.intake.archive import Archive, read_archive, write_archive
from app.timeline.coverage import Coverage

Json = dict[str, Any]

_NEXT_DOOR = Path(__file__).parents[2].parent / "shared" / "data"
_DATA = Path(os.environ.get("DATELINE_TEST_DATA", _NEXT_DOOR))

ENTRY_KEYS = [
    "id revision status headline body kind key_event pinned bylines tags place happened_at",
    "published_at updated_at correction retraction media language",
]
DETAILS_KEYS = [
    "slug title kicker standfirst status language languages bylines starts_at ended_at created_at",
    "lead_image related",
]


def real_document(name: str) -> Any:
    """A newsroom's own document. It may not be given on, so where it is absent the test skips."""
    path = _DATA / "liveblogs" / name
    if not path.exists():
        pytest.skip(f"{name} is not here: set DATELINE_TEST_DATA to the folder that holds it")
    return json.loads(path.read_text())


class Seen(html.parser.HTMLParser):
    """The words, links and frames of HTML as the standard library's parser sees them."""

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
        """Take down what an element leads to."""
        found = {key: value or "" for key, value in attrs}
        self._hidden = tag if tag in {"script", "style"} else self._hidden
        self.links += [found["href"]] if tag == "a" and "href" in found else []
        self.frames += [found["src"]] if tag == "iframe" else []
        self.cites += [found["cite"]] if "cite" in found else []

    def handle_endtag(self, tag: str) -> None:
        """Words count again behind a script."""
        self._hidden = "" if tag == self._hidden else self._hidden

    def handle_data(self, data: str) -> None:
        """Take down words."""
        self.words += [] if self._hidden else data.split()


def html_of(entry: Json) -> str:
    """An entry's body, blank if it has none."""
    return entry["body"]["html"] if entry["body"] else ""


def entries(intake: Intake, event_type: str = "entry.published") -> dict[str, Json]:
    """The entries of all events of a type, by id, in their order."""
    return {line["entry"]["id"]: line["entry"] for line in intake.lines if _is(line, event_type)}


def times(intake: Intake, event_type: str) -> dict[str, str]:
    """When the events of a type came, by the entry's id."""
    return {line["entry"]["id"]: line["at"] for line in intake.lines if _is(line, event_type)}


def _is(line: Json, event_type: str) -> bool:
    return bool(line["type"] == event_type)


def check_journal(intake: Intake) -> Archive:
    """Hold the lines to what a journal promises; give what the receiver makes of them."""
    for line in intake.lines:
        kind = "details" if line["type"].startswith("coverage.") else "entry"
        assert list(line) == ["seq", "type", "coverage", "at", kind]
        assert format_time(parse_time(line["at"])) == line["at"]
        if kind == "details":
            assert list(line[kind]) == " ".join(DETAILS_KEYS).split()
        else:
            _check_entry(line[kind])
    for draft in intake.drafts:
        assert (draft["status"], draft["published_at"]) == ("draft", None)
        _check_entry(draft)
    archive = read_archive(write_archive(intake.lines, intake.drafts), "x")
    assert len(archive.entries) == intake.counts["entries"]
    assert len(archive.drafts) == intake.counts["drafts"]
    json.dumps(intake.notes, ensure_ascii=False).encode()
    return archive


def coverage_of(intake: Intake) -> Coverage:
    """The coverage that the lines add up to."""
    coverage = check_journal(intake).coverage
    assert coverage
    return coverage


def check_refusal(refusal: IntakeError) -> None:
    """Hold a refusal to saying where and what."""
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
    """The document with one to three of its places spoilt, dropped or swapped."""
    spoilt = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(spoilt))
        if not places:
            return draw(JUNK)
        container, key = draw(st.sampled_from(places))
        deed = draw(st.sampled_from(["spoil", "drop", "swap"]))
        if deed == "drop":
            del container[key]
        elif deed == "spoil":
            container[key] = draw(JUNK)
        else:
            other, place = draw(st.sampled_from(places))
            container[key] = copy.deepcopy(other[place])
    return spoilt


def _places(value: Any) -> Any:
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])
