"""Tests of the journal as JSON pages."""

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem, pointers
from tests.contract.timeline import Timeline

JSON = {"Accept": "application/json"}


def publish_several(timeline: Timeline, count: int = 6) -> list[str]:
    """Publish `count` entries; returns the cursors of the whole journal."""
    for number in range(count):
        timeline.publish(f"Number {number}")
    return [event["cursor"] for event in timeline.journal()]


def test_an_event_has_every_field_of_the_contract(timeline: Timeline) -> None:
    """An event has every field; an entry's event has the entry, a coverage's its details."""
    written = timeline.publish()
    opened, published = timeline.journal()
    common_fields = {"cursor", "seq", "type", "coverage", "at"}
    assert set(opened) >= common_fields | {"details"}
    assert set(published) >= common_fields | {"entry"}
    assert "entry" not in opened
    assert "details" not in published
    assert (opened["seq"], opened["type"]) == (1, "coverage.opened")
    assert opened["coverage"] == published["coverage"] == timeline.slug
    assert published["at"] == written["published_at"]


def test_each_change_has_its_type(timeline: Timeline) -> None:
    """Each change is one event of its type; a new pin is two, with the old pin's removal."""
    first, second = timeline.publish(), timeline.publish()
    timeline.amend(first["id"], headline="Longer")
    timeline.correct(first["id"], headline="Right")
    timeline.pin(first["id"])
    timeline.pin(second["id"])
    timeline.unpin(second["id"])
    timeline.retract(first["id"])
    timeline.change(kicker="Moon")
    timeline.change(status="closed")
    timeline.change(status="live")
    kinds = [event["type"] for event in timeline.journal()]
    assert kinds == [
        "coverage.opened",
        *["entry.published"] * 2,
        "entry.amended",
        "entry.corrected",
        "entry.pinned",
        *["entry.unpinned", "entry.pinned"],
        "entry.unpinned",
        "entry.retracted",
        *["coverage.changed", "coverage.closed", "coverage.changed"],
    ]


def test_seqs_have_no_hole(timeline: Timeline) -> None:
    """Seqs have no gaps, whatever requests were refused or repeated."""
    entry = timeline.publish()
    editor, address = timeline.newsroom.editor, f"{timeline.path}/entries"
    editor.post(address, json={"headline": 5})
    editor.post(address, json={})
    editor.patch(f"{address}/{entry['id']}", json={"headline": "x"}, headers={"If-Match": '"9"'})
    timeline.pin(entry["id"])
    timeline.pin(entry["id"])
    timeline.draft()
    timeline.publish()
    assert [event["seq"] for event in timeline.journal()] == [1, 2, 3, 4]


def test_what_changes_nothing_is_no_event(timeline: Timeline) -> None:
    """A change to the same values is no event."""
    entry = timeline.publish("As it is")
    head = timeline.head
    assert timeline.amend(entry["id"], headline="As it is")["revision"] == 1
    timeline.change(title="A test")
    timeline.unpin(entry["id"])
    assert timeline.head == head


def test_a_page_tells_whether_there_is_more(timeline: Timeline) -> None:
    """Pages that follow each other by cursor have each event once; the last has `more: false`."""
    cursors = publish_several(timeline, 6)
    seen, after = [], "0"
    for size, more in ((3, True), (3, True), (1, False)):
        page = timeline.read("/events", after=after, limit=3)
        assert (len(page["events"]), page["more"]) == (size, more)
        assert page["cursor"] == page["events"][-1]["cursor"]
        seen += [event["cursor"] for event in page["events"]]
        after = page["cursor"]
    assert seen == cursors
    end = timeline.read("/events", after=after)
    assert end == {"events": [], "cursor": after, "more": False}


def test_a_page_that_ends_at_the_head_has_no_more(timeline: Timeline) -> None:
    """A full page that ends at the head has `more: false`."""
    cursors = publish_several(timeline, 3)
    assert timeline.read("/events", limit=4)["more"] is False
    assert timeline.read("/events", limit=3)["more"] is True
    assert timeline.read("/events", after=cursors[1], limit=2)["more"] is False


def test_without_a_cursor_the_journal_begins_at_its_beginning(timeline: Timeline) -> None:
    """Without a cursor the journal begins at seq 1, as with `after=0`."""
    publish_several(timeline)
    epoch = timeline.head.rpartition("-")[0]
    beginning = timeline.read("/events")
    for after in ("0", f"{epoch}-0"):
        page = timeline.read("/events", after=after)
        assert page["events"] == beginning["events"]
    assert beginning["events"][0]["seq"] == 1


def test_a_hundred_events_are_a_page(timeline: Timeline) -> None:
    """A page has 100 events by default."""
    for number in range(101):
        timeline.publish(f"Number {number}")
    page = timeline.read("/events")
    assert [event["seq"] for event in page["events"]] == list(range(1, 101))
    assert page["more"] is True
    assert len(timeline.read("/events", after=page["cursor"])["events"]) == 2


@pytest.fixture(scope="module")
def shared_timeline(newsroom: Newsroom) -> Timeline:
    """A coverage with one entry, for tests that change nothing."""
    timeline = new_timeline(newsroom, new_slug())
    timeline.publish()
    return timeline


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "1",
        "-1",
        "00",
        "0-0",
        "EPOCH",
        "EPOCH-",
        "EPOCH-x",
        "EPOCH--1",
        "EPOCH-01",
        "EPOCH-1.0",
        "EPOCH-1 ",
        " EPOCH-1",
        "EPOCH-%D9%A1",
        "EPOCH-1%00",
        "EPOCH-99999999999999999999999",
        "EPOCH-3",
        "zzzzzzzz-1",
        "zzzzzzzz-0",
        "%00",
        "%FF",
        "null",
        "x" * 2000,
    ],
)
def test_a_cursor_of_nowhere_is_gone(shared_timeline: Timeline, after: str) -> None:
    """A malformed, foreign or future cursor is a 410, also with `wait`."""
    epoch = shared_timeline.head.rpartition("-")[0]
    for wait in ("", "&wait=30"):
        address = f"{shared_timeline.path}/events?after={after.replace('EPOCH', epoch)}{wait}"
        answer = shared_timeline.newsroom.reader.get(address, headers=JSON)
        check_problem(answer, 410, "unknown-cursor")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "wait=61",
        "wait=60.001",
        "wait=-1",
        "wait=x",
        "wait=nan",
        "wait=inf",
        "limit=",
    ],
)
def test_a_bad_question_to_the_journal_is_refused(shared_timeline: Timeline, query: str) -> None:
    """An invalid query parameter is a 422 with a pointer to it."""
    answer = shared_timeline.newsroom.reader.get(f"{shared_timeline.path}/events?{query}")
    assert pointers(check_problem(answer, 422)) == {f"/{query.partition('=')[0]}"}


@pytest.mark.parametrize(
    "accept", ["application/json", "*/*", "application/*", "text/html, */*;q=0.1"]
)
def test_json_is_what_most_clients_get(shared_timeline: Timeline, accept: str) -> None:
    """A client that does not prefer `text/event-stream` gets JSON."""
    answer = shared_timeline.newsroom.reader.get(
        f"{shared_timeline.path}/events", headers={"Accept": accept}
    )
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/event-stream", "text/event-stream"),
        ("text/event-stream, */*;q=0.5", "text/event-stream"),
        ("text/event-stream;q=0.5, application/json", "application/json"),
        ("application/json;q=0.2, text/event-stream;q=0.9", "text/event-stream"),
        ("text/event-stream;q=0, */*", "application/json"),
        ("TEXT/Event-Stream", "text/event-stream"),
    ],
)
def test_the_client_chooses_between_page_and_stream(
    shared_timeline: Timeline, accept: str, kind: str
) -> None:
    """The client's `Accept` weights choose between page and stream (RFC 9110, section 12.5.1)."""
    answer = shared_timeline.newsroom.reader.head(
        f"{shared_timeline.path}/events", headers={"Accept": accept}
    )
    assert answer.headers["content-type"].partition(";")[0] == kind


def test_no_accept_is_json(timeline: Timeline) -> None:
    """A request without `Accept` gets JSON."""
    client = timeline.newsroom.reader
    request = client.build_request("GET", f"{timeline.path}/events")
    del request.headers["accept"]
    assert client.send(request).headers["content-type"] == "application/json"


def test_the_address_says_that_it_varies(timeline: Timeline) -> None:
    """`Vary` has `Accept` in a page, a 304 and a stream."""
    reader, address = timeline.newsroom.reader, f"{timeline.path}/events"
    page = reader.get(address, headers=JSON)
    not_modified = reader.get(address, headers=JSON | {"If-None-Match": page.headers["etag"]})
    stream = reader.head(address, headers={"Accept": "text/event-stream"})
    assert not_modified.status_code == 304
    for answer in (page, not_modified, stream):
        assert "accept" in [name.strip().lower() for name in answer.headers["vary"].split(",")]


def test_a_full_page_may_be_kept_for_a_minute(timeline: Timeline) -> None:
    """A full page is fresh for 60 seconds, and its ETag stays while the journal grows."""
    publish_several(timeline, 3)
    full = timeline.get("/events", limit=2)
    assert full.json()["more"] is True
    assert full.headers["cache-control"] == "public, max-age=60"
    assert full.headers["etag"].startswith('"')
    timeline.publish()
    assert timeline.get("/events", limit=2).headers["etag"] == full.headers["etag"]
    etag = {"If-None-Match": full.headers["etag"]}
    revalidated = timeline.newsroom.reader.get(f"{timeline.path}/events?limit=2", headers=etag)
    assert (revalidated.status_code, revalidated.content) == (304, b"")
    assert revalidated.headers["etag"] == full.headers["etag"]


def test_a_retraction_changes_a_full_page(timeline: Timeline) -> None:
    """A retraction changes the ETag of a full page with the retracted entry."""
    entry = timeline.publish("Unsaidword")
    publish_several(timeline, 2)
    etag = timeline.get("/events", limit=2).headers["etag"]
    timeline.retract(entry["id"])
    condition = {"If-None-Match": etag}
    answer = timeline.newsroom.reader.get(f"{timeline.path}/events?limit=2", headers=condition)
    assert answer.status_code == 200
    assert answer.headers["etag"] != etag
    assert "Unsaidword" not in answer.text


def test_the_last_page_is_not_kept_for_long(timeline: Timeline) -> None:
    """The last page is not fresh for 60 seconds."""
    control = timeline.get("/events").headers["cache-control"]
    assert "max-age=60" not in control.replace("s-maxage=60", "max-age=60")


def test_the_pages_html_stands_beside_what_changed(timeline: Timeline) -> None:
    """`format=html` adds the HTML of what changed to each event."""
    timeline.publish("Shown", body="*Words*")
    without_html = timeline.read("/events", after="0")
    with_html = timeline.read("/events", after="0", format="html")
    opened, published = with_html["events"]
    assert "<header" in opened.pop("html")
    fragment = published.pop("html")
    assert fragment.startswith("<article")
    assert "<em>Words</em>" in fragment
    assert with_html == without_html
