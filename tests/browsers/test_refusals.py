"""The JavaScript client under refusals: it waits as long as the server asks, and loses nothing."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.browsers.browser import Browser
from tests.browsers.follower import Follower
from tests.browsers.proxy import Proxy
from tests.contract.timeline import Timeline

_PAUSE = 3  # seconds; after one failure the client's own pause is two at most


def _http_date(pause: float) -> str:
    # An HTTP date has whole seconds, so one second is added to be late enough.
    return format_datetime(datetime.now(UTC) + timedelta(seconds=pause + 1), usegmt=True)


@pytest.mark.full("its times are waited for")
@pytest.mark.parametrize(
    ("status", "is_date"), [("503 Service Unavailable", 0), ("429 Too Many", 0), ("503 Away", 1)]
)
def test_it_waits_as_long_as_the_server_asks(
    browser: Browser, timeline: Timeline, proxy: Proxy, status: str, is_date: int
) -> None:
    """The client obeys `Retry-After` in seconds and as a date, and misses no event meanwhile."""
    answers: list[float] = []

    def refuse_once(block: bytes) -> list[bytes]:
        if block.startswith(b"HTTP"):
            answers.append(time.monotonic())
        if len(answers) > 1:
            return [block]
        after = _http_date(_PAUSE) if is_date else str(_PAUSE)
        refusal = f"HTTP/1.0 {status}\r\nRetry-After: {after}\r\nContent-Length: 0\r\n\r\n"
        return [refusal.encode()] if block.startswith(b"HTTP") else []

    proxy.edit = refuse_once
    start = timeline.head
    follower = Follower(browser, timeline, proxy.url, after=start)
    follower.reach("reconnecting")
    timeline.publish("Meanwhile")
    follower.receive_all(start)
    assert follower.states == ["connecting", "reconnecting", "live"]
    refused_at, retried_at = answers
    assert retried_at - refused_at >= _PAUSE
