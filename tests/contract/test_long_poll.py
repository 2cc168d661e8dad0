"""Tests of long-polling: a response is delayed until there is an event."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_timeline
from tests.contract.problem import check_problem
from tests.contract.timeline import Timeline


@pytest.fixture
def pollers() -> Iterator[ThreadPoolExecutor]:
    """Threads for requests that wait."""
    with ThreadPoolExecutor(12) as pool:
        yield pool


def wait_for(
    pollers: ThreadPoolExecutor,
    timeline: Timeline,
    after: str,
    wait: float = 20,
    form: str = "json",
) -> Future[httpx.Response]:
    """Send a long-poll in a thread; returns once the request is being sent."""
    began = threading.Event()
    query = {"after": after, "wait": wait, "format": form}

    def ask() -> httpx.Response:
        with httpx.Client(timeout=120, event_hooks={"request": [lambda _: began.set()]}) as client:
            address = f"{timeline.newsroom.server.url}{timeline.path}/events"
            return client.get(address, params=query)

    answer = pollers.submit(ask)
    assert began.wait(10)
    return answer


def test_waiting_ends_with_the_next_event(timeline: Timeline, pollers: ThreadPoolExecutor) -> None:
    """A long-poll ends with the next event, for everybody who waits."""
    polls = [wait_for(pollers, timeline, timeline.head) for _ in range(8)]
    written = timeline.publish("At last")
    for future in polls:
        page = future.result(20).json()
        assert [event["cursor"] for event in page["events"]] == [written["cursor"]]
        assert (page["cursor"], page["more"]) == (written["cursor"], False)
        assert page["events"][0]["entry"]["headline"] == "At last"


def test_what_is_there_already_is_answered_at_once(timeline: Timeline) -> None:
    """A long-poll behind the head is answered at once."""
    cursor = timeline.head
    written = timeline.publish()
    page = timeline.read("/events", after=cursor, wait=60)  # twice the client's timeout
    assert page["cursor"] == written["cursor"]


def test_a_wait_without_news_ends_empty(timeline: Timeline) -> None:
    """A long-poll without an event ends at its time with an empty page and the same cursor."""
    cursor = timeline.head
    began = time.monotonic()
    page = timeline.read("/events", after=cursor, wait=0.5)
    assert time.monotonic() - began >= 0.45
    assert page == {"events": [], "cursor": cursor, "more": False}


def test_no_wait_answers_at_once(timeline: Timeline) -> None:
    """`wait=0` is answered at once."""
    cursor = timeline.head
    assert timeline.read("/events", after=cursor, wait=0)["events"] == []


def test_another_coverages_event_wakes_nobody(
    newsroom: Newsroom, timeline: Timeline, pollers: ThreadPoolExecutor
) -> None:
    """A long-poll does not end with another coverage's event, nor with a draft."""
    other = new_timeline(newsroom, f"{timeline.slug}-2")
    future = wait_for(pollers, timeline, timeline.head)
    other.publish()
    timeline.draft()
    written = timeline.publish()
    assert future.result(20).json()["events"][0]["cursor"] == written["cursor"]


def test_asking_right_behind_ones_own_event_still_waits(timeline: Timeline) -> None:
    """No long-poll ends empty before its time, even directly after an event."""
    for _ in range(10):
        cursor = timeline.publish()["cursor"]
        began = time.monotonic()
        page = timeline.read("/events", after=cursor, wait=0.06)
        assert page["events"] == []
        assert time.monotonic() - began >= 0.055


def test_a_long_poller_misses_nothing(timeline: Timeline, pollers: ThreadPoolExecutor) -> None:
    """A client that polls with its last cursor gets each event once, in order."""
    count = 40

    def follow() -> list[int]:
        seqs: list[int] = []
        cursor = "0"
        with httpx.Client(base_url=timeline.newsroom.server.url, timeout=120) as client:
            while not seqs or seqs[-1] <= count:
                address = f"{timeline.path}/events?after={cursor}&wait=20&limit=7"
                page = client.get(address).json()
                seqs += [event["seq"] for event in page["events"]]
                cursor = page["cursor"]
        return seqs

    followers = [pollers.submit(follow) for _ in range(3)]
    for number in range(count):
        timeline.publish(f"Number {number}")
    for follower in followers:
        assert follower.result(30) == list(range(1, count + 2))


def test_waiting_for_an_unknown_coverage_is_not_found(newsroom: Newsroom) -> None:
    """A long-poll of an unknown coverage is a 404 at once."""
    answer = newsroom.reader.get("/v1/coverages/nobody-took-this/events?after=0&wait=60")
    check_problem(answer, 404)


def test_who_waits_is_told_in_the_form_asked_for(
    timeline: Timeline, pollers: ThreadPoolExecutor
) -> None:
    """A long-poll with `format=html` gets the HTML; a concurrent one without it does not."""
    html_poll, json_poll = (
        wait_for(pollers, timeline, timeline.head, form=form) for form in ("html", "json")
    )
    written = timeline.publish("Shown", body="*Words*")
    (event,) = html_poll.result(20).json()["events"]
    assert "<em>Words</em>" in event.pop("html")
    assert json_poll.result(20).json()["events"] == [event]
    assert event["cursor"] == written["cursor"]


def test_an_early_event_is_told_like_a_late_one(timeline: Timeline) -> None:
    """A long-poll that is answered at once equals a request without `wait`."""
    cursor = timeline.head
    timeline.publish("Shown", body="*Words*")
    page = timeline.read("/events", after=cursor, format="html", wait=20)
    assert page == timeline.read("/events", after=cursor, format="html")
    assert "<em>Words</em>" in page["events"][0]["html"]
