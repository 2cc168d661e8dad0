"""The coverage as a value: its pin, its key events, its visibility and its slug."""

from datetime import timedelta

import pytest

from app.timeline.coverage import SLUG
from tests.newsdesk import Newsdesk
from tests.strategies import START, Action


def test_a_coverage_can_be_rid_of_an_entry():
    """`without` removes an entry from the pin and the key events and keeps the other entries'."""
    desk = Newsdesk().act_all([])
    removed, remaining = desk.publish("Goes", key_event=True), desk.publish("Stays", key_event=True)
    desk.act(Action("pin", which=0))
    without = desk.coverage.without(removed.id)
    assert without.pinned is None
    assert [k.entry_id for k in without.key_events] == [remaining.id]
    assert without.without(removed.id) == without
    assert desk.coverage.without(remaining.id).pinned == removed.id


@pytest.mark.parametrize(
    ("status", "public"), [("live", True), ("paused", True), ("closed", True), (None, False)]
)
def test_readers_know_of_all_but_plans(status, public: bool):
    """A coverage is public in every status but planned."""
    desk = Newsdesk()
    if status is not None:
        desk.act_all([Action("change", status=status, late=1)])
    assert desk.coverage.is_public is public


@pytest.mark.parametrize("text", ["a", "0", "-", "apollo-11", "x" * 100])
def test_a_slug_fits_into_an_address_as_it_is(text: str):
    """A slug consists of characters that need no escape in a URL path."""
    assert SLUG.fullmatch(text)


@pytest.mark.parametrize("text", ["", "A", "ä", "a b", "a/b", "..", "a\n", "x" * 101, "٣", "a_b"])
def test_what_needs_an_escape_is_no_slug(text: str):
    """A text that needs an escape or could change the path is not a slug."""
    assert not SLUG.fullmatch(text)


def test_the_head_is_as_young_as_the_last_event():
    """The coverage's `updated_at` is the time of the last public event."""
    desk = Newsdesk().act_all([Action("publish", fields={"headline": "x"}, late=90_000)])
    assert desk.coverage.updated_at == START + timedelta(seconds=90)
