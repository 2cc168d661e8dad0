"""Tests that a retraction is final: no public URL has a word of the retracted entry."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.problem import check_problem
from tests.contract.streams import open_socket, open_stream
from tests.contract.timeline import Json, Timeline

NOTE = "It was not so."


@dataclass(frozen=True)
class EntryHistory:
    """An entry whose every field had recognizable words, with the journal's cursors and times."""

    timeline: Timeline
    entry_id: str
    cursors: list[str]
    times: list[str]


def publish_with_words(timeline: Timeline) -> EntryHistory:
    """Publish, change, correct and pin an entry whose every word begins with `Unsaid`."""
    timeline.publish("Before it")
    fields = {"tags": ["Unsaidtag"], "bylines": ["Unsaidbyline"], "place": {"name": "Unsaidplace"}}
    claim = {"source": "Unsaidsource", "text": "Unsaidclaim", "note": "Unsaidreport"}
    figure = {"metric": "Unsaidmetric", "group": "Unsaidgroup", "source": "Unsaidcounter"}
    fields |= {"claims": [claim], "figures": [{**figure, "text": "Unsaidvalue"}]}
    entry = timeline.publish(
        "Unsaidheadline", body="Unsaidbody *Unsaidmark*", key_event=True, **fields
    )
    timeline.change(kicker="While it stood")
    timeline.amend(entry["id"], headline="Unsaidsecond", body={"html": "<p>Unsaidhtml</p>"})
    timeline.pin(entry["id"])
    timeline.correct(entry["id"], "Unsaidnote", headline="Unsaidthird")
    assessment = {"claim": entry["claims"][0]["id"], "status": "false", "note": "Unsaiddenial"}
    timeline.act(entry["id"], "assessment", assessment)
    timeline.change(status="paused")
    timeline.change(status="closed")
    timeline.change(status="live")
    timeline.publish("After it")
    events = timeline.journal()
    assert len([event for event in events if "Unsaid" in str(event)]) == 9
    return EntryHistory(
        timeline,
        entry["id"],
        ["0", *(event["cursor"] for event in events)],
        sorted({event["at"] for event in events}),
    )


def addresses(history: EntryHistory) -> Iterator[str]:
    """Return every public URL at which an entry may be read, except the streams."""
    path, page = history.timeline.path, f"/coverages/{history.timeline.slug}"
    yield from ("/", "/v1/coverages?limit=100", path, page, f"{page}/entries/{history.entry_id}")
    yield from (f"{page}?key_events=true", f"{page}?before={history.entry_id}", f"{page}?lite=1")
    yield from (
        f"{path}/entries/{history.entry_id}",
        f"{path}/entries/{history.entry_id}/revisions",
    )
    queries = ["", "order=oldest", "key_events=true", "limit=100", f"after={history.entry_id}"]
    yield from (f"{path}/entries?{query}" for query in queries)
    statements = [f"{path}/{name}" for name in ("claims", "figures", "figures.csv")]
    yield from (*statements, f"{path}/figures?history=true")
    for time in history.times:
        yield from (f"{address}?at={time}" for address in statements)
        yield f"{path}/entries?at={time}"
        yield f"{path}/entries?at={time}&key_events=true"
        yield f"{path}/entries?since={time}&order=oldest"
    for cursor in history.cursors:
        yield f"{path}/events?after={cursor}"
        yield f"{path}/events?after={cursor}&limit=1&wait=1"
    yield from ("/openapi.json", "/metrics", "/readyz")


@pytest.fixture(scope="module")
def history(newsroom: Newsroom) -> EntryHistory:
    """An entry with words in every field, which is retracted."""
    history = publish_with_words(new_timeline(newsroom, new_slug()))
    history.timeline.retract(history.entry_id, NOTE)
    return history


def test_no_address_has_the_words(history: EntryHistory) -> None:
    """No page, past state, revision or journal page has a word of the entry."""
    for address in addresses(history):
        for accept in ("application/json", "text/html"):
            answer = history.timeline.newsroom.reader.get(address, headers={"Accept": accept})
            assert answer.status_code == 200, address
            assert "Unsaid" not in answer.text, address


def test_the_words_were_there_before(timeline: Timeline) -> None:
    """Before the retraction the same URLs do have the words."""
    history = publish_with_words(timeline)
    reader = timeline.newsroom.reader
    with_words = {address for address in addresses(history) if "Unsaid" in reader.get(address).text}
    assert len(with_words) > len(history.cursors) * 2


def test_the_words_own_tag_finds_nothing(history: EntryHistory) -> None:
    """The entry's tag finds nothing, now or at any time."""
    assert history.timeline.shown(tag="Unsaidtag") == []
    for time in history.times:
        assert history.timeline.shown(tag="Unsaidtag", at=time) == []


@pytest.mark.parametrize("form", ["json", "html"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_no_replay_by_sse_has_the_words(history: EntryHistory, form: str, encoding: str) -> None:
    """No SSE replay has the words, from any cursor and in each encoding."""
    server, slug, head = (
        history.timeline.newsroom.server,
        history.timeline.slug,
        history.timeline.head,
    )
    headers = {"Accept-Encoding": encoding}
    for cursor in history.cursors:
        with open_stream(server, slug, headers=headers, after=cursor, format=form) as stream:
            events = stream.until(head)
        assert "Unsaid" not in str(events)
        assert [event["seq"] for event in events] == list(range(events[0]["seq"], 15))


@pytest.mark.parametrize("compression", ["deflate", None])
def test_no_replay_by_websocket_has_the_words(
    history: EntryHistory, compression: str | None
) -> None:
    """No WebSocket replay has the words, from any cursor."""
    head = history.timeline.head
    for cursor in history.cursors:
        with open_socket(
            history.timeline.newsroom.server, history.timeline.slug, cursor, compression=compression
        ) as socket:
            assert socket.frame()["type"] == "hello"
            assert "Unsaid" not in str(socket.until(head))


def test_old_events_carry_the_tombstone(history: EntryHistory) -> None:
    """Earlier events keep cursor, type and order; their entry is the tombstone."""
    tombstone = history.timeline.entry(history.entry_id)
    events = history.timeline.journal()
    assert [event["cursor"] for event in events[: len(history.cursors) - 1]] == history.cursors[1:]
    entry_events = [e for e in events if e.get("entry") and e["entry"]["id"] == history.entry_id]
    assert [event["type"] for event in entry_events] == [
        "entry.published",
        "entry.amended",
        "entry.pinned",
        "entry.corrected",
        "entry.assessed",
        "entry.unpinned",
        "entry.retracted",
    ]
    assert all(event["entry"] == tombstone for event in entry_events)


def test_old_coverage_events_neither_name_nor_count_it(history: EntryHistory) -> None:
    """Earlier coverage events neither list nor count the entry."""
    details = [event["details"] for event in history.timeline.journal() if "details" in event]
    assert [coverage["entry_count"] for coverage in details] == [0, 1, 1, 1, 1]
    assert all(coverage["key_events"] == [] for coverage in details)
    assert {coverage["pinned"] for coverage in details} == {None}
    current = history.timeline.read()
    assert (current["entry_count"], current["pinned"], current["key_events"]) == (2, None, [])


def test_a_pinned_entry_is_unpinned_and_then_retracted(history: EntryHistory) -> None:
    """A pinned entry is unpinned and retracted in two events."""
    events = history.timeline.journal()[-2:]
    assert [event["type"] for event in events] == ["entry.unpinned", "entry.retracted"]
    assert events[-1]["cursor"] == history.timeline.head


def test_the_answer_is_the_tombstone(timeline: Timeline) -> None:
    """The response is the tombstone with the retraction's cursor; the ETag changes."""
    entry = timeline.publish("Unsaidword")
    etag = timeline.get(f"/entries/{entry['id']}").headers["etag"]
    address = f"{timeline.path}/entries/{entry['id']}/retraction"
    answer = timeline.newsroom.editor.post(address, json={"note": NOTE})
    assert answer.status_code == 200
    tombstone: Json = answer.json()
    assert tombstone.pop("cursor") == timeline.head
    assert tombstone == timeline.entry(entry["id"])
    assert tombstone["retraction"]["note"] == NOTE
    assert timeline.get(f"/entries/{entry['id']}").headers["etag"] != etag


def test_the_note_is_shown_to_readers(history: EntryHistory) -> None:
    """The page shows the retraction's note."""
    page = history.timeline.newsroom.reader.get(f"/coverages/{history.timeline.slug}").text
    assert NOTE in page


def test_a_refusal_does_not_repeat_the_words(history: EntryHistory) -> None:
    """The refusal to change a tombstone does not have the words."""
    editor, address = (
        history.timeline.newsroom.editor,
        f"{history.timeline.path}/entries/{history.entry_id}",
    )
    refused = editor.patch(address, json={"headline": "x"}, headers={"If-Match": "*"})
    assert "Unsaid" not in str(check_problem(refused, 409))


def test_live_readers_get_the_tombstone_and_no_word_more(timeline: Timeline) -> None:
    """Open streams get the retraction without the words."""
    server, slug = timeline.newsroom.server, timeline.slug
    entry = timeline.publish("Unsaidword")
    timeline.pin(entry["id"])
    with (
        open_stream(server, slug, after="0") as plain,
        open_stream(server, slug, after="0", format="html") as html,
        open_socket(server, slug, "0") as socket,
    ):
        assert socket.frame()["type"] == "hello"
        for connection in (plain, html, socket):
            assert "Unsaidword" in str(connection.take(3))
        timeline.retract(entry["id"], NOTE)
        for connection in (plain, html, socket):
            events = connection.take(2)
            assert [event["type"] for event in events] == ["entry.unpinned", "entry.retracted"]
            assert "Unsaidword" not in str(events)


def test_who_comes_right_after_the_answer_gets_no_word(timeline: Timeline) -> None:
    """A client that resumes right after the response to a retraction gets no word.

    Frames that were cached for earlier cursors are dropped before the response.
    """
    server, slug = timeline.newsroom.server, timeline.slug
    with (
        open_stream(server, slug) as stream,
        open_socket(server, slug) as socket,
        ThreadPoolExecutor(2) as pool,
    ):
        stream.frame(), socket.frame()
        for number in range(12):
            cursor = timeline.head
            entry = timeline.publish(f"Unsaid{number}")
            stream.event(), socket.frame()
            head = timeline.retract(entry["id"])["cursor"]
            sse_events = pool.submit(_resume, timeline, cursor, head)
            with open_socket(server, slug, cursor) as resumed:
                assert "Unsaid" not in str(resumed.until(head))
            assert "Unsaid" not in sse_events.result(20)
            assert "Unsaid" not in timeline.get("/events", after=cursor, wait=1).text
            stream.event(), socket.frame()


def _resume(timeline: Timeline, cursor: str, head: str) -> str:
    with open_stream(timeline.newsroom.server, timeline.slug, after=cursor) as stream:
        return str(stream.until(head))


def test_other_entries_keep_their_words(history: EntryHistory) -> None:
    """Other entries keep their text."""
    headlines = [entry["headline"] for entry in history.timeline.page()["entries"]]
    assert headlines == ["After it", None, "Before it"]


def test_retracting_one_of_two_of_the_same_words_leaves_the_other(timeline: Timeline) -> None:
    """A retraction redacts by entry: another entry with the same text keeps it."""
    first, second = timeline.publish("Same words", key_event=True), timeline.publish("Same words")
    timeline.change(kicker="Moon")
    timeline.retract(second["id"])
    assert timeline.entry(first["id"])["headline"] == "Same words"
    assert timeline.journal()[3]["details"]["key_events"][0]["title"] == "Same words"
