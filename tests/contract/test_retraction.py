"""Retraction is final everywhere: a retracted word is followed through every public address."""

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
class Told:
    """A coverage in which an entry said much in every field before it was retracted."""

    timeline: Timeline
    entry_id: str
    cursors: list[str]
    moments: list[str]


def say_much(timeline: Timeline) -> Told:
    """Publish, change, correct, pin: every word of the entry begins with `Unsaid`."""
    timeline.publish("Before it")
    fields = {"tags": ["Unsaidtag"], "bylines": ["Unsaidbyline"], "place": {"name": "Unsaidplace"}}
    entry = timeline.publish(
        "Unsaidheadline", body="Unsaidbody *Unsaidmark*", key_event=True, **fields
    )
    timeline.change(kicker="While it stood")
    timeline.amend(entry["id"], headline="Unsaidsecond", body={"html": "<p>Unsaidhtml</p>"})
    timeline.pin(entry["id"])
    timeline.correct(entry["id"], "Unsaidnote", headline="Unsaidthird")
    timeline.change(status="paused")
    timeline.change(status="closed")
    timeline.change(status="live")
    timeline.publish("After it")
    events = timeline.journal()
    assert len([event for event in events if "Unsaid" in str(event)]) == 8
    return Told(
        timeline,
        entry["id"],
        ["0", *(event["cursor"] for event in events)],
        sorted({event["at"] for event in events}),
    )


def addresses(told: Told) -> Iterator[str]:
    """Every public address by which an entry may be read, but for the streams."""
    path, page = told.timeline.path, f"/coverages/{told.timeline.slug}"
    yield from ("/", "/v1/coverages?limit=100", path, page, f"{page}/entries/{told.entry_id}")
    yield from (f"{page}?key_events=true", f"{page}?before={told.entry_id}", f"{page}?lite=1")
    yield from (f"{path}/entries/{told.entry_id}", f"{path}/entries/{told.entry_id}/revisions")
    queries = ["", "order=oldest", "key_events=true", "limit=100", f"after={told.entry_id}"]
    yield from (f"{path}/entries?{query}" for query in queries)
    for moment in told.moments:
        yield f"{path}/entries?at={moment}"
        yield f"{path}/entries?at={moment}&key_events=true"
        yield f"{path}/entries?since={moment}&order=oldest"
    for cursor in told.cursors:
        yield f"{path}/events?after={cursor}"
        yield f"{path}/events?after={cursor}&limit=1&wait=1"
    yield from ("/openapi.json", "/metrics", "/readyz")


@pytest.fixture(scope="module")
def told(newsroom: Newsroom) -> Told:
    """An entry that has said much and is retracted."""
    told = say_much(new_timeline(newsroom, new_slug()))
    told.timeline.retract(told.entry_id, NOTE)
    return told


def test_no_address_has_the_words(told: Told) -> None:
    """Pages, entries at every moment, revisions and the journal behind every cursor."""
    for address in addresses(told):
        for accept in ("application/json", "text/html"):
            answer = told.timeline.newsroom.reader.get(address, headers={"Accept": accept})
            assert answer.status_code == 200, address
            assert "Unsaid" not in answer.text, address


def test_the_words_were_there_before(timeline: Timeline) -> None:
    """The addresses that this file looks at do show words that stand: it would find them."""
    told = say_much(timeline)
    reader = timeline.newsroom.reader
    found = {address for address in addresses(told) if "Unsaid" in reader.get(address).text}
    assert len(found) > len(told.cursors) * 2


def test_the_words_own_tag_finds_nothing(told: Told) -> None:
    """Nobody can ask for them either."""
    assert told.timeline.shown(tag="Unsaidtag") == []
    for moment in told.moments:
        assert told.timeline.shown(tag="Unsaidtag", at=moment) == []


@pytest.mark.parametrize("form", ["json", "html"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_no_replay_by_sse_has_the_words(told: Told, form: str, encoding: str) -> None:
    """From every old cursor, in each encoding, the stream brings the tombstone in their place."""
    server, slug, head = told.timeline.newsroom.server, told.timeline.slug, told.timeline.head
    headers = {"Accept-Encoding": encoding}
    for cursor in told.cursors:
        with open_stream(server, slug, headers=headers, after=cursor, format=form) as stream:
            events = stream.until(head)
        assert "Unsaid" not in str(events)
        assert [event["seq"] for event in events] == list(range(events[0]["seq"], 14))


@pytest.mark.parametrize("compression", ["deflate", None])
def test_no_replay_by_websocket_has_the_words(told: Told, compression: str | None) -> None:
    """Nor the sockets."""
    head = told.timeline.head
    for cursor in told.cursors:
        with open_socket(
            told.timeline.newsroom.server, told.timeline.slug, cursor, compression=compression
        ) as socket:
            assert socket.frame()["type"] == "hello"
            assert "Unsaid" not in str(socket.until(head))


def test_old_events_carry_the_tombstone(told: Told) -> None:
    """They keep their cursors, types and times; the entry in them is the tombstone as it now is."""
    stone = told.timeline.entry(told.entry_id)
    events = told.timeline.journal()
    assert [event["cursor"] for event in events[: len(told.cursors) - 1]] == told.cursors[1:]
    of_entry = [e for e in events if e.get("entry") and e["entry"]["id"] == told.entry_id]
    assert [event["type"] for event in of_entry] == [
        "entry.published",
        "entry.amended",
        "entry.pinned",
        "entry.corrected",
        "entry.unpinned",
        "entry.retracted",
    ]
    assert all(event["entry"] == stone for event in of_entry)


def test_old_coverage_events_neither_name_nor_count_it(told: Told) -> None:
    """Their key events, pin and count are those of a page on which it was never an entry."""
    details = [event["details"] for event in told.timeline.journal() if "details" in event]
    assert [coverage["entry_count"] for coverage in details] == [0, 1, 1, 1, 1]
    assert all(coverage["key_events"] == [] for coverage in details)
    assert {coverage["pinned"] for coverage in details} == {None}
    now = told.timeline.read()
    assert (now["entry_count"], now["pinned"], now["key_events"]) == (2, None, [])


def test_a_pinned_entry_is_unpinned_and_then_retracted(told: Told) -> None:
    """Two events, and the answer has the second one's cursor."""
    events = told.timeline.journal()[-2:]
    assert [event["type"] for event in events] == ["entry.unpinned", "entry.retracted"]
    assert events[-1]["cursor"] == told.timeline.head


def test_the_answer_is_the_tombstone(timeline: Timeline) -> None:
    """200, its ETag another than before, its cursor that of the retraction."""
    entry = timeline.publish("Unsaidword")
    etag = timeline.get(f"/entries/{entry['id']}").headers["etag"]
    address = f"{timeline.path}/entries/{entry['id']}/retraction"
    answer = timeline.newsroom.editor.post(address, json={"note": NOTE})
    assert answer.status_code == 200
    stone: Json = answer.json()
    assert stone.pop("cursor") == timeline.head
    assert stone == timeline.entry(entry["id"])
    assert stone["retraction"]["note"] == NOTE
    assert timeline.get(f"/entries/{entry['id']}").headers["etag"] != etag


def test_the_note_is_shown_to_readers(told: Told) -> None:
    """Where the words stood the page says why they are gone."""
    page = told.timeline.newsroom.reader.get(f"/coverages/{told.timeline.slug}").text
    assert NOTE in page


def test_a_refusal_does_not_repeat_the_words(told: Told) -> None:
    """Whoever tries to change the tombstone learns nothing of what it was."""
    editor, address = told.timeline.newsroom.editor, f"{told.timeline.path}/entries/{told.entry_id}"
    refused = editor.patch(address, json={"headline": "x"}, headers={"If-Match": "*"})
    assert "Unsaid" not in str(check_problem(refused, 409))


def test_live_readers_get_the_tombstone_and_no_word_more(timeline: Timeline) -> None:
    """Streams that showed the words hear of the retraction without them."""
    server, slug = timeline.newsroom.server, timeline.slug
    entry = timeline.publish("Unsaidword")
    timeline.pin(entry["id"])
    with (
        open_stream(server, slug, after="0") as plain,
        open_stream(server, slug, after="0", format="html") as html,
        open_socket(server, slug, "0") as socket,
    ):
        assert socket.frame()["type"] == "hello"
        for door in (plain, html, socket):
            assert "Unsaidword" in str(door.take(3))
        timeline.retract(entry["id"], NOTE)
        for door in (plain, html, socket):
            heard = door.take(2)
            assert [event["type"] for event in heard] == ["entry.unpinned", "entry.retracted"]
            assert "Unsaidword" not in str(heard)


def test_who_comes_right_after_the_answer_gets_no_word(timeline: Timeline) -> None:
    """Frames that the process held ready for old cursors are gone before the answer is given."""
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
            by_sse = pool.submit(_resume, timeline, cursor, head)
            with open_socket(server, slug, cursor) as late:
                assert "Unsaid" not in str(late.until(head))
            assert "Unsaid" not in by_sse.result(20)
            assert "Unsaid" not in timeline.get("/events", after=cursor, wait=1).text
            stream.event(), socket.frame()


def _resume(timeline: Timeline, cursor: str, head: str) -> str:
    with open_stream(timeline.newsroom.server, timeline.slug, after=cursor) as late:
        return str(late.until(head))


def test_other_entries_keep_their_words(told: Told) -> None:
    """Only what was retracted is gone."""
    headlines = [entry["headline"] for entry in told.timeline.page()["entries"]]
    assert headlines == ["After it", None, "Before it"]


def test_retracting_one_of_two_of_the_same_words_leaves_the_other(timeline: Timeline) -> None:
    """Redaction goes by entry and not by word."""
    first, second = timeline.publish("Same words", key_event=True), timeline.publish("Same words")
    timeline.change(kicker="Moon")
    timeline.retract(second["id"])
    assert timeline.entry(first["id"])["headline"] == "Same words"
    assert timeline.journal()[3]["details"]["key_events"][0]["title"] == "Same words"
