"""Tests of publishing: which fields are accepted, and the response."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Json, Timeline


def test_a_new_entry_is_answered_with_its_address(timeline: Timeline) -> None:
    """A new entry is a 201 with `Location`, `ETag: "1"` and the cursor of its event."""
    form = {"headline": "The Eagle has landed"}
    answer = timeline.newsroom.editor.post(f"{timeline.path}/entries", json=form)
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    written = answer.json()
    assert written["cursor"] == timeline.head
    location = answer.headers["location"].removeprefix(timeline.newsroom.server.url)
    del written["cursor"]
    assert timeline.newsroom.reader.get(location).json() == written


def test_an_answer_comes_after_the_commit(timeline: Timeline) -> None:
    """A read right after the response has the entry, in every representation."""
    for number in range(10):
        written = timeline.publish(f"Number {number}")
        assert timeline.page(limit=1)["entries"][0]["id"] == written["id"]
        assert timeline.entry(written["id"])["headline"] == f"Number {number}"
        assert timeline.journal()[-1]["cursor"] == written["cursor"]


def test_an_entry_keeps_what_it_was_given(timeline: Timeline) -> None:
    """Each field is returned as it was sent, with bylines as objects and times in UTC."""
    fields: Json = {
        "headline": "Ελληνικά, 日本語 and 🚀",
        "kind": "quote",
        "key_event": True,
        "bylines": ["A. Writer", {"name": "B. Editor"}],
        "tags": ["moon", "Mond & Co"],
        "place": {"name": "Tranquility Base", "lat": 0.67416, "lon": 23.47314},
        "happened_at": "1969-07-20T15:17:40-05:00",
    }
    entry = timeline.entry(timeline.publish(**fields)["id"])
    bylines = [{"name": "A. Writer"}, {"name": "B. Editor"}]
    expected = {**fields, "bylines": bylines, "happened_at": "1969-07-20T20:17:40.000Z"}
    assert {name: entry[name] for name in fields} == expected


@pytest.mark.parametrize("kind", ["update", "roundup", "quote", "media"])
def test_each_kind_is_taken(timeline: Timeline, kind: str) -> None:
    """Each kind of the contract is accepted."""
    assert timeline.publish(kind=kind)["kind"] == kind


@pytest.mark.parametrize(
    "place",
    [
        {"name": "Sea"},
        {"name": "Pole", "lat": -90, "lon": 180},
        {"name": "Zero", "lat": 0, "lon": 0},
    ],
)
def test_a_place_may_go_without_coordinates(timeline: Timeline, place: Json) -> None:
    """A place needs no coordinates."""
    stored = timeline.publish(place=place)["place"]
    assert stored == {"name": place["name"], "lat": place.get("lat"), "lon": place.get("lon")}


@pytest.mark.parametrize("sent", [{"headline": "x"}, {"body": "x"}, {"body": {"html": "<p>x</p>"}}])
def test_one_of_headline_and_body_is_enough(timeline: Timeline, sent: Json) -> None:
    """A headline or a body alone is enough."""
    entry = timeline.publish(None, **sent)
    assert entry["status"] == "published"
    assert (entry["headline"] is None) == ("headline" not in sent)


@pytest.fixture(scope="module")
def untouched(newsroom: Newsroom) -> Timeline:
    """A coverage for requests that are refused; it stays empty."""
    return new_timeline(newsroom, new_slug())


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"tags": ["x"], "kind": "quote"},
        {"headline": None, "body": None, "media": []},
        {"headline": "", "body": ""},
        {"headline": "   "},
        {"body": " \n\n "},
        {"body": {"html": ""}},
        {"body": {"html": "<script>alert(1)</script>"}},
        {"body": "<script>alert(1)</script>"},
        {"body": {"html": "<p> </p>"}},
        {"body": {"html": "<!-- nothing -->"}},
    ],
)
@pytest.mark.parametrize("draft", [False, True])
def test_an_entry_with_nothing_to_show_is_refused(
    untouched: Timeline, sent: Json, draft: bool
) -> None:
    """An entry or draft without headline, body and media is a 422."""
    answer = untouched.newsroom.editor.post(
        f"{untouched.path}/entries", json={**sent, "draft": draft}
    )
    assert check_problem(answer, 422)["errors"]
    assert untouched.read()["cursor"].endswith("-1")
    assert untouched.drafts == []


WRONG: list[tuple[str, Any]] = [
    ("/headline", 5),
    ("/headline", ["x"]),
    ("/headline", {"html": "x"}),
    ("/headline", True),
    ("/headline", "two\nlines"),
    ("/headline", "two\rlines"),
    ("/headline", "tab\tbed"),
    ("/headline", "nul\0"),
    ("/headline", "esc\x1b[31m"),
    ("/headline", "line\u2028separator"),
    ("/headline", "del\x7f"),
    ("/headline", "next\x85line"),
    ("/body", 5),
    ("/body", ["x"]),
    ("/body/html", {"html": None}),
    ("/body/text", {"text": 5}),
    ("/body/text", {"html": "x", "text": "y"}),
    ("/body/html", {}),
    ("/kind", "story"),
    ("/kind", None),
    ("/key_event", "yes"),
    ("/key_event", 1),
    ("/key_event", None),
    ("/draft", "true"),
    ("/bylines", "A. Writer"),
    ("/bylines/0", [5]),
    ("/bylines/1/name", ["A", {}]),
    ("/bylines/0", [""]),
    ("/bylines/0", ["two\nlines"]),
    ("/tags", "moon"),
    ("/tags/1", ["moon", 5]),
    ("/tags/0", [""]),
    ("/tags/0", ["a\0"]),
    ("/place", "Moon"),
    ("/place/name", {"lat": 1, "lon": 1}),
    ("/place/lat", {"name": "x", "lat": 91, "lon": 0}),
    ("/place/lon", {"name": "x", "lat": 0, "lon": -180.5}),
    ("/place/lat", {"name": "x", "lat": "1", "lon": 0}),
    ("/happened_at", "yesterday"),
    ("/happened_at", "1969-07-20"),
    ("/happened_at", "1969-07-20T20:17:40"),
    ("/happened_at", -14182940),
    ("/happened_at", "0001-01-01T00:00:00+14:00"),
    ("/happened_at", "9999-12-31T23:59:59-14:00"),
    ("/happened_at", "10000-01-01T00:00:00Z"),
    ("/happened_at", "1969-02-30T00:00:00Z"),
    ("/happened_at", "1969-07-20T25:00:00Z"),
    ("/embargo_until", "soon"),
    ("/embargo_until", "2999-01-01T00:00:00"),
    ("/embargo_until", 99999999999),
    ("/media", "x"),
    ("/media/0", ["nobody-uploaded-this"]),
    ("/media/0", ["\0"]),
    ("/media/0", [None]),
    ("/language", "not a language"),
]


@pytest.mark.parametrize(("where", "value"), WRONG)
def test_a_wrong_value_is_named_and_nothing_stored(
    untouched: Timeline, where: str, value: Any
) -> None:
    """An invalid value is a 422 with a pointer to it, and nothing is stored."""
    form = {"headline": "Good", where.split("/")[1]: value}
    answer = untouched.newsroom.editor.post(f"{untouched.path}/entries", json=form)
    assert where in pointers(check_problem(answer, 422))
    assert untouched.read()["cursor"].endswith("-1")
    assert untouched.drafts == []


def test_all_that_is_wrong_is_told_at_once(timeline: Timeline) -> None:
    """A problem has an error for each invalid value."""
    form = {"headline": 5, "tags": ["a", 7], "happened_at": "never"}
    answer = timeline.newsroom.editor.post(f"{timeline.path}/entries", json=form)
    assert pointers(check_problem(answer, 422)) == {"/headline", "/tags/1", "/happened_at"}


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"])
def test_any_time_of_the_calendar_may_have_happened(timeline: Timeline, time: str) -> None:
    """Each time of RFC 3339's calendar is valid as `happened_at`."""
    written = timeline.publish(happened_at=time)["happened_at"]
    assert written.rstrip("Z").removesuffix(".000") == time.rstrip("Z")
    assert timeline.get("/entries").status_code == 200
    assert timeline.newsroom.reader.get(f"/coverages/{timeline.slug}").status_code == 200


def test_many_writers_at_once_leave_no_hole(timeline: Timeline) -> None:
    """Entries that are published concurrently have consecutive seqs, all in the journal."""
    with ThreadPoolExecutor(6) as pool:
        written = list(pool.map(lambda n: timeline.publish(f"Number {n}"), range(30)))
    assert sorted(entry["seq"] for entry in written) == list(range(2, 32))
    by_seq = {event["seq"]: event["entry"]["id"] for event in timeline.journal()[1:]}
    assert by_seq == {entry["seq"]: entry["id"] for entry in written}


def test_an_entry_goes_into_no_unknown_coverage(timeline: Timeline) -> None:
    """An entry in an unknown coverage is a 404."""
    answer = timeline.newsroom.editor.post(
        "/v1/coverages/nobody-took-this/entries", json={"headline": "x"}
    )
    check_problem(answer, 404)
