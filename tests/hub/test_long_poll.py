"""Long polling: each request is answered once and released once."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from app.hub.config import HubConfig
from app.hub.long_poll import LongPoll
from app.hub.long_poll_queue import PollAnswer, PollQuery
from app.hub.topic import Topic
from tests.newsdesk import Newsdesk

CONFIG = HubConfig()
EMPTY = PollAnswer('"e"', b"page", b"unchanged")


class PollRequest:
    """A waiting request."""

    def __init__(self) -> None:
        self.answers: list[PollAnswer | str] = []
        self.is_disconnected = False
        self.notify_change: Callable[[], None] = lambda: None

    def on_change(self, callback: Callable[[], None]) -> None:
        """Store the callback."""
        self.notify_change = callback

    def answer(self, answer: PollAnswer) -> None:
        """Receive the answer."""
        self.answers.append(answer)

    def drop(self) -> None:
        """Record that the request was dropped."""
        self.answers.append("dropped")


class Harness:
    """A topic with its long polls, which counts the released requests."""

    def __init__(self, render: Callable[..., PollAnswer] = lambda *_: EMPTY) -> None:
        self.desk = Newsdesk().act_all([])
        self.topic = Topic("fire", self.desk.coverage.cursor, CONFIG)
        self.released = 0
        self.polls = LongPoll(render, self._release)

    def _release(self, _topic: Topic) -> None:
        self.released += 1

    def wait(self, timeout: float = 60) -> PollRequest:
        """Park a request that waits for the next event."""
        request = PollRequest()
        query = PollQuery(self.topic.head, 100, "json")
        self.polls.park(self.topic, query, timeout, request)
        return request

    def publish(self) -> None:
        """Publish an entry and answer the requests."""
        head = self.topic.head
        self.desk.publish("One")
        self.topic.extend(self.desk.since(head, 10), self.desk.coverage.cursor.seq)
        self.polls.answer(self.topic)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_everybody_is_answered_once_and_leaves_once():
    """Waiting, disconnected and pipelining requests are each answered or dropped once."""
    harness = Harness()
    requests = [harness.wait() for _ in range(2 * CONFIG.long_poll_batch + 5)]
    disconnected, pipelined = requests[:3], requests[3:6]
    for request in disconnected:
        request.is_disconnected = True
    for request in disconnected + pipelined:
        request.notify_change()
        request.notify_change()
    assert harness.released == len(disconnected), "a disconnected request is released at once"
    harness.publish()
    await until(lambda: harness.released == len(requests))
    for request in requests:
        request.notify_change()
    await asyncio.sleep(0.01)
    assert harness.released == len(requests)
    assert [w.answers for w in requests] == [["dropped"]] * 3 + [[EMPTY]] * (len(requests) - 3)


async def test_an_answer_that_cannot_be_made_holds_no_places():
    """If the answer cannot be rendered, its requests are dropped, and the next are answered."""
    is_broken = True

    def render(*_: object) -> PollAnswer:
        if is_broken:
            raise ValueError("a defect")
        return EMPTY

    harness = Harness(render)
    requests = [harness.wait() for _ in range(3)]
    with suppress(ValueError):
        harness.publish()
    await until(lambda: harness.released == 3)
    assert [w.answers for w in requests] == [["dropped"]] * 3
    is_broken = False
    late_request = harness.wait()
    harness.publish()
    await until(lambda: harness.released == 4)
    assert late_request.answers == [EMPTY]
