"""Promises of the JSON of coverages, entries and events."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.public_json import (
    PublicJson,
    decode_coverage,
    decode_entry,
    decode_media,
    dump_json,
    encode_coverage,
    encode_draft,
    encode_entry,
    encode_media,
    encode_revision,
    format_time,
    parse_time,
)
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry, Media
from tests.newsdesk import Newsdesk
from tests.strategies import START, Action, coverages, entries, media, moments, words, wordy_actions

FORM = PublicJson("https://news.example")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


def through_json(record: object) -> object:
    """What a reader with another parser gets."""
    return json.loads(dump_json(record).decode())


@given(moments())
def test_a_time_reads_back_to_the_millisecond(moment: datetime):
    """RFC 3339 in UTC with `Z`, whatever the year."""
    text = format_time(moment)
    assert _RFC3339.fullmatch(text)
    assert parse_time(text) == moment


def test_a_time_of_another_zone_is_the_same_moment():
    """Zones are for people; the record has one."""
    there = datetime(1969, 7, 20, 16, 17, 40, 123_999, timezone(timedelta(hours=-4)))
    assert format_time(there) == "1969-07-20T20:17:40.123Z"


@given(media())
def test_media_read_back_as_they_were(one: Media):
    """Any text in any field."""
    assert decode_media(through_json(encode_media(one))) == one  # type: ignore[arg-type]


@given(entries())
def test_an_entry_reads_back_as_it_was(entry: Entry):
    """With U+2028, line ends and quotes in its strings too."""
    assert decode_entry(through_json(encode_draft(entry)), entry.coverage) == entry  # type: ignore[arg-type]


@given(coverages())
def test_a_coverage_reads_back_as_it_was(coverage: Coverage):
    """Its cursor is not in the record: it stands beside it."""
    record = through_json(encode_coverage(coverage))
    assert "cursor" not in record  # type: ignore[operator]
    assert decode_coverage(record, coverage.cursor) == coverage  # type: ignore[arg-type]


@given(st.lists(wordy_actions(), max_size=10))
def test_json_is_one_line_of_utf_8(deeds: list[Action]):
    """No line end can stand in it, so that no value breaks out of an SSE field."""
    for event in Newsdesk().act_all(deeds).journal:
        line = dump_json(FORM.event(event))
        assert not re.search(rb"[\r\n\x00]", line)
        assert json.loads(line.decode("utf-8", "strict"))["seq"] == event.seq


def test_an_entry_has_the_members_of_the_contract():
    """A tool may rely on each of them, empty or not."""
    entry = Newsdesk().act_all([]).publish("Contact light")
    assert FORM.entry(entry) == {
        "id": "n1",
        "coverage": "apollo-11",
        "seq": 2,
        "revision": 1,
        "status": "published",
        "headline": "Contact light",
        "title": "Contact light",
        "body": {"html": "<p>Contact light in full</p>", "markdown": None},
        "kind": "update",
        "key_event": False,
        "pinned": False,
        "bylines": [],
        "tags": [],
        "place": None,
        "happened_at": None,
        "published_at": "1969-07-20T20:17:40.000Z",
        "updated_at": "1969-07-20T20:17:40.000Z",
        "correction": None,
        "retraction": None,
        "media": [],
        "language": "en",
        "url": "https://news.example/coverages/apollo-11/entries/n1",
    }


def test_a_coverage_has_the_members_of_the_contract():
    """With the head of its journal, and its address."""
    desk = Newsdesk().act_all([])
    entry = desk.publish("Contact light", key_event=True)
    desk.act(Action("pin"))
    assert FORM.coverage(desk.coverage) == {
        "slug": "apollo-11",
        "title": "The landing",
        "kicker": None,
        "standfirst": None,
        "status": "live",
        "language": "en",
        "languages": [],
        "bylines": [],
        "starts_at": "1969-07-20T20:17:40.000Z",
        "ended_at": None,
        "created_at": "1969-07-20T20:17:40.000Z",
        "updated_at": "1969-07-20T20:17:40.000Z",
        "entry_count": 1,
        "pinned": entry.id,
        "key_events": [
            {
                "entry_id": entry.id,
                "title": "Contact light",
                "published_at": "1969-07-20T20:17:40.000Z",
            }
        ],
        "lead_image": None,
        "related": [],
        "cursor": "e1-3",
        "url": "https://news.example/coverages/apollo-11",
    }


def test_an_event_has_the_members_of_the_contract():
    """`entry` or, for the coverage's own, `details`."""
    desk = Newsdesk().act_all([])
    entry = desk.publish("Contact light")
    opened, published = (FORM.event(event) for event in desk.journal)
    assert published == {
        "cursor": "e1-2",
        "seq": 2,
        "type": "entry.published",
        "coverage": "apollo-11",
        "at": "1969-07-20T20:17:40.000Z",
        "entry": FORM.entry(entry),
    }
    assert opened.keys() == {"cursor", "seq", "type", "coverage", "at", "details"}
    assert opened["details"]["cursor"] == "e1-1"


@pytest.mark.parametrize("status", ["draft", "scheduled"])
def test_only_a_draft_shows_what_is_for_the_newsroom(status):
    """The author and the embargo are in no public entry, not even as null."""
    rest = {"author": "key:1", "embargo_until": START, "headline": "x"}
    draft = Entry("e", "apollo-11", status, START, "en", **rest)
    assert FORM.entry(draft)["author"] == "key:1"
    assert FORM.entry(draft)["embargo_until"] == format_time(START)
    assert not {"author", "embargo_until"} & encode_entry(draft).keys()
    public = FORM.entry(Newsdesk().act_all([]).publish("x"))
    assert not {"author", "embargo_until"} & public.keys()


@given(words(1))
def test_a_tombstone_is_written_without_a_word(text: str):
    """Neither in its record nor in its public form."""
    marked = f"secret {text}"
    desk = Newsdesk().act_all([])
    fields = {"headline": marked, "tags": (marked,), "key_event": True}
    desk.act(Action("publish", fields=fields))  # type: ignore[arg-type]
    stone = desk.retract(desk.entries["n1"]).entry
    written = [dump_json(FORM.entry(stone)), *(dump_json(FORM.event(e)) for e in desk.journal)]
    assert not any(b"secret" in line for line in written)


def test_the_note_of_a_revision_is_that_of_its_own_correction():
    """An amendment after a correction has none."""
    desk = Newsdesk().act_all([])
    desk.publish("One")
    for deed in (
        Action("correct", fields={"headline": "Two"}, note="Not one.", late=1000),
        Action("amend", fields={"headline": "Two!"}, late=1000),
        Action("correct", note="Not two either.", late=1000),
    ):
        desk.act(deed)
    revisions = [encode_revision(event.entry) for event in desk.journal if event.entry]
    assert [(r["revision"], r["headline"], r["note"]) for r in revisions] == [
        (1, "One", None),
        (2, "Two", "Not one."),
        (3, "Two!", None),
        (4, "Two!", "Not two either."),
    ]
    assert revisions[0].keys() == {"revision", "at", "note", "headline", "body"}
    assert revisions[3]["at"] == format_time(START + timedelta(seconds=3))


def test_what_is_no_time_is_refused():
    """The record is read strictly where it says a time."""
    with pytest.raises(ValueError, match="x"):
        parse_time("x")
    assert parse_time("1969-07-20T20:17:40.000Z").tzinfo == UTC
