"""One stream shared by all tabs: the leading tab may close, and no tab misses an event."""

from pathlib import Path

import pytest

from tests.browsers.another_site import another_site
from tests.browsers.browser import Browser
from tests.browsers.follower import Follower
from tests.browsers.stream_metrics import comes_to, figure, has_streams
from tests.browsers.tabs import close, join, tabs
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline

_TABS = 9
_NOTE_PERSISTED = (
    "void addEventListener('pageshow', (event) => (globalThis.kept = event.persisted))"
)

_SET_VISIBILITY = """((state) => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
})"""


@pytest.fixture
def timeline(isolated_newsroom: Newsroom) -> Timeline:
    """A coverage of the server without other readers."""
    return new_timeline(isolated_newsroom, new_slug())


@pytest.mark.full("its times are waited for")
def test_nine_tabs_share_a_stream_and_survive_the_closing_of_each_leader(
    browser: Browser, timeline: Timeline
) -> None:
    """Each remaining tab receives each event once, in order, with one stream at a time."""
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
            # The first tab leads, and a browser may take a moment to close it. The next leader
            # is the browser's choice, as it throttles hidden tabs.
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
    """A tab whose cursor is older than the leader's reads the events in between separately."""
    with tabs(browser, timeline) as followers:
        for number in range(3):
            timeline.publish(f"Number {number}")
        followers[0].receive_all("0")
        start = timeline.journal()[1]["cursor"]
        followers.append(late_follower := join(browser, timeline, after=start))
        late_follower.receive_all(start)
        late_follower.reach("live")
        followers.append(newest := join(browser, timeline))
        newest.reach("live")
        head = timeline.head
        timeline.publish("For all")
        newest.receive_all(head)
        late_follower.receive_all(start)
        assert figure(timeline, "connections") == 1


@pytest.mark.full("its times are waited for")
def test_a_leader_that_does_not_answer_is_not_waited_for(
    browser: Browser, timeline: Timeline
) -> None:
    """If the leading tab stops answering, as with a hung page, another tab takes the lead."""
    home = timeline.newsroom.server.url
    first = browser.tab
    hung_tab = browser.new_tab()
    browser.open(f"{home}/")
    name = f"{home} {home}/static/any/"
    browser.run(f"void (globalThis.channel = new BroadcastChannel('{name}'))")
    # Of two tabs that claim to lead, the older one prevails.
    claim_lead = "channel.onmessage = () => channel.postMessage({ from: 1, leads: true, news: [] })"
    browser.run(f"void ({claim_lead})")
    browser.switch(first)
    with tabs(browser, timeline) as followers:
        (follower,) = followers
        browser.switch(hung_tab)
        browser.run("void (channel.onmessage = null)")
        timeline.publish("Heard all the same")
        follower.receive_all("0")
        assert figure(timeline, "connections") == 1
        browser.switch(hung_tab)
        browser.close_tab()
        timeline.publish("And now without it")
        follower.receive_all("0")


@pytest.mark.full("several coverages")
def test_tabs_of_several_coverages_share_a_stream_too(
    browser: Browser, isolated_newsroom: Newsroom
) -> None:
    """Each tab gets its own coverage's events, whichever tab closes or names an unknown one."""
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
    """A tab with HTML and one without share a stream, and each gets its format."""
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
    """Without BroadcastChannel a tab has a stream of its own, which it closes while hidden."""
    with tabs(browser, timeline) as followers:
        (follower,) = followers
        follower.run("reader.source.close() ?? void delete globalThis.BroadcastChannel")
        call = f"audience.follow('share', '{timeline.slug}', {{ after: '0' }})"
        follower.run(f"{call}.then((r) => void (globalThis.reader = r))")
        timeline.publish("Heard")
        follower.receive_all("0")
        follower.run(f"{_SET_VISIBILITY}('hidden')")
        assert has_streams(timeline, 0)
        timeline.publish("Unseen")
        follower.run(f"{_SET_VISIBILITY}('visible')")
        follower.receive_all("0")


def test_a_page_of_another_site_shares_it_too(
    browser: Browser, timeline: Timeline, tmp_path: Path
) -> None:
    """A page of another origin cannot start the server's worker; it follows without one."""
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
def test_the_way_back_leads_to_the_page_as_it_was(
    caching_browser: Browser, timeline: Timeline
) -> None:
    """The page enters the back/forward cache despite its stream, and catches up once restored."""
    with tabs(caching_browser, timeline) as followers:
        (follower,) = followers
        timeline.publish("Before")
        follower.receive_all("0")
        follower.run(_NOTE_PERSISTED)
        caching_browser.open(f"{timeline.newsroom.server.url}/?away")
        assert has_streams(timeline, 0)
        timeline.publish("While away")
        caching_browser.back()
        assert caching_browser.run("globalThis.kept ?? false")
        follower.receive_all("0")
        timeline.publish("Live again")
        follower.receive_all("0")
        assert follower.states == ["connecting", "live", "reconnecting", "live"]


@pytest.mark.full("a second tab")
def test_the_way_back_is_the_same_for_each_of_two_tabs(
    caching_browser: Browser, timeline: Timeline
) -> None:
    """A follower's and a leader's page are both restored from the cache; no tab misses an event."""
    with tabs(caching_browser, timeline, 2) as followers:
        for follower in reversed(followers):
            follower.reach("live")
            follower.receive_all("0")  # a pending request would keep the page out of the cache
            follower.run(_NOTE_PERSISTED)
            caching_browser.open(f"{timeline.newsroom.server.url}/?away")
            timeline.publish("While one is away")
            caching_browser.back()
            assert caching_browser.run("globalThis.kept ?? false")
            timeline.publish("Both again")
            for each in followers:
                each.receive_all("0")
            assert has_streams(timeline, 1)


@pytest.mark.full("a second tab")
def test_who_is_asked_to_leave_and_stays_misses_nothing(
    browser: Browser, timeline: Timeline
) -> None:
    """After a `beforeunload` without unload, as for a download, the tab can take the lead again."""
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
            followers.append(late_follower := join(browser, timeline, after="0"))
            late_follower.reach("live")


@pytest.mark.full("its times are waited for")
def test_a_page_out_of_sight_lets_its_line_go(browser: Browser, timeline: Timeline) -> None:
    """A hidden page closes its stream after the `unseen` time, and catches up when shown again."""
    with tabs(browser, timeline, unseen=4_000) as followers:
        (follower,) = followers
        follower.run(f"{_SET_VISIBILITY}('visible')")  # WebKit opens the tab hidden
        follower.receive_all("0")
        follower.run(f"{_SET_VISIBILITY}('hidden')")
        assert has_streams(timeline, 0)
        timeline.publish("Unseen")
        follower.run(f"{_SET_VISIBILITY}('visible')")
        follower.receive_all("0")
        assert follower.states == ["connecting", "live", "reconnecting", "live"]
