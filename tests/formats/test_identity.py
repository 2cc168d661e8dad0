"""URNs that identify a coverage and its entries."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from app.formats.identity import coverage_urn
from app.timeline.cursor import Cursor
from tests.formats.feeds import feed_of
from tests.formats.samples import AT, COVERAGE, ENTRY


def test_a_name_stays_wherever_the_journal_is_served() -> None:
    """Ids stay the same under another base URL, in another epoch and after changes."""
    moved = replace(COVERAGE, title="Else", updated_at=AT + timedelta(1), cursor=Cursor("x", 90))
    before, after = feed_of(), feed_of(coverage=moved, base_url="https://else.example/news")
    assert before.id == after.id
    assert [item.id for item in before.items()] == [item.id for item in after.items()]
    assert [item.url for item in before.items()] != [item.url for item in after.items()]


def test_every_name_is_another() -> None:
    """Ids of entries, feeds and coverages with the same slug in other newsrooms are distinct."""
    other = replace(COVERAGE, created_at=AT + timedelta(milliseconds=1))
    feeds = [feed_of(ENTRY, replace(ENTRY, id="left")), feed_of(coverage=other)]
    ids = [item.id for feed in feeds for item in feed.items()]
    ids += [feed.id for feed in (*feeds, feed_of(key_events=True))]
    assert len({*ids}) == len(ids)
    assert all(UUID(name.removeprefix("urn:uuid:")).version == 5 for name in ids)


def test_names_are_those_that_readers_have() -> None:
    """The URN of a known entry is constant: a new scheme would show every feed item again."""
    assert coverage_urn(COVERAGE, "entry/landed") == "urn:uuid:7bac98c8-9431-5e70-8219-80314ef3359b"
