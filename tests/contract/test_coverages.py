"""Tests of coverages: opening, reading, changing and closing."""

import re

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Timeline

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
FIELDS = {
    "slug",
    "title",
    "kicker",
    "standfirst",
    "status",
    "language",
    "languages",
    "bylines",
    "starts_at",
    "ended_at",
    "created_at",
    "updated_at",
    "entry_count",
    "pinned",
    "summary",
    "key_events",
    "cursor",
    "url",
    "lead_image",
    "related",
}


def test_a_new_coverage_is_answered_with_its_address(newsroom: Newsroom) -> None:
    """A new coverage is a 201 with the coverage, and its URL in `Location`."""
    slug = new_slug()
    answer = newsroom.chief.post("/v1/coverages", json={"slug": slug, "title": "The landing"})
    assert answer.status_code == 201
    assert answer.json()["slug"] == slug
    assert answer.json()["status"] == "live"
    location = newsroom.server.url + answer.headers["location"].removeprefix(newsroom.server.url)
    assert newsroom.reader.get(location).json() == answer.json()


def test_a_coverage_has_every_field_of_the_contract(timeline: Timeline) -> None:
    """A coverage has every field of the contract; unset ones are empty."""
    coverage = timeline.read()
    assert set(coverage) >= FIELDS
    assert coverage["entry_count"] == 0
    assert (coverage["pinned"], coverage["lead_image"], coverage["ended_at"]) == (None,) * 3
    assert (coverage["key_events"], coverage["bylines"], coverage["related"]) == ([], [], [])
    assert coverage["url"].endswith(f"/coverages/{timeline.slug}")
    for name in ("created_at", "updated_at", "starts_at"):
        assert TIME.fullmatch(coverage[name]), name


def test_a_coverage_keeps_what_it_was_given(newsroom: Newsroom) -> None:
    """Each field of a POST is returned as it was sent, with times in UTC."""
    fields = {
        "kicker": "Space",
        "standfirst": "Two men are on their way down.",
        "language": "en-GB",
        "languages": ["en-GB", "de"],
        "bylines": [{"name": "A. Writer"}, "B. Editor"],
        "starts_at": "1969-07-20T22:17:40.5+02:00",
        "related": [{"title": "Yesterday", "url": "https://example.org/19"}],
    }
    coverage = new_timeline(newsroom, new_slug(), **fields).read()
    bylines = [{"name": "A. Writer"}, {"name": "B. Editor"}]
    expected = {**fields, "bylines": bylines, "starts_at": "1969-07-20T20:17:40.500Z"}
    assert {name: coverage[name] for name in fields} == expected


@pytest.mark.parametrize("slug", ["a", "0", "-", "a-b-9", "a" * 100])
def test_a_slug_of_letters_digits_and_hyphens_is_taken(newsroom: Newsroom, slug: str) -> None:
    """A slug is 1 to 100 characters of a-z, 0-9 and hyphen."""
    assert new_timeline(newsroom, slug).read()["slug"] == slug


@pytest.mark.parametrize(
    "slug",
    ["", "a" * 101, "A", "a b", "a_b", "ä", "a/b", "a\n", "a\0", "..", "٣", 5, None, ["a"]],
)
def test_any_other_slug_is_refused(newsroom: Newsroom, slug: object) -> None:
    """Any other slug is a 422 with a pointer to it."""
    answer = newsroom.chief.post("/v1/coverages", json={"slug": slug, "title": "A test"})
    assert pointers(check_problem(answer, 422)) == {"/slug"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": None},
        {"title": ""},
        {"title": "two\nlines"},
        {"status": "closed"},
        {"status": "paused"},
        {"language": "not a language"},
        {"languages": "en"},
        {"bylines": [{}]},
        {"starts_at": "yesterday"},
        {"starts_at": "2024-01-01T00:00:00"},
        {"related": [{"title": "No address"}]},
        {"related": [{"title": "A script", "url": "javascript:alert(1)"}]},
        {"lead_image": "nobody-uploaded-this"},
        {"standfirst": 7},
    ],
)
def test_a_coverage_of_the_wrong_shape_is_not_stored(
    newsroom: Newsroom, wrong: dict[str, object]
) -> None:
    """An invalid field is a 422 with a pointer to it, and no coverage is created."""
    slug = new_slug()
    form = {"slug": slug, "title": "A test", **wrong}
    problem = check_problem(newsroom.chief.post("/v1/coverages", json=form), 422)
    assert all(pointer.startswith(f"/{next(iter(wrong))}") for pointer in pointers(problem))
    check_problem(newsroom.chief.get(f"/v1/coverages/{slug}"), 404)


def test_a_coverage_needs_a_title_and_a_slug(newsroom: Newsroom) -> None:
    """A missing title or slug is a 422 with a pointer to each."""
    problem = check_problem(newsroom.chief.post("/v1/coverages", json={}), 422)
    assert pointers(problem) == {"/slug", "/title"}


def test_a_slug_is_given_once(newsroom: Newsroom, timeline: Timeline) -> None:
    """A second coverage with the same slug is a 409 and does not change the first."""
    before = timeline.read()
    form = {"slug": timeline.slug, "title": "Another"}
    check_problem(newsroom.chief.post("/v1/coverages", json=form), 409, "slug-taken")
    assert timeline.read() == before


def test_an_unknown_coverage_is_not_there(newsroom: Newsroom) -> None:
    """Each path below an unknown slug is a 404."""
    for below in ("", "/entries", "/events", "/entries/x", "/entries/x/revisions"):
        check_problem(newsroom.reader.get(f"/v1/coverages/nobody-took-this{below}"), 404)
    check_problem(newsroom.chief.patch("/v1/coverages/nobody-took-this", json={}), 404)


def test_a_change_is_answered_and_journalled(timeline: Timeline) -> None:
    """A change is returned, and is one event with the complete coverage."""
    changed = timeline.change(title="Down and safe", standfirst="They landed.", kicker="Moon")
    assert (changed["title"], changed["standfirst"]) == ("Down and safe", "They landed.")
    assert timeline.read() == changed
    event = timeline.journal()[-1]
    assert (event["type"], event["details"]) == ("coverage.changed", changed)
    assert event["cursor"] == changed["cursor"]


def test_a_change_leaves_the_rest_as_it_was(timeline: Timeline) -> None:
    """A field that is not given stays; null removes an optional one."""
    timeline.change(standfirst="They landed.", kicker="Moon")
    changed = timeline.change(kicker=None)
    assert (changed["standfirst"], changed["kicker"], changed["title"]) == (
        "They landed.",
        None,
        "A test",
    )


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"title": None}, {"status": "open"}, {"slug": "other"}, {"entry_count": 5}],
)
def test_a_change_of_the_wrong_shape_changes_nothing(
    timeline: Timeline, wrong: dict[str, object]
) -> None:
    """An invalid change is a 422 and changes nothing."""
    before = timeline.read()
    answer = timeline.newsroom.chief.patch(timeline.path, json={"kicker": "New", **wrong})
    assert pointers(check_problem(answer, 422)) == {f"/{next(iter(wrong))}"}
    assert timeline.read() == before


def test_a_closed_coverage_takes_nothing_new(timeline: Timeline) -> None:
    """Closing is a `coverage.closed` event; a closed coverage takes neither entries nor drafts."""
    closed = timeline.change(status="closed")
    assert closed["status"] == "closed"
    assert TIME.fullmatch(closed["ended_at"])
    assert timeline.journal()[-1]["type"] == "coverage.closed"
    for fields in ({}, {"draft": True}, {"embargo_until": "2999-01-01T00:00:00Z"}):
        answer = timeline.newsroom.editor.post(
            f"{timeline.path}/entries", json={"headline": "Late", **fields}
        )
        check_problem(answer, 409, "coverage-closed")
    assert timeline.head == closed["cursor"]
    assert timeline.drafts == []


def test_a_closed_coverage_publishes_no_draft(timeline: Timeline) -> None:
    """A draft in a closed coverage cannot be published."""
    draft = timeline.draft()
    timeline.change(status="closed")
    address = f"{timeline.path}/entries/{draft['id']}/publication"
    check_problem(timeline.newsroom.editor.post(address), 409, "coverage-closed")


def test_a_closed_coverage_may_be_reopened(timeline: Timeline) -> None:
    """A reopened coverage takes entries again."""
    timeline.change(status="closed")
    assert timeline.change(status="live")["status"] == "live"
    assert timeline.publish()["status"] == "published"


def test_a_closed_coverage_can_still_be_put_right(timeline: Timeline) -> None:
    """Entries of a closed coverage can be corrected and retracted."""
    first, second = timeline.publish(), timeline.publish()
    timeline.change(status="closed")
    assert timeline.correct(first["id"], headline="Better")["revision"] == 2
    assert timeline.retract(second["id"])["status"] == "retracted"


def test_a_paused_coverage_goes_on_taking_entries(timeline: Timeline) -> None:
    """A paused coverage takes entries."""
    assert timeline.change(status="paused")["status"] == "paused"
    assert timeline.publish()["status"] == "published"


def test_the_head_is_the_cursor_of_the_last_event(timeline: Timeline) -> None:
    """A coverage's cursor is that of its last event; its seq counts from 1 in one epoch."""
    heads = [timeline.head]
    timeline.publish()
    heads.append(timeline.head)
    timeline.change(kicker="Moon")
    heads.append(timeline.head)
    assert heads == [event["cursor"] for event in timeline.journal()]
    epochs = {cursor.rpartition("-")[0] for cursor in heads}
    assert len(epochs) == 1
    assert [cursor.rpartition("-")[2] for cursor in heads] == ["1", "2", "3"]


def test_two_coverages_have_two_epochs(newsroom: Newsroom, timeline: Timeline) -> None:
    """Each coverage has its own epoch, and another's cursor is a 410."""
    other = new_timeline(newsroom, new_slug())
    assert timeline.head.rpartition("-")[0] != other.head.rpartition("-")[0]
    check_problem(other.get("/events", after=timeline.head), 410, "unknown-cursor")


def test_the_count_leaves_tombstones_out(timeline: Timeline) -> None:
    """The entry count excludes tombstones and drafts."""
    first = timeline.publish()
    timeline.publish()
    timeline.draft()
    assert timeline.read()["entry_count"] == 2
    timeline.retract(first["id"])
    assert timeline.read()["entry_count"] == 1


def test_key_events_are_listed_with_their_titles(timeline: Timeline) -> None:
    """The list of key events follows amendments and retractions."""
    landing = timeline.publish("The Eagle has landed", key_event=True)
    step = timeline.publish("One small step", key_event=True)
    timeline.publish("A word from Houston")

    def listed() -> list[tuple[str, str, str]]:
        return [
            (k["entry_id"], k["title"], k["published_at"]) for k in timeline.read()["key_events"]
        ]

    second = (step["id"], "One small step", step["published_at"])
    assert listed() == [(landing["id"], "The Eagle has landed", landing["published_at"]), second]
    timeline.amend(landing["id"], headline="Eagle is down")
    assert listed() == [(landing["id"], "Eagle is down", landing["published_at"]), second]
    timeline.amend(landing["id"], key_event=False)
    assert listed() == [second]
    timeline.retract(step["id"])
    assert listed() == []


def test_whose_name_the_desk_fills_in_is_no_readers_business(newsroom: Newsroom) -> None:
    """`entry_bylines` is stored, but no response to a reader has it, and no event tells of it."""
    timeline = new_timeline(newsroom, new_slug())
    before = timeline.read()
    changed = newsroom.chief.patch(timeline.path, json={"entry_bylines": "writer"})
    assert changed.status_code == 200
    assert timeline.read() == before
    refused = newsroom.chief.patch(timeline.path, json={"entry_bylines": "everybody"})
    assert pointers(check_problem(refused, 422)) == {"/entry_bylines"}
