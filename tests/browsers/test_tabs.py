"""One stream for all tabs: who leads may go, and nobody misses anything."""

import pytest

from tests.browsers.browser import Browser
from tests.browsers.figures import figure, has_streams
from tests.browsers.tabs import close, join, tabs
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline

_TABS = 9


@pytest.fixture
def timeline(counting: Newsroom) -> Timeline:
    """A coverage of that server."""
    return new_timeline(counting, new_slug())


def test_nine_tabs_share_a_stream_and_survive_the_closing_of_each_leader(
    browser: Browser, timeline: Timeline
) -> None:
    """In each tab that is left each event comes once, in order; a stream at a time is enough."""
    assert has_streams(timeline, 0)
    opened = figure(timeline, "connections_opened_total")
    with tabs(browser, timeline, _TABS) as followers:
        for follower in followers:
            timeline.publish(f"For {follower.tab}")
        for follower in followers:
            follower.hear_all("0")
        assert figure(timeline, "connections") == 1
        assert figure(timeline, "connections_opened_total") == opened + 1
        for number in range(3):
            timeline.publish(f"Before closing {number}")
            close(browser, followers)
            timeline.publish(f"After closing {number}")
            for follower in followers:
                follower.hear_all("0")
        assert has_streams(timeline, 1)
        assert figure(timeline, "connections_opened_total") == opened + 4
        for follower in followers:
            assert set(follower.states) <= {"connecting", "live"}
    assert has_streams(timeline, 0)


def test_a_tab_that_joins_late_gets_what_lies_behind_its_page(
    browser: Browser, timeline: Timeline
) -> None:
    """Its cursor is older than the leader's; the history has the rest."""
    with tabs(browser, timeline) as followers:
        for number in range(3):
            timeline.publish(f"Number {number}")
        followers[0].hear_all("0")
        start = timeline.journal()[1]["cursor"]
        followers.append(late := join(browser, timeline, after=start))
        late.hear_all(start)
        late.reach("live")
        followers.append(newest := join(browser, timeline))
        newest.reach("live")
        head = timeline.head
        timeline.publish("For all")
        newest.hear_all(head)
        late.hear_all(start)
        assert figure(timeline, "connections") == 1


def test_a_leader_that_does_not_answer_is_not_waited_for(
    browser: Browser, timeline: Timeline
) -> None:
    """A tab has the lock and is dumb, as when its page hangs: the next has a stream of its own."""
    first = browser.tab
    hog = browser.new_tab()
    browser.open(f"{timeline.newsroom.server.url}/")
    name = f"dateline 1 json {timeline.newsroom.server.url}{timeline.path}"
    wait = "() => { held(); return new Promise(() => {}); }"
    browser.run(f"new Promise((held) => void navigator.locks.request('{name}', {wait}))")
    browser.switch(first)
    with tabs(browser, timeline) as followers:
        (follower,) = followers
        timeline.publish("Heard all the same")
        follower.hear_all("0")
        assert figure(timeline, "connections") == 1
        browser.switch(hog)
        browser.close_tab()
        timeline.publish("And now with the lock")
        follower.hear_all("0")


def test_without_locks_each_tab_has_a_stream(browser: Browser, timeline: Timeline) -> None:
    """As on a page that is not secure."""
    with tabs(browser, timeline) as followers:
        (follower,) = followers
        without = "Object.defineProperty(navigator, 'locks', { value: undefined })"
        follower.run(f"reader.source.close() ?? void {without}")
        told = f"audience.follow('share', '{timeline.slug}', {{ after: '0' }})"
        follower.run(f"{told}.then((r) => void (globalThis.reader = r))")
        timeline.publish("Heard")
        follower.hear_all("0")
        assert follower.run("navigator.locks ?? null") is None


def test_the_way_back_leads_to_the_page_as_it_was(browser: Browser, timeline: Timeline) -> None:
    """The page is kept though it shares a stream, and catches up when it is shown again."""
    with tabs(browser, timeline) as followers:
        (follower,) = followers
        timeline.publish("Before")
        follower.hear_all("0")
        follower.run("void addEventListener('pageshow', (e) => (globalThis.kept = e.persisted))")
        browser.open(f"{timeline.newsroom.server.url}/?away")
        assert has_streams(timeline, 0)
        timeline.publish("While away")
        browser.back()
        kept = browser.run("globalThis.kept ?? false")
        assert kept == browser.keeps_readers
        if not kept:
            return  # it was loaded anew, with a cursor of its own
        follower.hear_all("0")
        timeline.publish("Live again")
        follower.hear_all("0")
        assert follower.states == ["connecting", "live", "reconnecting", "live"]


def test_a_page_out_of_sight_lets_its_line_go(browser: Browser, timeline: Timeline) -> None:
    """It is told that it is hidden, and what came meanwhile when it is seen again."""
    show = """((state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    })"""
    with tabs(browser, timeline, unseen=200) as followers:
        (follower,) = followers
        follower.hear_all("0")
        follower.run(f"{show}('hidden')")
        assert has_streams(timeline, 0)
        timeline.publish("Unseen")
        follower.run(f"{show}('visible')")
        follower.hear_all("0")
        assert follower.states == ["connecting", "live", "reconnecting", "live"]
