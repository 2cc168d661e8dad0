"""Pages of a timeline: paging in both orders, with every filter, over tombstones."""

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
def long(newsroom: Newsroom) -> Timeline:
    """A coverage with 23 entries: tags, key events, two languages, a pin and three tombstones."""
    timeline = new_timeline(newsroom, new_slug())
    for number in range(COUNT):
        timeline.publish(
            f"Number {number}",
            key_event=number % 5 == 0,
            tags=[TAG] if number % 3 == 0 else [],
            language="de" if number % 4 == 0 else "en",
        )
    entries = everything(timeline)
    timeline.pin(entries[8]["id"])
    for number in (3, 13, COUNT - 1):
        timeline.retract(entries[number]["id"])
    return timeline


def everything(timeline: Timeline) -> list[Json]:
    """All entries, oldest first, in one page."""
    entries: list[Json] = timeline.page(limit=100, order="oldest")["entries"]
    return entries


def ids(entries: list[Json]) -> list[str]:
    """Their ids, in the same order."""
    return [entry["id"] for entry in entries]


def test_a_page_is_newest_first_and_twenty_long(long: Timeline) -> None:
    """Without a question the page has the 20 of the highest seqs, descending."""
    newest = everything(long)[::-1]
    assert long.page()["entries"] == newest[:20]
    seqs = [entry["seq"] for entry in newest]
    assert seqs == sorted(seqs, reverse=True)


def test_an_empty_timeline_is_an_empty_page(timeline: Timeline) -> None:
    """Nothing there leads nowhere."""
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


def passes(entry: Json, asked: dict[str, Any]) -> bool:
    """Whether an entry is one of those asked for."""
    return (
        asked.get("tag") in {None, *entry["tags"]}
        and (entry["key_event"] or not asked.get("key_events"))
        and asked.get("lang") in {None, entry["language"]}
    )


@pytest.mark.parametrize("asked", FILTERS)
@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("limit", [2, 7, 100])
def test_next_walks_over_each_entry_once(
    long: Timeline, asked: dict[str, Any], order: str, limit: int
) -> None:
    """The pages of `next`, put together, are all that passes the filter, in the order shown."""
    expected = [entry for entry in everything(long) if passes(entry, asked)]
    if order == "newest":
        expected.reverse()
    pages = list(long.turn(long.page(order=order, limit=limit, **asked)))
    assert [entry for page in pages for entry in page["entries"]] == expected
    assert all(len(page["entries"]) == limit for page in pages[:-1])


@pytest.mark.parametrize("asked", FILTERS)
@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("limit", [3])
def test_previous_walks_the_same_pages_back(
    long: Timeline, asked: dict[str, Any], order: str, limit: int
) -> None:
    """From the last page `previous` leads over the same pages to the first, where it is null."""
    pages = list(long.turn(long.page(order=order, limit=limit, **asked)))
    back = list(long.turn(pages[-1], "previous"))
    assert [ids(page["entries"]) for page in back[::-1]] == [ids(p["entries"]) for p in pages]
    assert pages[0]["previous"] is None
    assert back[-1]["next"] == pages[0]["next"]


def test_links_are_in_the_head_as_in_the_body(long: Timeline) -> None:
    """`Link` has next and prev (RFC 8288), the very addresses of the page."""
    first = long.get("/entries", limit=10)
    assert first.links["next"]["url"] == first.json()["next"]
    assert "prev" not in first.links
    middle = long.newsroom.reader.get(first.json()["next"])
    assert middle.links["next"]["url"] == middle.json()["next"]
    assert middle.links["prev"]["url"] == middle.json()["previous"]


def test_a_page_in_the_middle_turns_both_ways(long: Timeline) -> None:
    """A page that begins at an entry knows what lies on either side of it."""
    entries = everything(long)
    page = long.page(before=entries[20]["id"], limit=5)
    assert ids(page["entries"]) == ids(entries[15:20][::-1])
    newer = long.newsroom.reader.get(page["previous"]).json()
    older = long.newsroom.reader.get(page["next"]).json()
    assert ids(newer["entries"]) == ids(entries[20:25][::-1])
    assert ids(older["entries"]) == ids(entries[10:15][::-1])


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_before_takes_the_nearest_older_ones(long: Timeline, order: str) -> None:
    """`order` turns only what is shown, not what is taken."""
    entries = everything(long)
    shown = long.shown(before=entries[10]["id"], limit=3, order=order)
    taken = ids(entries[7:10])
    assert shown == (taken if order == "oldest" else taken[::-1])


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_after_takes_the_nearest_newer_ones(long: Timeline, order: str) -> None:
    """The newer ones that follow the entry at once, not the newest of all."""
    entries = everything(long)
    shown = long.shown(after=entries[10]["id"], limit=3, order=order)
    taken = ids(entries[11:14])
    assert shown == (taken if order == "oldest" else taken[::-1])


def test_before_and_after_together_cut_out_what_lies_between(long: Timeline) -> None:
    """Both bounds hold, and both are left out."""
    entries = everything(long)
    between = {"after": entries[4]["id"], "before": entries[9]["id"]}
    assert long.shown(**between) == ids(entries[5:9][::-1])
    assert long.shown(after=entries[4]["id"], before=entries[5]["id"]) == []


def test_a_bound_need_not_pass_the_filter(long: Timeline) -> None:
    """Paging goes on from an entry that the filter would hide, a tombstone even."""
    entries = everything(long)
    assert entries[13]["status"] == "retracted"
    shown = long.shown(before=entries[13]["id"], tag=TAG, limit=100)
    assert shown == [e["id"] for e in entries[:13][::-1] if TAG in e["tags"]]
    assert long.shown(before=entries[13]["id"], limit=2) == ids(entries[11:13][::-1])


def test_nothing_is_older_than_the_oldest(long: Timeline) -> None:
    """Beyond either end the page is empty, and turns no further that way."""
    entries = everything(long)
    below, above = long.page(before=entries[0]["id"]), long.page(after=entries[-1]["id"])
    assert (below["entries"], below["next"]) == ([], None)
    assert (above["entries"], above["previous"]) == ([], None)


def test_since_is_inclusive_and_until_is_not(long: Timeline) -> None:
    """Both cut by the time of publication, which an amendment does not move."""
    entries = everything(long)
    since, until = entries[6]["published_at"], entries[18]["published_at"]
    expected = [e["id"] for e in entries if since <= e["published_at"] < until]
    assert entries[6]["id"] in expected
    assert entries[18]["id"] not in expected
    assert long.shown(since=since, until=until, order="oldest", limit=100) == expected
    pages = long.turn(long.page(since=since, until=until, order="oldest", limit=4))
    assert [e["id"] for page in pages for e in page["entries"]] == expected
    assert long.shown(since=until, until=since) == []


def test_a_time_may_come_with_any_offset(long: Timeline) -> None:
    """The same moment in another zone gives the same page."""
    moment = everything(long)[6]["published_at"]
    shifted = datetime.fromisoformat(moment).astimezone(timezone(timedelta(hours=5))).isoformat()
    assert shifted.endswith("+05:00")
    assert long.shown(since=shifted, limit=100) == long.shown(since=moment, limit=100)


def test_a_tag_is_matched_whole(long: Timeline) -> None:
    """Neither a part of a tag nor another case finds it."""
    assert long.shown(tag="Mond") == []
    assert long.shown(tag=TAG.upper()) == []
    assert long.shown(tag="") == []


def test_a_retracted_entrys_tag_finds_nothing(timeline: Timeline) -> None:
    """Its tags are gone with its words."""
    entry = timeline.publish(tags=["only-here"], key_event=True)
    assert timeline.shown(tag="only-here") == [entry["id"]]
    timeline.retract(entry["id"])
    assert timeline.shown(tag="only-here") == []
    assert timeline.shown(key_events=True) == []
    assert timeline.shown() == [entry["id"]]


def test_an_amended_tag_moves_the_entry(timeline: Timeline) -> None:
    """Filters follow the entry as it now is."""
    entry = timeline.publish(tags=["before"])
    timeline.amend(entry["id"], tags=["after"], language="fr")
    assert timeline.shown(tag="before") == []
    assert timeline.shown(tag="after", lang="fr") == [entry["id"]]


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("entry_id", ["nobody", "", "%00", "a%2Fb", "%C3%A4", "x" * 200])
def test_an_unknown_bound_is_not_found(long: Timeline, side: str, entry_id: str) -> None:
    """An id that names nothing here is a 404."""
    answer = long.newsroom.reader.get(f"{long.path}/entries?{side}={entry_id}")
    check_problem(answer, 404)


def test_drafts_and_strangers_are_unknown_bounds(timeline: Timeline, long: Timeline) -> None:
    """Neither an entry that is not public nor one of another coverage is a bound here."""
    for entry_id in (timeline.draft()["id"], everything(long)[0]["id"]):
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
def test_a_bad_question_is_refused(long: Timeline, query: str) -> None:
    """A query value of the wrong shape is a 422 that names it."""
    answer = long.newsroom.reader.get(f"{long.path}/entries?{query}")
    assert pointers(check_problem(answer, 422)) == {f"/{query.partition('=')[0]}"}


@pytest.mark.parametrize(
    "query", ["tag=%ED%A0%80", "tag=%FF", "lang=%F0%9F%98%80", "limit=20&x=%00"]
)
def test_odd_bytes_in_a_question_find_nothing_and_break_nothing(long: Timeline, query: str) -> None:
    """What is no UTF-8, or no value that anything has, is answered below 500."""
    assert long.newsroom.reader.get(f"{long.path}/entries?{query}").status_code < 500


def test_the_pages_cursor_is_the_head(long: Timeline) -> None:
    """Whatever page is asked for, its stream goes on from the journal's head."""
    head = long.head
    for asked in ({}, {"limit": 1}, {"order": "oldest", "limit": 2}, {"tag": TAG}):
        assert long.page(**asked)["cursor"] == head
