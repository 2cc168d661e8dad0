"""Events made of the stored bytes: the same as those that the encoder writes."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.public_json import PublicJson, dump_entry, dump_json
from app.formats.stored_json import stored_event
from app.timeline.event import Event
from tests.newsdesk import Newsdesk
from tests.strategies import Action, wordy_actions

FORM = PublicJson("https://live.example")


def made_of(event: Event, state: str) -> bytes | None:
    """Make an event of a stored record; None if it has to be encoded."""
    stored = stored_event(FORM, event.cursor, event.type, event.coverage, event.at, state)
    return None if stored is None else orjson.dumps(stored)


@given(st.lists(wordy_actions(), max_size=10))
def test_the_bytes_are_those_of_the_encoder(history: list[Action]) -> None:
    """If an event is made of the stored record, it is byte for byte what the encoder writes."""
    for event in Newsdesk().act_all(history).journal:
        if event.entry is not None:
            found = made_of(event, dump_entry(event.entry).decode())
            assert found in {None, dump_json(FORM.event(event))}


def plain_event() -> Event:
    """Publish an entry with a headline and text."""
    desk = Newsdesk().act_all([])
    desk.publish("Ärger & \u2028 <b>", tags=("moon",))
    return desk.journal[-1]


def test_a_plain_entry_is_not_encoded_again() -> None:
    """The event of an entry with a headline and text is made of its stored record."""
    event = plain_event()
    assert event.entry is not None
    assert made_of(event, dump_entry(event.entry).decode()) == dump_json(FORM.event(event))


@pytest.mark.parametrize("member", ["claims", "edited_at"])
def test_records_of_earlier_versions_are_encoded_again(member: str) -> None:
    """The record of an earlier version lacks a member that the API promises."""
    event = plain_event()
    assert event.entry is not None
    record = json.loads(dump_entry(event.entry))
    del record[member]
    assert made_of(event, dump_json(record).decode()) is None
