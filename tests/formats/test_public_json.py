"""The JSON of coverages, entries and events, and its decoding."""

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
)
from app.formats.rfc3339 import format_time, parse_time
from app.timeline.coverage import Coverage
from app.timeline.entry import Entry, Media
from tests.newsdesk import Newsdesk
from tests.strategies import START, Action, coverages, entries, media, moments, words, wordy_actions

PUBLIC_JSON = PublicJson("https://news.example")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


def through_json(record: object) -> object:
    """Serialise a record and parse it with the standard library."""
    return json.loads(dump_json(record).decode())


@given(moments())
def test_a_time_reads_back_to_the_millisecond(moment: datetime):
    """A time is written as RFC 3339 in UTC and parses back to the millisecond."""
    text = format_time(moment)
    assert _RFC3339.fullmatch(text)
    assert parse_time(text) == moment


def test_a_time_of_another_zone_is_the_same_moment():
    """A time of another zone is written in UTC."""
    there = datetime(1969, 7, 20, 16, 17, 40, 123_999, timezone(timedelta(hours=-4)))
    assert format_time(there) == "1969-07-20T20:17:40.123Z"


@given(media())
def test_media_read_back_as_they_were(one: Media):
    """Media with any text in any field decode as they were encoded."""
    assert decode_media(through_json(encode_media(one))) == one  # type: ignore[arg-type]


@given(entries())
def test_an_entry_reads_back_as_it_was(entry: Entry):
    """An entry with any text in any field decodes as it was encoded."""
    assert decode_entry(through_json(encode_draft(entry)), entry.coverage) == entry  # type: ignore[arg-type]


@given(coverages())
def test_a_coverage_reads_back_as_it_was(coverage: Coverage):
    """A coverage decodes as it was encoded, with its cursor stored beside the record."""
    record = through_json(encode_coverage(coverage))
    assert "cursor" not in record  # type: ignore[operator]
    assert decode_coverage(record, coverage.cursor) == coverage  # type: ignore[arg-type]


@given(st.lists(wordy_actions(), max_size=10))
def test_json_is_one_line_of_utf_8(history: list[Action]):
    """JSON is a single line, so that no value can end a field of an SSE event."""
    for event in Newsdesk().act_all(history).journal:
        encoded = dump_json(PUBLIC_JSON.event(event))
        assert not re.search(rb"[\r\n\x00]", encoded)
        assert json.loads(encoded.decode("utf-8", "strict"))["seq"] == event.seq


def test_an_entry_has_the_members_of_the_contract():
    """An entry has every member of the contract, also those without a value."""
    entry = Newsdesk().act_all([]).publish("Contact light")
    assert PUBLIC_JSON.entry(entry) == {
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
        "edited_at": None,
        "correction": None,
        "retraction": None,
        "media": [],
        "language": "en",
        "claims": [],
        "figures": [],
        "translation_of": None,
        "url": "https://news.example/coverages/apollo-11/entries/n1",
    }


def test_a_coverage_has_the_members_of_the_contract():
    """A coverage has every member of the contract."""
    desk = Newsdesk().act_all([])
    entry = desk.publish("Contact light", key_event=True)
    desk.act(Action("pin"))
    assert PUBLIC_JSON.coverage(desk.coverage) == {
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
        "summary": None,
        "key_events": [
            {
                "entry_id": entry.id,
                "title": "Contact light",
                "published_at": "1969-07-20T20:17:40.000Z",
            }
        ],
        "lead_image": None,
        "related": [],
        "edition_of": None,
        "editions": [],
        "cursor": "e1-3",
        "url": "https://news.example/coverages/apollo-11",
    }


def test_an_event_has_the_members_of_the_contract():
    """An event has every member of the contract: `entry`, or `details` for the coverage."""
    desk = Newsdesk().act_all([])
    entry = desk.publish("Contact light")
    opened, published = (PUBLIC_JSON.event(event) for event in desk.journal)
    assert published == {
        "cursor": "e1-2",
        "seq": 2,
        "type": "entry.published",
        "coverage": "apollo-11",
        "at": "1969-07-20T20:17:40.000Z",
        "entry": PUBLIC_JSON.entry(entry),
    }
    assert opened.keys() == {"cursor", "seq", "type", "coverage", "at", "details"}
    assert opened["details"]["cursor"] == "e1-1"


@pytest.mark.parametrize("status", ["draft", "scheduled"])
def test_only_a_draft_shows_what_is_for_the_newsroom(status):
    """Author and embargo are members of drafts only, and not even null in public entries."""
    fields = {"author": "key:1", "embargo_until": START, "headline": "x"}
    draft = Entry("e", "apollo-11", status, START, "en", **fields)
    assert PUBLIC_JSON.entry(draft)["author"] == "key:1"
    assert PUBLIC_JSON.entry(draft)["embargo_until"] == format_time(START)
    assert not {"author", "embargo_until"} & encode_entry(draft).keys()
    public = PUBLIC_JSON.entry(Newsdesk().act_all([]).publish("x"))
    assert not {"author", "embargo_until"} & public.keys()


@given(words(1))
def test_a_tombstone_is_written_without_a_word(text: str):
    """No text of a retracted entry is in its JSON or in its events."""
    marked = f"secret {text}"
    desk = Newsdesk().act_all([])
    fields = {"headline": marked, "tags": (marked,), "key_event": True}
    desk.act(Action("publish", fields=fields))  # type: ignore[arg-type]
    retracted = desk.retract(desk.entries["n1"]).entry
    documents = [
        dump_json(PUBLIC_JSON.entry(retracted)),
        *(dump_json(PUBLIC_JSON.event(e)) for e in desk.journal),
    ]
    assert not any(b"secret" in document for document in documents)


def test_the_note_of_a_revision_is_that_of_its_own_correction():
    """A revision has the note of its own correction; an amendment's revision has none."""
    desk = Newsdesk().act_all([])
    desk.publish("One")
    for action in (
        Action("correct", fields={"headline": "Two"}, note="Not one.", late=1000),
        Action("amend", fields={"headline": "Two!"}, late=1000),
        Action("correct", note="Not two either.", late=1000),
    ):
        desk.act(action)
    revisions = [encode_revision(event.entry) for event in desk.journal if event.entry]
    assert [(r["revision"], r["headline"], r["note"]) for r in revisions] == [
        (1, "One", None),
        (2, "Two", "Not one."),
        (3, "Two!", None),
        (4, "Two!", "Not two either."),
    ]
    members = {"revision", "at", "note", "headline", "body", "claims", "figures"}
    assert revisions[0].keys() == members
    assert revisions[3]["at"] == format_time(START + timedelta(seconds=3))


def test_what_is_no_time_is_refused():
    """Parsing a text that is not a time raises a ValueError."""
    with pytest.raises(ValueError, match="x"):
        parse_time("x")
    assert parse_time("1969-07-20T20:17:40.000Z").tzinfo == UTC
