"""Tests of the pages of entries: both orders, all filters, and tombstones."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Json, Timeline

COUNT = 23
TAG = "Mond & Sterne, 100 %"


@pytest.fixture(scope="module")
def long_timeline(newsroom: Newsroom) -> Timeline:
    """A coverage of 23 entries with tags, key events, two languages, a pin and three tombstones."""
    timeline = new_timeline(newsroom, new_slug())
    for number in range(COUNT):
        timeline.publish(
            f"Number {number}",
            key_event=number % 5 == 0,
            tags=[TAG] if number % 3 == 0 else [],
            language="de" if number % 4 == 0 else "en",
        )
    entries = all_entries(timeline)
    timeline.pin(entries[8]["id"])
    for number in (3, 13, COUNT - 1):
        timeline.retract(entries[number]["id"])
    return timeline


def all_entries(timeline: Timeline) -> list[Json]:
    """Return all entries, oldest first."""
    entries: list[Json] = timeline.page(limit=100, order="oldest")["entries"]
    return entries


def ids(entries: list[Json]) -> list[str]:
    """Return the entries' ids, in the same order."""
    return [entry["id"] for entry in entries]


def test_a_page_is_newest_first_and_twenty_long(long_timeline: Timeline) -> None:
    """By default a page has the 20 newest entries, newest first."""
    newest = all_entries(long_timeline)[::-1]
    assert long_timeline.page()["entries"] == newest[:20]
    seqs = [entry["seq"] for entry in newest]
    assert seqs == sorted(seqs, reverse=True)


def test_an_empty_timeline_is_an_empty_page(timeline: Timeline) -> None:
    """The page of a coverage without entries is empty and has no links."""
    page = timeline.page()
    assert page == {"entries": [], "cursor": timeline.head, "next": None, "previous": None}


FILTERS: list[dict[str, Any]] = [
    {},
    {"tag": TAG},
    {"key_events": True},
    {"lang": "de"},
    {"tag": TAG, "key_events": True, "lang": "de"},
    {"at": "2999-12-31T23:59:59.999Z"},
    {"at": "2999-12-31T23:59:59.999Z", "tag": TAG},
]


def matches_filter(entry: Json, query: dict[str, Any]) -> bool:
    """Whether an entry matches a filter."""
    return (
        query.get("tag") in {None, *entry["tags"]}
        and (entry["key_event"] or not query.get("key_events"))
        and query.get("lang") in {None, entry["language"]}
    )


@pytest.mark.parametrize("asked", FILTERS)
@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("limit", [2, 7, 100])
def test_next_walks_over_each_entry_once(
    long_timeline: Timeline, asked: dict[str, Any], order: str, limit: int
) -> None:
    """Following `next` gives each matching entry once, in the requested order."""
    expected = [entry for entry in all_entries(long_timeline) if matches_filter(entry, asked)]
    if order == "newest":
        expected.reverse()
    pages = list(long_timeline.turn(long_timeline.page(order=order, limit=limit, **asked)))
    assert [entry for page in pages for entry in page["entries"]] == expected
    assert all(len(page["entries"]) == limit for page in pages[:-1])


@pytest.mark.parametrize("asked", FILTERS)
@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("limit", [3])
def test_previous_walks_the_same_pages_back(
    long_timeline: Timeline, asked: dict[str, Any], order: str, limit: int
) -> None:
    """Following `previous` from the last page gives the same pages back to the first."""
    pages = list(long_timeline.turn(long_timeline.page(order=order, limit=limit, **asked)))
    reversed_pages = list(long_timeline.turn(pages[-1], "previous"))
    assert [ids(page["entries"]) for page in reversed_pages[::-1]] == [
        ids(p["entries"]) for p in pages
    ]
    assert pages[0]["previous"] is None
    assert reversed_pages[-1]["next"] == pages[0]["next"]


def test_links_are_in_the_head_as_in_the_body(long_timeline: Timeline) -> None:
    """The `Link` header has the URLs of `next` and `previous` (RFC 8288)."""
    first = long_timeline.get("/entries", limit=10)
    assert first.links["next"]["url"] == first.json()["next"]
    assert "prev" not in first.links
    middle = long_timeline.newsroom.reader.get(first.json()["next"])
    assert middle.links["next"]["url"] == middle.json()["next"]
    assert middle.links["prev"]["url"] == middle.json()["previous"]


def test_a_page_in_the_middle_turns_both_ways(long_timeline: Timeline) -> None:
    """A page that begins at an entry links to the pages on both sides."""
    entries = all_entries(long_timeline)
    page = long_timeline.page(before=entries[20]["id"], limit=5)
    assert ids(page["entries"]) == ids(entries[15:20][::-1])
    newer = long_timeline.newsroom.reader.get(page["previous"]).json()
    older = long_timeline.newsroom.reader.get(page["next"]).json()
    assert ids(newer["entries"]) == ids(entries[20:25][::-1])
    assert ids(older["entries"]) == ids(entries[10:15][::-1])


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_before_takes_the_nearest_older_ones(long_timeline: Timeline, order: str) -> None:
    """`before` selects the nearest older entries, whatever the order shown."""
    entries = all_entries(long_timeline)
    shown = long_timeline.shown(before=entries[10]["id"], limit=3, order=order)
    expected = ids(entries[7:10])
    assert shown == (expected if order == "oldest" else expected[::-1])


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_after_takes_the_nearest_newer_ones(long_timeline: Timeline, order: str) -> None:
    """`after` selects the nearest newer entries, whatever the order shown."""
    entries = all_entries(long_timeline)
    shown = long_timeline.shown(after=entries[10]["id"], limit=3, order=order)
    expected = ids(entries[11:14])
    assert shown == (expected if order == "oldest" else expected[::-1])


def test_before_and_after_together_cut_out_what_lies_between(long_timeline: Timeline) -> None:
    """`before` and `after` together select the entries between, both exclusive."""
    entries = all_entries(long_timeline)
    bounds = {"after": entries[4]["id"], "before": entries[9]["id"]}
    assert long_timeline.shown(**bounds) == ids(entries[5:9][::-1])
    assert long_timeline.shown(after=entries[4]["id"], before=entries[5]["id"]) == []


def test_a_bound_need_not_pass_the_filter(long_timeline: Timeline) -> None:
    """A bound need not match the filter, and may be a tombstone."""
    entries = all_entries(long_timeline)
    assert entries[13]["status"] == "retracted"
    shown = long_timeline.shown(before=entries[13]["id"], tag=TAG, limit=100)
    assert shown == [e["id"] for e in entries[:13][::-1] if TAG in e["tags"]]
    assert long_timeline.shown(before=entries[13]["id"], limit=2) == ids(entries[11:13][::-1])


def test_nothing_is_older_than_the_oldest(long_timeline: Timeline) -> None:
    """Beyond either end a page is empty and has no link further that way."""
    entries = all_entries(long_timeline)
    below, above = (
        long_timeline.page(before=entries[0]["id"]),
        long_timeline.page(after=entries[-1]["id"]),
    )
    assert (below["entries"], below["next"]) == ([], None)
    assert (above["entries"], above["previous"]) == ([], None)


def test_since_is_inclusive_and_until_is_not(long_timeline: Timeline) -> None:
    """`since` is inclusive and `until` exclusive, by time of publication."""
    entries = all_entries(long_timeline)
    since, until = entries[6]["published_at"], entries[18]["published_at"]
    expected = [e["id"] for e in entries if since <= e["published_at"] < until]
    assert entries[6]["id"] in expected
    assert entries[18]["id"] not in expected
    assert long_timeline.shown(since=since, until=until, order="oldest", limit=100) == expected
    pages = long_timeline.turn(
        long_timeline.page(since=since, until=until, order="oldest", limit=4)
    )
    assert [e["id"] for page in pages for e in page["entries"]] == expected
    assert long_timeline.shown(since=until, until=since) == []


def test_a_time_may_come_with_any_offset(long_timeline: Timeline) -> None:
    """A time with another offset gives the same page."""
    time = all_entries(long_timeline)[6]["published_at"]
    shifted = datetime.fromisoformat(time).astimezone(timezone(timedelta(hours=5))).isoformat()
    assert shifted.endswith("+05:00")
    assert long_timeline.shown(since=shifted, limit=100) == long_timeline.shown(
        since=time, limit=100
    )


def test_a_tag_is_matched_whole(long_timeline: Timeline) -> None:
    """A tag matches as a whole and case-sensitively."""
    assert long_timeline.shown(tag="Mond") == []
    assert long_timeline.shown(tag=TAG.upper()) == []
    assert long_timeline.shown(tag="") == []


def test_a_retracted_entrys_tag_finds_nothing(timeline: Timeline) -> None:
    """A retracted entry matches no tag and is no key event."""
    entry = timeline.publish(tags=["only-here"], key_event=True)
    assert timeline.shown(tag="only-here") == [entry["id"]]
    timeline.retract(entry["id"])
    assert timeline.shown(tag="only-here") == []
    assert timeline.shown(key_events=True) == []
    assert timeline.shown() == [entry["id"]]


def test_an_amended_tag_moves_the_entry(timeline: Timeline) -> None:
    """Filters apply to the entry's current fields."""
    entry = timeline.publish(tags=["before"])
    timeline.amend(entry["id"], tags=["after"], language="fr")
    assert timeline.shown(tag="before") == []
    assert timeline.shown(tag="after", lang="fr") == [entry["id"]]


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("entry_id", ["nobody", "", "%00", "a%2Fb", "%C3%A4", "x" * 200])
def test_an_unknown_bound_is_not_found(long_timeline: Timeline, side: str, entry_id: str) -> None:
    """An unknown bound is a 404."""
    answer = long_timeline.newsroom.reader.get(f"{long_timeline.path}/entries?{side}={entry_id}")
    check_problem(answer, 404)


def test_drafts_and_strangers_are_unknown_bounds(
    timeline: Timeline, long_timeline: Timeline
) -> None:
    """A draft's id and another coverage's entry id are a 404 as bounds."""
    for entry_id in (timeline.draft()["id"], all_entries(long_timeline)[0]["id"]):
        check_problem(timeline.get("/entries", before=entry_id), 404)
        check_problem(timeline.get("/entries", after=entry_id), 404)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=ten",
        "limit=1.5",
        "limit=99999999999999999999",
        "order=up",
        "key_events=perhaps",
        "since=yesterday",
        "since=1700000000",
        "since=2024-01-01",
        "until=2024-01-01T00:00:00",
        "until=2024-13-01T00:00:00Z",
        "at=0001-01-01T00:00:00%2B14:00",
        "at=9999-12-31T23:59:59-14:00",
        "at=10000-01-01T00:00:00Z",
        "at=",
        "at=%00",
        "tag=%00",
        "lang=%0A",
    ],
)
def test_a_bad_question_is_refused(long_timeline: Timeline, query: str) -> None:
    """An invalid query parameter is a 422 with a pointer to it."""
    answer = long_timeline.newsroom.reader.get(f"{long_timeline.path}/entries?{query}")
    assert pointers(check_problem(answer, 422)) == {f"/{query.partition('=')[0]}"}


@pytest.mark.parametrize(
    "query", ["tag=%ED%A0%80", "tag=%FF", "lang=%F0%9F%98%80", "limit=20&x=%00"]
)
def test_odd_bytes_in_a_question_find_nothing_and_break_nothing(
    long_timeline: Timeline, query: str
) -> None:
    """A parameter that is invalid UTF-8 or unusual causes no server error."""
    assert (
        long_timeline.newsroom.reader.get(f"{long_timeline.path}/entries?{query}").status_code < 500
    )


def test_the_pages_cursor_is_the_head(long_timeline: Timeline) -> None:
    """Each page's cursor is the journal's head."""
    head = long_timeline.head
    for query in ({}, {"limit": 1}, {"order": "oldest", "limit": 2}, {"tag": TAG}):
        assert long_timeline.page(**query)["cursor"] == head
