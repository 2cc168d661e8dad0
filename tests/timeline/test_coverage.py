"""Promises of a coverage as a value."""

from datetime import timedelta

import pytest

from app.timeline.coverage import SLUG
from tests.newsdesk import Newsdesk
from tests.strategies import START, Action


def test_a_coverage_can_be_rid_of_an_entry():
    """Neither the pin nor the key events name it then; another's stay."""
    desk = Newsdesk().act_all([])
    gone, stays = desk.publish("Goes", key_event=True), desk.publish("Stays", key_event=True)
    desk.act(Action("pin", which=0))
    without = desk.coverage.without(gone.id)
    assert without.pinned is None
    assert [k.entry_id for k in without.key_events] == [stays.id]
    assert without.without(gone.id) == without
    assert desk.coverage.without(stays.id).pinned == gone.id


@pytest.mark.parametrize(
    ("status", "public"), [("live", True), ("paused", True), ("closed", True), (None, False)]
)
def test_readers_know_of_all_but_plans(status, public: bool):
    """A paused or closed page is still a page."""
    desk = Newsdesk()
    if status is not None:
        desk.act_all([Action("change", status=status, late=1)])
    assert desk.coverage.is_public is public


@pytest.mark.parametrize("text", ["a", "0", "-", "apollo-11", "x" * 100])
def test_a_slug_fits_into_an_address_as_it_is(text: str):
    """Nothing in it needs an escape."""
    assert SLUG.fullmatch(text)


@pytest.mark.parametrize("text", ["", "A", "ä", "a b", "a/b", "..", "a\n", "x" * 101, "٣", "a_b"])
def test_what_needs_an_escape_is_no_slug(text: str):
    """Nor is anything that could be another path."""
    assert not SLUG.fullmatch(text)


def test_the_head_is_as_young_as_the_last_event():
    """`updated_at` is the time of the last public event."""
    desk = Newsdesk().act_all([Action("publish", fields={"headline": "x"}, late=90_000)])
    assert desk.coverage.updated_at == START + timedelta(seconds=90)
