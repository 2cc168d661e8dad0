"""Pages of entries; tests/store checks that the store selects the same pages."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.timeline.entry import Entry, Place
from app.timeline.errors import UnknownEntry
from app.timeline.selection import Selection, select_entries
from tests.newsdesk import Newsdesk
from tests.strategies import START, Action, actions, selections, series

HISTORIES = series(actions("publish", "publish", "retract", "amend"), 20)


def timeline(count: int) -> list[Entry]:
    """Return entries 1 to `count`, oldest first, one second apart."""
    at = [START + timedelta(seconds=number) for number in range(count + 1)]
    return [
        Entry(str(n), "apollo-11", "published", at[n], "en", seq=n, published_at=at[n])
        for n in range(1, count + 1)
    ]


def ids(selection: Selection, entries: list[Entry]) -> list[str]:
    """Return the ids of a page's entries in display order."""
    return [entry.id for entry in select_entries(entries, selection).entries]


@pytest.mark.parametrize(
    ("selection", "found", "older", "newer"),
    [
        (Selection(limit=3), ["9", "8", "7"], True, False),
        (Selection(limit=3, order="oldest"), ["1", "2", "3"], False, True),
        (Selection(limit=3, before="7"), ["6", "5", "4"], True, True),
        (Selection(limit=3, after="3"), ["6", "5", "4"], True, True),
        (Selection(limit=3, before="7", order="oldest"), ["4", "5", "6"], True, True),
        (Selection(limit=3, after="3", order="oldest"), ["4", "5", "6"], True, True),
        (Selection(limit=3, before="3"), ["2", "1"], False, True),
        (Selection(limit=3, after="8"), ["9"], True, False),
        (Selection(limit=3, after="9"), [], False, False),
        (Selection(limit=3, before="1"), [], False, False),
        (Selection(limit=9), list("987654321"), False, False),
    ],
)
def test_a_page_holds_the_entries_nearest_to_where_it_begins(selection, found, older, newer):
    """A page holds the entries nearest to its bound, in either display order.

    `before` selects older entries and `after` newer ones.
    """
    page = select_entries(timeline(9), selection)
    assert [entry.id for entry in page.entries] == found
    assert (page.has_older, page.has_newer) == (older, newer)


@given(HISTORIES, st.integers(1, 5), st.sampled_from(["newest", "oldest"]), st.booleans())
def test_turning_pages_shows_each_entry_once(history, limit, order, key_events):
    """Paging forward to the end and back shows each entry once in each direction."""
    entries = list(Newsdesk().act_all(history).page.entries.values())
    selection = Selection(limit=limit, order=order, key_events=key_events)
    all_ids = ids(replace(selection, limit=10**6), entries)
    forward = "before" if order == "newest" else "after"
    backward = "after" if order == "newest" else "before"
    forward_ids, page = [], select_entries(entries, selection)
    pages = [page]
    while page.entries:
        forward_ids += [entry.id for entry in page.entries]
        bound = {forward: page.entries[-1].id}
        has_more = page.has_older if order == "newest" else page.has_newer
        page = select_entries(entries, replace(selection, **bound))
        assert has_more == bool(page.entries)
        pages.append(page)
    assert forward_ids == all_ids
    backward_ids = [entry.id for entry in reversed(pages[-2].entries)] if len(pages) > 1 else []
    for page in reversed(pages[1:-1]):
        assert page.has_newer if order == "newest" else page.has_older
        bound = {backward: page.entries[0].id}
        earlier = select_entries(entries, replace(selection, **bound))
        backward_ids += [entry.id for entry in reversed(earlier.entries)]
    assert backward_ids[::-1] == all_ids


@given(HISTORIES, selections(st.sampled_from(["n1", "n2", "n5"])))
def test_a_page_passes_its_filters_and_its_bounds(history, selection: Selection):
    """A page is sorted, has at most `limit` entries, and each matches filters and bounds.

    A bound that is not a public entry is refused.
    """
    by_id = Newsdesk().act_all(history).page.entries
    unknown = {selection.before, selection.after} - {None} - by_id.keys()
    if unknown:
        with pytest.raises(UnknownEntry):
            select_entries(by_id.values(), selection)
        return
    page = select_entries(by_id.values(), selection)
    seqs = [entry.seq or 0 for entry in page.entries]
    assert seqs == sorted(set(seqs), reverse=selection.order == "newest")
    assert len(seqs) <= selection.limit
    for entry in page.entries:
        assert selection.matches(entry)
        assert selection.before is None or (entry.seq or 0) < (by_id[selection.before].seq or 0)
        assert selection.after is None or (entry.seq or 0) > (by_id[selection.after].seq or 0)


def test_times_of_publication_bound_a_page():
    """`since` is inclusive and `until` exclusive, so that adjacent days share no entry."""
    bound = START + timedelta(seconds=5)
    assert ids(Selection(since=bound), timeline(9)) == list("98765")
    assert ids(Selection(until=bound), timeline(9)) == list("4321")


def test_a_tombstone_can_still_be_a_bound():
    """A tombstone is a valid bound, so that a page loaded before the retraction can be paged."""
    desk = Newsdesk().act_all([])
    first, second = desk.publish("One"), desk.publish("Two")
    desk.retract(second)
    assert ids(Selection(before=second.id), list(desk.page.entries.values())) == [first.id]


def test_a_bound_that_names_nothing_is_refused():
    """A bound that names no entry is refused."""
    for selection in (Selection(before="0"), Selection(after="x")):
        with pytest.raises(UnknownEntry):
            select_entries(timeline(3), selection)


def test_a_tombstone_matches_no_filter_that_asks_for_its_words():
    """A tombstone matches filters by language and time, but by no tag, key event or place."""
    desk = Newsdesk().act_all([])
    place = Place("Mare Tranquillitatis")
    fields = {"headline": "x", "tags": ("moon",), "key_event": True, "place": place}
    desk.act(Action("publish", fields=fields))
    desk.retract(desk.entries["n1"])
    entries = list(desk.page.entries.values())
    for selection in (Selection(tag="moon"), Selection(key_events=True), Selection(places=True)):
        assert ids(selection, entries) == []
    assert ids(Selection(lang="en", since=START), entries) == ["n1"]
