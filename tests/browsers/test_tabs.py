"""One stream for all tabs: who leads may go, and nobody misses anything."""

from pathlib import Path

import pytest

from tests.browsers.another_site import another_site
from tests.browsers.browser import Browser
from tests.browsers.figures import comes_to, figure, has_streams
from tests.browsers.follower import Follower
from tests.browsers.tabs import close, join, tabs
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline

_TABS = 9
_WATCH = "void addEventListener('pageshow', (event) => (globalThis.kept = event.persisted))"

_SHOW = """((state) => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
})"""


@pytest.fixture
def timeline(isolated_newsroom: Newsroom) -> Timeline:
    """A coverage of that server."""
    return new_timeline(isolated_newsroom, new_slug())


@pytest.mark.full("its times are waited for")
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
            follower.receive_all("0")
        assert figure(timeline, "connections") == 1
        assert figure(timeline, "connections_opened_total") == opened + 1
        for number in range(3):
            timeline.publish(f"Before closing {number}")
            close(browser, followers)
            timeline.publish(f"After closing {number}")
            # The first tab leads, and a browser may take a moment to close it. Which one succeeds
            # is the browser's choice, as it lets tabs out of sight wait.
            assert number or comes_to(timeline, "connections_opened_total", opened + 2)
            for follower in followers:
                follower.receive_all("0")
        assert has_streams(timeline, 1)
        assert figure(timeline, "connections_opened_total") <= opened + 4
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
        followers[0].receive_all("0")
        start = timeline.journal()[1]["cursor"]
        followers.append(late := join(browser, timeline, after=start))
        late.receive_all(start)
        late.reach("live")
        followers.append(newest := join(browser, timeline))
        newest.reach("live")
        head = timeline.head
        timeline.publish("For all")
        newest.receive_all(head)
        late.receive_all(start)
        assert figure(timeline, "connections") == 1


@pytest.mark.full("its times are waited for")
def test_a_leader_that_does_not_answer_is_not_waited_for(
    browser: Browser, timeline: Timeline
) -> None:
    """A tab leads and is dumb, as when its page hangs: after some beats another one leads."""
    home = timeline.newsroom.server.url
    first = browser.tab
    hog = browser.new_tab()
    browser.open(f"{home}/")
    browser.run(f"void (globalThis.channel = new BroadcastChannel('dateline {home}'))")
    # The oldest of two that lead is believed.
    lead = "channel.onmessage = () => channel.postMessage({ from: 1, leads: true, news: [] })"
    browser.run(f"void ({lead})")
    browser.switch(first)
    with tabs(browser, timeline) as followers:
        (follower,) = followers
        browser.switch(hog)
        browser.run("void (channel.onmessage = null)")
        timeline.publish("Heard all the same")
        follower.receive_all("0")
        assert figure(timeline, "connections") == 1
        browser.switch(hog)
        browser.close_tab()
        timeline.publish("And now without it")
        follower.receive_all("0")


@pytest.mark.full("several coverages")
def test_tabs_of_several_coverages_share_a_stream_too(
    browser: Browser, isolated_newsroom: Newsroom
) -> None:
    """Each hears its own, whichever tab is closed; what is gone ends none of the others."""
    timelines = [new_timeline(isolated_newsroom, new_slug()) for _ in range(3)]
    first = browser.tab
    assert has_streams(timelines[0], 0)
    try:
        followers = [join(browser, each, after="0") for each in timelines]
        follower = followers[0]
        follower.run(
            "audience.follow('share', 'nobody-took-this', {}).then((r) => (globalThis.no = r))"
            ".then(() => no.until(() => no.states.at(-1) === 'gone', 'not gone'))"
        )
        for each in followers:
            each.reach("live")
        assert has_streams(timelines[0], 1)
        while followers:
            for each in followers:
                each.timeline.publish("Heard")
                each.receive_all("0")
            assert has_streams(timelines[0], 1)
            assert all(set(each.states) <= {"connecting", "live"} for each in followers)
            close(browser, followers)
    finally:
        while followers:
            close(browser, followers)
        browser.switch(first)
    assert has_streams(timelines[0], 0)


@pytest.mark.full("a further format")
def test_formats_share_a_stream_too(browser: Browser, timeline: Timeline) -> None:
    """One tab wants the page's HTML and one does not: each gets what it wants."""
    with tabs(browser, timeline) as followers:
        followers.append(join(browser, timeline, after="0", format="html"))
        timeline.publish("For both")
        for follower in followers:
            follower.receive_all("0")
            follower.reach("live")
        timeline.publish("And again")
        for follower in followers:
            follower.receive_all("0")
        assert has_streams(timeline, 1)
        html = [follower.run("reader.received.at(-1).event.html ?? null") for follower in followers]
        assert html[0] is None
        assert "<article" in html[1]


@pytest.mark.full("its times are waited for")
def test_without_a_channel_a_tab_has_a_stream_while_it_is_seen(
    browser: Browser, timeline: Timeline
) -> None:
    """As in a page that may not talk to others: out of sight it lets go soon."""
    with tabs(browser, timeline) as followers:
        (follower,) = followers
        follower.run("reader.source.close() ?? void delete globalThis.BroadcastChannel")
        told = f"audience.follow('share', '{timeline.slug}', {{ after: '0' }})"
        follower.run(f"{told}.then((r) => void (globalThis.reader = r))")
        timeline.publish("Heard")
        follower.receive_all("0")
        follower.run(f"{_SHOW}('hidden')")
        assert has_streams(timeline, 0)
        timeline.publish("Unseen")
        follower.run(f"{_SHOW}('visible')")
        follower.receive_all("0")


def test_a_page_of_another_site_shares_it_too(
    browser: Browser, timeline: Timeline, tmp_path: Path
) -> None:
    """It may have no worker from the server that the client came from, and does without."""
    home = timeline.newsroom.server.url
    (tmp_path / "index.html").write_text("<!doctype html><title>Another site</title>")
    with another_site(tmp_path) as site:
        first = browser.tab
        browser.new_tab()
        follower = Follower(browser, timeline, site, "share", home, after="0")
        timeline.publish("Heard elsewhere")
        follower.receive_all("0")
        assert follower.states == ["connecting", "live"]
        browser.close_tab()
        browser.switch(first)


@pytest.mark.full("two pages and the way back")
def test_the_way_back_leads_to_the_page_as_it_was(browser: Browser, timeline: Timeline) -> None:
    """The page is kept though it has the stream, and catches up when it is shown again."""
    with tabs(browser, timeline) as followers:
        (follower,) = followers
        timeline.publish("Before")
        follower.receive_all("0")
        follower.run(_WATCH)
        browser.open(f"{timeline.newsroom.server.url}/?away")
        assert has_streams(timeline, 0)
        timeline.publish("While away")
        browser.back()
        assert browser.run("globalThis.kept ?? false")
        follower.receive_all("0")
        timeline.publish("Live again")
        follower.receive_all("0")
        assert follower.states == ["connecting", "live", "reconnecting", "live"]


@pytest.mark.full("a second tab")
def test_the_way_back_is_the_same_for_each_of_two_tabs(
    browser: Browser, timeline: Timeline
) -> None:
    """Whether it hears the other one or is heard by it; that one misses nothing either."""
    with tabs(browser, timeline, 2) as followers:
        for follower in reversed(followers):
            follower.reach("live")
            follower.receive_all("0")  # what it still loads would keep it from being kept
            follower.run(_WATCH)
            browser.open(f"{timeline.newsroom.server.url}/?away")
            timeline.publish("While one is away")
            browser.back()
            assert browser.run("globalThis.kept ?? false")
            timeline.publish("Both again")
            for each in followers:
                each.receive_all("0")
            assert has_streams(timeline, 1)


@pytest.mark.full("a second tab")
def test_who_is_asked_to_leave_and_stays_misses_nothing(
    browser: Browser, timeline: Timeline
) -> None:
    """As when a link is a download: the tab has given the lead away, and takes it again."""
    with tabs(browser, timeline, 2) as followers:
        for follower in followers:
            follower.reach("live")
        for _ in range(2):
            followers[0].run("void dispatchEvent(new Event('beforeunload'))")
            timeline.publish("Heard by both")
            for follower in followers:
                follower.receive_all("0")
            assert has_streams(timeline, 1)
            timeline.publish("Before the other one goes")
            followers.append(followers.pop(0))
            close(browser, followers)
            timeline.publish("After it went")
            followers[0].receive_all("0")
            assert has_streams(timeline, 1)
            assert set(followers[0].states) <= {"connecting", "live"}
            followers.append(late := join(browser, timeline, after="0"))
            late.reach("live")


@pytest.mark.full("its times are waited for")
def test_a_page_out_of_sight_lets_its_line_go(browser: Browser, timeline: Timeline) -> None:
    """It is told that it is hidden, and what came meanwhile when it is seen again."""
    with tabs(browser, timeline, unseen=4_000) as followers:
        (follower,) = followers
        follower.run(f"{_SHOW}('visible')")  # WebKit opens it out of sight
        follower.receive_all("0")
        follower.run(f"{_SHOW}('hidden')")
        assert has_streams(timeline, 0)
        timeline.publish("Unseen")
        follower.run(f"{_SHOW}('visible')")
        follower.receive_all("0")
        assert follower.states == ["connecting", "live", "reconnecting", "live"]
