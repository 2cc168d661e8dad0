"""Promises of the requests that wait for an event: each is answered once, and leaves once."""

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


class Waiter:
    """A request that waits."""

    def __init__(self) -> None:
        self.said: list[PollAnswer | str] = []
        self.is_disconnected = False
        self.stirred: Callable[[], None] = lambda: None

    def on_change(self, callback: Callable[[], None]) -> None:
        """Know what to call."""
        self.stirred = callback

    def answer(self, answer: PollAnswer) -> None:
        """Be answered."""
        self.said.append(answer)

    def drop(self) -> None:
        """Be let go."""
        self.said.append("dropped")


class Counter:
    """A topic with its polls, which counts who has left it."""

    def __init__(self, render: Callable[..., PollAnswer] = lambda *_: EMPTY) -> None:
        self.desk = Newsdesk().act_all([])
        self.topic = Topic("fire", self.desk.coverage.cursor, CONFIG)
        self.left = 0
        self.polls = LongPoll(render, self._leave)

    def _leave(self, _topic: Topic) -> None:
        self.left += 1

    def wait(self, patience: float = 60) -> Waiter:
        """A request that waits for what comes next."""
        waiter = Waiter()
        query = PollQuery(self.topic.head, 100, "json")
        self.polls.park(self.topic, query, patience, waiter)
        return waiter

    def publish(self) -> None:
        """Something new."""
        head = self.topic.head
        self.desk.publish("One")
        self.topic.extend(self.desk.since(head, 10))
        self.polls.answer(self.topic)


async def until(so: Callable[[], bool]) -> None:
    """Wait until that is so."""
    async with asyncio.timeout(20):
        while not so():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_everybody_is_answered_once_and_leaves_once():
    """Whether they wait, are gone, or have sent a further request, in whatever order."""
    counter = Counter()
    waiters = [counter.wait() for _ in range(2 * CONFIG.long_poll_batch + 5)]
    gone, followed = waiters[:3], waiters[3:6]
    for waiter in gone:
        waiter.is_disconnected = True
    for waiter in gone + followed:
        waiter.stirred()
        waiter.stirred()
    assert counter.left == len(gone), "their places are free at once"
    counter.publish()
    await until(lambda: counter.left == len(waiters))
    for waiter in waiters:
        waiter.stirred()
    await asyncio.sleep(0.01)
    assert counter.left == len(waiters)
    assert [w.said for w in waiters] == [["dropped"]] * 3 + [[EMPTY]] * (len(waiters) - 3)


async def test_an_answer_that_cannot_be_made_holds_no_places():
    """Those who wait for it are let go; the next are answered."""
    is_broken = True

    def render(*_: object) -> PollAnswer:
        if is_broken:
            raise ValueError("a defect")
        return EMPTY

    counter = Counter(render)
    waiters = [counter.wait() for _ in range(3)]
    with suppress(ValueError):
        counter.publish()
    await until(lambda: counter.left == 3)
    assert [w.said for w in waiters] == [["dropped"]] * 3
    is_broken = False
    late = counter.wait()
    counter.publish()
    await until(lambda: counter.left == 4)
    assert late.said == [EMPTY]
