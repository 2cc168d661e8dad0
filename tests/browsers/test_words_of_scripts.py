"""What scripts say on a page and in an embed, in each language, in a browser without `Intl`.

A browser knows the languages of its makers' choice: no Georgian, Armenian or Azerbaijani. Without
`Intl` it knows none, so each word that is shown is one that the server has sent.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_timedelta

from app.formats.languages import find_catalogue, find_locale, interface_languages
from app.formats.rfc3339 import format_time
from app.formats.time_formatter import TimeFormatter
from tests.browsers.another_site import another_site
from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, running_newsroom
from tests.contract.timeline import Timeline

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

LANGUAGES = sorted(interface_languages())
_ZONE = "Europe/London"  # where clocks are set
_NO_INTL = """delete globalThis.Intl;
for (const each of [Date, Number, String, Array]) {
  for (const name of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) {
    delete each.prototype[name];
  }
}"""
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# How much later than the page the clock is set forward, and the unit of the age that is then shown.
_STEPS: list[tuple[timedelta, Any]] = [
    (_MINUTE, "minute"),
    (2 * _MINUTE, "minute"),
    (5 * _MINUTE, "minute"),
    (21 * _MINUTE, "minute"),
    (59 * _MINUTE, "minute"),
    (_HOUR, "hour"),
    (2 * _HOUR, "hour"),
    (22 * _HOUR, "hour"),
    (_DAY, "day"),
    (2 * _DAY, "day"),
    (6 * _DAY, "day"),
]
_SLACK = timedelta(seconds=30)  # that the page may take to be shown


@pytest.fixture(scope="module")
def london(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom in a zone whose clocks are set twice a year."""
    with running_newsroom(tmp_path_factory.mktemp("london"), time_zone=_ZONE) as newsroom:
        yield newsroom


@pytest.fixture
def context(chromium: "Browser", london: Newsroom) -> Iterator["BrowserContext"]:
    """A browser context without `Intl`, whose clock the test sets."""
    context = chromium.new_context(base_url=london.server.url, bypass_csp=True)
    context.add_init_script(_NO_INTL)
    context.clock.install(time=datetime.now(UTC))
    yield context
    context.close()


def _import(newsroom: Newsroom, language: str, times: list[datetime]) -> Timeline:
    """Import a live coverage with an entry for each time, the first one's id `e0`."""
    slug, opened = new_slug(), format_time(times[0])
    event = {"coverage": slug}
    head = {
        "slug": slug,
        "title": "Title",
        "status": "live",
        "language": language,
        "languages": [language],
        "bylines": [],
        "created_at": opened,
    }
    records: list[dict[str, Any]] = [
        {"format": "dateline-journal", "version": 1},
        {"seq": 1, "type": "coverage.opened", **event, "at": opened, "details": head},
    ]
    for number, time in enumerate(times):
        at = format_time(time)
        entry = {
            "id": f"e{number}",
            "revision": 1,
            "status": "published",
            "headline": "Old",
            "published_at": at,
            "updated_at": at,
            "language": language,
        }
        published = {"type": "entry.published", **event, "at": at, "entry": entry}
        records.append({"seq": number + 2, **published})
    records.append({"end": {"events": len(times) + 1, "drafts": 0}})
    content = "\n".join(map(json.dumps, records))
    headers = {"Content-Type": "application/x-ndjson"}
    answer = newsroom.chief.post("/v1/imports", content=content, headers=headers)
    assert answer.is_success, answer.text
    return Timeline(newsroom, slug)


def _before_midnight() -> datetime:
    """Return the last minute of yesterday in the newsroom's zone, in UTC."""
    today = datetime.now(ZoneInfo(_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    return today.astimezone(UTC) - _MINUTE


def _texts(place: "Page", selector: str) -> list[str]:
    return [text.strip() for text in place.locator(selector).all_text_contents()]


def _count(language: str, number: int) -> str:
    """Return `N new updates`, as the catalogue has it."""
    catalogue = find_catalogue(language)
    return catalogue.ngettext("%(num)s new update", "%(num)s new updates", number).replace(
        "%(num)s", str(number)
    )


@contextmanager
def _embedded(newsroom: Newsroom, slug: str, folder: Path) -> Iterator[str]:
    """Serve another site's page with the coverage in it; yields its address."""
    source = f"{newsroom.server.url}/embed.js"
    script = f'<script async src="{source}" data-coverage="{slug}"></script>'
    (folder / "story.html").write_text(f'<!DOCTYPE html><html lang="de">{script}</html>')
    with another_site(folder) as site:
        yield f"{site}/story.html"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_day_is_named_as_the_server_names_it(
    london: Newsroom, context: "BrowserContext", language: str, tmp_path: Path
) -> None:
    """The first entry after midnight gets the same heading from the script as from the server.

    So it does in an embed on another site, whose page is in another language.
    """
    timeline = _import(london, language, [_before_midnight()])
    with _embedded(london, timeline.slug, tmp_path) as address:
        page, story = context.new_page(), context.new_page()
        story.goto(address)
        page.goto(f"/coverages/{timeline.slug}")
        assert page.evaluate("typeof Intl") == "undefined"
        for place in (page, story):
            place.locator(".entry").wait_for(state="attached")
        timeline.publish("New", language=language)
        for place in (page, story):
            place.bring_to_front()
            place.locator(".day", has_text="New").wait_for(state="attached")
        made = [_texts(place, ".day-name") for place in (page, story)]
        page.reload()
        assert len(made[0]) == 2
        assert made == [_texts(page, ".day-name")] * 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_age_is_told_at_every_turn_of_the_clock(
    london: Newsroom, context: "BrowserContext", language: str
) -> None:
    """As minutes, hours and days pass, the age is written as its language writes it."""
    timeline = _import(london, language, [datetime.now(UTC) - _SLACK])
    page = context.new_page()
    page.goto(f"/coverages/{timeline.slug}")
    age = page.locator(".days .ago")
    just_now = find_catalogue(language).gettext("just now")
    page.wait_for_function("document.querySelector('.days .ago').textContent")
    assert age.text_content() == just_now
    passed = timedelta(0)
    for later, unit in _STEPS:
        page.clock.fast_forward((later - passed) // timedelta(milliseconds=1))
        passed = later
        expected_age = format_timedelta(
            -later,
            granularity=unit,
            threshold=1000,
            add_direction=True,
            format="short",
            locale=find_locale(language),
        )
        page.wait_for_function(
            "(age) => document.querySelector('.days .ago').textContent === age", arg=expected_age
        )
    page.clock.fast_forward(_DAY // timedelta(milliseconds=1))
    page.wait_for_function("document.querySelector('.days .ago').textContent === ''")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_waits_is_counted_in_the_forms_of_the_language(
    london: Newsroom, context: "BrowserContext", language: str
) -> None:
    """The button, the title and the announcement count 1, 2, 3, 11 and 21 as the language does."""
    now = datetime.now(UTC)
    times = [now - _HOUR + number * _MINUTE for number in range(20)]
    timeline = _import(london, language, times)
    page = context.new_page()
    page.set_viewport_size({"width": 400, "height": 300})
    page.goto(f"/coverages/{timeline.slug}")
    page.locator(".connection[data-state=live]").wait_for(state="attached")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    button = page.locator(".waiting button")
    for number in range(1, 22):
        timeline.publish("New", language=language)
        if number in {1, 2, 3, 11, 21}:
            page.wait_for_function("(start) => document.title.startsWith(start)", arg=f"({number})")
            assert button.text_content() == _count(language, number)
    page.clock.fast_forward(20_000)
    page.wait_for_function("document.querySelector('.unseen').textContent.trim()")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_playback_tells_each_time_by_the_newsrooms_clocks(
    london: Newsroom, context: "BrowserContext", language: str
) -> None:
    """The time of a playback is written as on the page, before and after the clocks are set."""
    times = [datetime(2025, month, 20, 23, 45, 10, tzinfo=UTC) for month in (1, 7, 12)]
    timeline = _import(london, language, times)
    formatter = TimeFormatter(ZoneInfo(_ZONE), find_locale(language))
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"/coverages/{timeline.slug}?at={format_time(times[0])}")
    page.locator("a.playback").click()
    shown = page.locator(".playback-bar .playback-time")
    shown.wait_for()
    slider = page.locator(".playback-bar input")
    for at in times:
        seconds = (at - times[0]) // timedelta(seconds=1)
        slider.evaluate(
            "(slider, s) => { slider.value = s; slider.dispatchEvent(new Event('input')); }",
            seconds,
        )
        words = f"{formatter.day(at)}{formatter.between}{formatter.clock_seconds(at)}"
        assert shown.text_content() == words
        assert slider.get_attribute("aria-valuetext") == words
