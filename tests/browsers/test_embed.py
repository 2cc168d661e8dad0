"""A coverage inside another site's page, in real browsers."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsers.another_site import another_site
from tests.browsers.browser import Browser
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
    """Two coverages with an entry each."""
    found = [new_timeline(quiet_newsroom, new_slug(), title=title) for title in ("Floods", "Vote")]
    for timeline in found:
        timeline.publish(f"First of {timeline.slug}", body="[On](/coverages/any) the river")
    return found


@pytest.fixture
def story(
    browser: Browser, quiet_newsroom: Newsroom, timelines: list[Timeline], tmp_path: Path
) -> Iterator[Browser]:
    """Another site's page with both of them in it, each by one line."""
    source = f"{quiet_newsroom.server.url}/embed.js"
    lines = (
        f'<script async src="{source}" data-coverage="{timeline.slug}"></script>'
        for timeline in timelines
    )
    (tmp_path / "story.html").write_text(_PAGE.format(scripts="\n".join(lines)))
    with another_site(tmp_path) as site:
        browser.open(f"{site}/story.html")
        for place, timeline in enumerate(timelines):
            _shows(browser, place, f"First of {timeline.slug}")
        yield browser
        browser.open(f"{quiet_newsroom.server.url}/")


@pytest.fixture(scope="module")
def slow_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Newsroom, Proxy]]:
    """A newsroom that the world reaches by a proxy, and the proxy."""
    port = free_port()
    folder = tmp_path_factory.mktemp("slow_line")
    with (
        proxy_to(port) as proxy,
        running_newsroom(folder, port=str(port), public_url=proxy.url) as newsroom,
    ):
        yield newsroom, proxy


def _until(browser: Browser, condition: str) -> None:
    """Wait until that is so; what happens inside a shadow root nobody outside is told of."""
    browser.run(
        "new Promise((resolve, reject) => { const end = Date.now() + 60_000; const look = () => "
        f"{{ if ({condition}) resolve(0); else if (Date.now() > end) reject(new Error('never so'));"
        " else setTimeout(look, 20); }; look(); })"
    )


def _shows(browser: Browser, place: int, text: str) -> None:
    days = f"{_INSIDE.format(place)}?.querySelector('.days')"
    _until(browser, f"{days}?.textContent.includes('{text}')")


@pytest.mark.full("its times are waited for")
def test_several_stand_in_one_page_and_each_goes_on(
    story: Browser, timelines: list[Timeline]
) -> None:
    """What is published, corrected and retracted reaches each, and no other."""
    for place, timeline in enumerate(timelines):
        second = timeline.publish(f"Second of {timeline.slug}")["id"]
        _shows(story, place, f"Second of {timeline.slug}")
        timeline.correct(second, "Not the second.")
        _shows(story, place, "Not the second.")
        timeline.retract(second, "There was none.")
        _shows(story, place, "There was none.")
        words = story.run(f"{_INSIDE.format(place)}.innerHTML")
        assert "Second of" not in words
        assert timelines[1 - place].slug not in words


def test_neither_page_styles_the_other(story: Browser) -> None:
    """Rules of the site for everything stop at its edge, but for the variables meant for it."""
    style = "getComputedStyle({0}.querySelector('{1}')).{2}"
    inside = _INSIDE.format(0)
    words = {
        name: story.run(style.format(inside, ".headline", name))
        for name in ("color", "letterSpacing")
    }
    assert words["color"] not in {"rgb(1, 2, 3)", "rgb(255, 0, 0)"}
    assert words["letterSpacing"] != "9px"
    assert float(story.run(style.format(inside, ".headline", "fontSize"))[:-2]) < 40
    assert story.run(style.format(inside, ".entry", "display")) == "grid"
    assert story.run(style.format(inside, ".state-live", "color")) == "rgb(0, 100, 0)"
    assert story.run(style.format("document", "h1", "color")) == "rgb(1, 2, 3)"


@pytest.mark.full("a slow line")
def test_words_wait_for_their_style(
    browser: Browser, slow_line: tuple[Newsroom, Proxy], tmp_path: Path
) -> None:
    """They would stand in the site's own for a moment, and jump when theirs is there."""
    newsroom, proxy = slow_line
    timeline = new_timeline(newsroom, new_slug())
    timeline.publish("The bridge holds")
    fragment = newsroom.reader.get(f"/coverages/{timeline.slug}/embed").text
    style = fragment.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    (tmp_path / "story.html").write_text(_PAGE.format(scripts=""))
    with another_site(tmp_path) as site:
        browser.open(f"{site}/story.html")
        proxy.held, proxy.holds = 0, f"GET {style.removeprefix(proxy.url)} ".encode()
        browser.run(
            "(() => { const script = document.createElement('script'); "
            f"script.src = '{proxy.url}/embed.js'; script.dataset.coverage = '{timeline.slug}'; "
            "document.body.append(script); })()"
        )
        loaded = "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('{0}'))"
        _until(browser, loaded.replace("{0}", "/embedded.js"))
        time.sleep(0.5)  # in which they would be there
        assert proxy.held == 1
        assert "The bridge holds" not in browser.run(f"{_INSIDE.format(0)}.innerHTML")
        proxy.holds = None
        headline = f"{_INSIDE.format(0)}.querySelector('.headline')"
        _until(browser, headline)
        assert browser.run(f"getComputedStyle({headline}).color") != "rgb(1, 2, 3)"
        browser.open(f"{newsroom.server.url}/")


@pytest.mark.full("a slow line")
def test_words_come_without_their_style(
    browser: Browser, slow_line: tuple[Newsroom, Proxy], tmp_path: Path
) -> None:
    """News is not kept back by a style that cannot be had."""
    newsroom, proxy = slow_line
    timeline = new_timeline(newsroom, new_slug())
    timeline.publish("The bridge fell")
    script = f'<script async src="{proxy.url}/embed.js" data-coverage="{timeline.slug}"></script>'
    (tmp_path / "story.html").write_text(_PAGE.format(scripts=script))
    fragment = newsroom.reader.get(f"/coverages/{timeline.slug}/embed").text
    style = fragment.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    proxy.loses = f"GET {style.removeprefix(proxy.url)} ".encode()
    with another_site(tmp_path) as site:
        browser.open(f"{site}/story.html")
        _shows(browser, 0, "The bridge fell")
        proxy.loses = None
        browser.open(f"{newsroom.server.url}/")


def test_addresses_in_it_are_of_the_newsroom(
    story: Browser, quiet_newsroom: Newsroom, timelines: list[Timeline]
) -> None:
    """Links lead to the server that the coverage is of, also in what arrives later."""
    timelines[0].publish("Later", body="[There](/coverages/any)")
    _shows(story, 0, "Later")
    links = story.run(f"[...{_INSIDE.format(0)}.querySelectorAll('a')].map((a) => a.href)")
    assert len(links) > 4
    assert all(link.startswith(quiet_newsroom.server.url) for link in links)


def test_an_unknown_coverage_leaves_a_link(
    browser: Browser, quiet_newsroom: Newsroom, tmp_path: Path
) -> None:
    """The page around it is not harmed, and whoever reads it has a way on."""
    script = f'<script async src="{quiet_newsroom.server.url}/embed.js" data-coverage="nowhere"></script>'
    (tmp_path / "story.html").write_text(_PAGE.format(scripts=script))
    with another_site(tmp_path) as site:
        browser.open(f"{site}/story.html")
        link = f"{_INSIDE.format(0)}?.querySelector('a')"
        _until(browser, link)
        assert browser.run(f"{link}.href") == f"{quiet_newsroom.server.url}/coverages/nowhere"
        browser.open(f"{quiet_newsroom.server.url}/")
