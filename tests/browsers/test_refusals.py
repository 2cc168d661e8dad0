"""What the client does where it is refused: it waits as long as it is told, and loses nothing."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.browsers.browser import Browser
from tests.browsers.follower import Follower
from tests.browsers.proxy import Proxy
from tests.contract.timeline import Timeline

_PAUSE = 3  # seconds: of its own accord it waits two at most after one failure


def _in_words(pause: float) -> str:
    # A date has no fractions, so the next second but one is the first that is late enough.
    return format_datetime(datetime.now(UTC) + timedelta(seconds=pause + 1), usegmt=True)


@pytest.mark.full("its times are waited for")
@pytest.mark.parametrize(
    ("status", "is_date"), [("503 Service Unavailable", 0), ("429 Too Many", 0), ("503 Away", 1)]
)
def test_it_waits_as_long_as_the_server_asks(
    browser: Browser, timeline: Timeline, proxy: Proxy, status: str, is_date: int
) -> None:
    """`Retry-After` is obeyed, in seconds and as a date; nothing is missed meanwhile."""
    answers: list[float] = []

    def refuse_once(block: bytes) -> list[bytes]:
        if block.startswith(b"HTTP"):
            answers.append(time.monotonic())
        if len(answers) > 1:
            return [block]
        after = _in_words(_PAUSE) if is_date else str(_PAUSE)
        refusal = f"HTTP/1.0 {status}\r\nRetry-After: {after}\r\nContent-Length: 0\r\n\r\n"
        return [refusal.encode()] if block.startswith(b"HTTP") else []

    proxy.edit = refuse_once
    start = timeline.head
    follower = Follower(browser, timeline, proxy.url, after=start)
    follower.reach("reconnecting")
    timeline.publish("Meanwhile")
    follower.receive_all(start)
    assert follower.states == ["connecting", "reconnecting", "live"]
    first, second = answers
    assert second - first >= _PAUSE
