"""Tabs whose pages share one stream of a coverage; the first open tab leads and has the stream."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.browsers.browser import Browser
from tests.browsers.follower import Follower
from tests.contract.timeline import Timeline


@contextmanager
def tabs(
    browser: Browser, timeline: Timeline, count: int = 1, **options: Any
) -> Iterator[list[Follower]]:
    """Open `count` tabs that share a stream; those still open after the block are closed."""
    first = browser.tab
    followers: list[Follower] = []
    try:
        followers.extend(join(browser, timeline, after="0", **options) for _ in range(count))
        yield followers
    finally:
        while followers:
            close(browser, followers)
        browser.switch(first)


def join(browser: Browser, timeline: Timeline, **options: Any) -> Follower:
    """Open a tab that shares the stream."""
    browser.new_tab()
    return Follower(browser, timeline, how="share", **options)


def close(browser: Browser, followers: list[Follower]) -> None:
    """Close the first tab, which is the leader."""
    browser.switch(followers.pop(0).tab)
    browser.close_tab()
