"""A coverage embedded in another site's page, in real browsers."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsers.another_site import another_site
from tests.browsers.browser import Browser
from tests.browsers.later_version import as_later_version
from tests.browsers.proxy import Proxy, proxy_to
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline, running_newsroom
from tests.contract.timeline import Timeline
from tests.ports import free_port

_PAGE = """<!DOCTYPE html>
<html lang="en">
<title>Another site</title>
<style>
  * {{ color: rgb(1, 2, 3) !important; font-size: 40px !important; letter-spacing: 9px }}
  :root {{ --ink: red; --accent: red }}
  dateline-coverage {{ --accent: rgb(0, 100, 0) }}
  .entry, .title {{ display: none }}
</style>
<h1>A story</h1>
{scripts}
"""
_INSIDE = "document.querySelectorAll('dateline-coverage')[{0}]?.shadowRoot"


@pytest.fixture
def timelines(quiet_newsroom: Newsroom) -> list[Timeline]:
    """Two coverages with one entry each."""
    timelines = [
        new_timeline(quiet_newsroom, new_slug(), title=title) for title in ("Floods", "Vote")
    ]
    for timeline in timelines:
        timeline.publish(f"First of {timeline.slug}", body="[On](/coverages/any) the river")
    return timelines


@pytest.fixture
def story(
    browser: Browser, quiet_newsroom: Newsroom, timelines: list[Timeline], tmp_path: Path
) -> Iterator[Browser]:
    """Another site's page with both coverages embedded, each by one script element."""
    source = f"{quiet_newsroom.server.url}/embed.js"
    scripts = (
        f'<script async src="{source}" data-coverage="{timeline.slug}"></script>'
        for timeline in timelines
    )
    (tmp_path / "story.html").write_text(_PAGE.format(scripts="\n".join(scripts)))
    with another_site(tmp_path) as site:
        browser.open(f"{site}/story.html")
        for index, timeline in enumerate(timelines):
            _shows(browser, index, f"First of {timeline.slug}")
        yield browser
        browser.open(f"{quiet_newsroom.server.url}/")


@pytest.fixture(scope="module")
def slow_newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newsroom, Proxy]]:
    """A newsroom whose public URL is a proxy, and the proxy."""
    port = free_port()
    folder = tmp_path_factory.mktemp("slow_line")
    with (
        proxy_to(port) as proxy,
        running_newsroom(folder, port=str(port), public_url=proxy.url) as newsroom,
    ):
        yield newsroom, proxy


def _until(browser: Browser, condition: str) -> None:
    """Poll a condition; a MutationObserver of the document does not see inside a shadow root."""
    browser.run(
        "new Promise((resolve, reject) => { const end = Date.now() + 60_000; const look = () => "
        f"{{ if ({condition}) resolve(0); else if (Date.now() > end) reject(new Error('never so'));"
        " else setTimeout(look, 20); }; look(); })"
    )


def _shows(browser: Browser, index: int, text: str) -> None:
    days = f"{_INSIDE.format(index)}?.querySelector('.days')"
    _until(browser, f"{days}?.textContent.includes('{text}')")


@pytest.mark.full("its times are waited for")
def test_several_stand_in_one_page_and_each_goes_on(
    story: Browser, timelines: list[Timeline]
) -> None:
    """Each embed receives the changes of its own coverage, and none of the other's."""
    for index, timeline in enumerate(timelines):
        second = timeline.publish(f"Second of {timeline.slug}")["id"]
        _shows(story, index, f"Second of {timeline.slug}")
        timeline.correct(second, "Not the second.")
        _shows(story, index, "Not the second.")
        timeline.retract(second, "There was none.")
        _shows(story, index, "There was none.")
        markup = story.run(f"{_INSIDE.format(index)}.innerHTML")
        assert "Second of" not in markup
        assert timelines[1 - index].slug not in markup


def test_neither_page_styles_the_other(story: Browser) -> None:
    """The site's rules do not apply inside the embed, its custom properties do; nor vice versa."""
    computed_style = "getComputedStyle({0}.querySelector('{1}')).{2}"
    inside = _INSIDE.format(0)
    values = {
        name: story.run(computed_style.format(inside, ".headline", name))
        for name in ("color", "letterSpacing")
    }
    assert values["color"] not in {"rgb(1, 2, 3)", "rgb(255, 0, 0)"}
    assert values["letterSpacing"] != "9px"
    assert float(story.run(computed_style.format(inside, ".headline", "fontSize"))[:-2]) < 40
    assert story.run(computed_style.format(inside, ".entry", "display")) == "grid"
    assert story.run(computed_style.format(inside, ".state-live", "color")) == "rgb(0, 100, 0)"
    assert story.run(computed_style.format("document", "h1", "color")) == "rgb(1, 2, 3)"


@pytest.mark.full("a slow line")
def test_words_wait_for_their_style(
    browser: Browser, slow_newsroom: tuple[Newsroom, Proxy], tmp_path: Path
) -> None:
    """An embed shows no text before its stylesheet is loaded, so that it does not flash or jump."""
    newsroom, proxy = slow_newsroom
    timeline = new_timeline(newsroom, new_slug())
    timeline.publish("The bridge holds")
    fragment = newsroom.reader.get(f"/coverages/{timeline.slug}/embed").text
    stylesheet = fragment.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    (tmp_path / "story.html").write_text(_PAGE.format(scripts=""))
    with another_site(tmp_path) as site:
        browser.open(f"{site}/story.html")
        proxy.held, proxy.holds = 0, f"GET {stylesheet.removeprefix(proxy.url)} ".encode()
        browser.run(
            "(() => { const script = document.createElement('script'); "
            f"script.src = '{proxy.url}/embed.js'; script.dataset.coverage = '{timeline.slug}'; "
            "document.body.append(script); })()"
        )
        loaded = "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('{0}'))"
        _until(browser, loaded.replace("{0}", "/embedded.js"))
        time.sleep(0.5)  # long enough for the text to appear, if it did not wait
        assert proxy.held == 1
        assert "The bridge holds" not in browser.run(f"{_INSIDE.format(0)}.innerHTML")
        proxy.holds = None
        headline = f"{_INSIDE.format(0)}.querySelector('.headline')"
        _until(browser, headline)
        assert browser.run(f"getComputedStyle({headline}).color") != "rgb(1, 2, 3)"
        browser.open(f"{newsroom.server.url}/")


@pytest.mark.full("a slow line")
def test_words_come_without_their_style(
    browser: Browser, slow_newsroom: tuple[Newsroom, Proxy], tmp_path: Path
) -> None:
    """An embed whose stylesheet cannot be loaded shows its text without it."""
    newsroom, proxy = slow_newsroom
    timeline = new_timeline(newsroom, new_slug())
    timeline.publish("The bridge fell")
    script = f'<script async src="{proxy.url}/embed.js" data-coverage="{timeline.slug}"></script>'
    (tmp_path / "story.html").write_text(_PAGE.format(scripts=script))
    fragment = newsroom.reader.get(f"/coverages/{timeline.slug}/embed").text
    stylesheet = fragment.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    proxy.loses = f"GET {stylesheet.removeprefix(proxy.url)} ".encode()
    with another_site(tmp_path) as site:
        browser.open(f"{site}/story.html")
        _shows(browser, 0, "The bridge fell")
        proxy.loses = None
        browser.open(f"{newsroom.server.url}/")


def test_addresses_in_it_are_of_the_newsroom(
    story: Browser, quiet_newsroom: Newsroom, timelines: list[Timeline]
) -> None:
    """Links in an embed lead to the newsroom's server, also in later entries."""
    timelines[0].publish("Later", body="[There](/coverages/any)")
    _shows(story, 0, "Later")
    links = story.run(f"[...{_INSIDE.format(0)}.querySelectorAll('a')].map((a) => a.href)")
    assert len(links) > 4
    assert all(link.startswith(quiet_newsroom.server.url) for link in links)


def test_events_of_a_later_version_are_shown_by_what_they_carry(
    browser: Browser, quiet_newsroom: Newsroom, proxy: Proxy, tmp_path: Path
) -> None:
    """Under unknown types entries are shown; only a coverage's event replaces the head."""
    timeline = new_timeline(quiet_newsroom, new_slug(), title="Floods")
    older, newest = (timeline.publish(f"Number {number}")["id"] for number in range(2))
    proxy.edit = as_later_version
    script = f'<script async src="{proxy.url}/embed.js" data-limit="1"'
    (tmp_path / "story.html").write_text(
        _PAGE.format(scripts=f'{script} data-coverage="{timeline.slug}"></script>')
    )
    with another_site(tmp_path) as site:
        browser.open(f"{site}/story.html")
        _shows(browser, 0, "Number 1")
        timeline.correct(older, "It was elsewhere.")
        timeline.correct(newest, "It was otherwise.")
        _shows(browser, 0, "It was otherwise.")
        timeline.change(title="No head of this page")
        timeline.publish("And on")
        _shows(browser, 0, "And on")
        head = f"{_INSIDE.format(0)}.querySelector('.head').textContent"
        assert "Floods" in browser.run(head)
        assert "elsewhere" not in browser.run(f"{_INSIDE.format(0)}.innerHTML")
        timeline.change(title="Vote", status="closed")
        _until(browser, f"{head}.includes('Vote')")
        browser.open(f"{quiet_newsroom.server.url}/")


def test_an_unknown_coverage_leaves_a_link(
    browser: Browser, quiet_newsroom: Newsroom, tmp_path: Path
) -> None:
    """An embed of an unknown coverage shows a link to the coverage's page."""
    embed_url = f"{quiet_newsroom.server.url}/embed.js"
    script = f'<script async src="{embed_url}" data-coverage="nowhere"></script>'
    (tmp_path / "story.html").write_text(_PAGE.format(scripts=script))
    with another_site(tmp_path) as site:
        browser.open(f"{site}/story.html")
        link = f"{_INSIDE.format(0)}?.querySelector('a')"
        _until(browser, link)
        assert browser.run(f"{link}.href") == f"{quiet_newsroom.server.url}/coverages/nowhere"
        browser.open(f"{quiet_newsroom.server.url}/")
