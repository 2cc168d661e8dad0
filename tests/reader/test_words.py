"""The interface's translations on pages: no English text is left in another language."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.embeds.sites import SITES, EmbedSites
from app.formats.html import HtmlRenderer
from app.formats.languages import READER, find_locale, interface_languages, text_direction
from app.formats.log.merkle import Frontier
from app.formats.public_json import PublicJson
from app.reader.corrections import render_register
from app.reader.difference import compare, render_difference
from app.reader.net_changes import Changes
from app.reader.page_content import PageContent
from app.reader.page_query import PageQuery
from app.reader.page_rendering import render_coverage, render_error, render_index
from app.reader.places import render_places
from app.reader.search import Results, render_search
from app.store.search import Found, Place
from app.timeline.claim import Assessment, AssessmentStatus, Claim, Source
from app.timeline.coverage import Coverage, KeyEvent
from app.timeline.edition import Edition, Outdated, OutdatedReason, Translation
from app.timeline.entry import Body, Entry, Note, tombstone
from app.timeline.entry import Place as EntryPlace
from app.timeline.figure import METRICS, Figure
from app.timeline.figure_table import FigureTable
from app.timeline.ledger import Observation
from app.timeline.memento import Mementos
from app.timeline.net_change import ChangeKind, Correction, FigureChange, NetChange
from app.timeline.search_query import parse_query
from app.timeline.selection import Slice
from tests.formats.parsed import Element, parse
from tests.formats.samples import AT, COVERAGE, EMBED, ENTRY, PICTURE
from tests.interface_words import english, fragments_of
from tests.reader.newsroom_app import NewsroomApp, ask, header

RENDERER = HtmlRenderer(
    packages=("app.reader", "app.formats"),
    embeds=EmbedSites(SITES),
    map_link="https://maps.example/{lat}/{lon}",
)
BASE = "https://news.example"
FORM = PublicJson(BASE)
TRANSLATED = sorted(interface_languages() - {"en"})
LATER = AT + timedelta(hours=5)
COUNT = re.compile(r"data-(?:(?P<what>\w+)-)?(?P<category>zero|one|two|few|many|other)")
_EACH_KIND = (PICTURE, replace(PICTURE, kind="video"), EMBED)
_EMBEDS = (
    "https://t.me/telegram/83",
    "https://soundcloud.com/forss/flickermood",
    "https://example.org/report.pdf",
)


def _entries(language: str) -> list:
    """Return one entry of each kind and state."""
    plain = replace(ENTRY, language=language)
    note = Note("…", LATER)
    entries = [
        replace(plain, kind="quote", key_event=True, happened_at=AT - timedelta(days=1)),
        replace(plain, kind="roundup", revision=2, correction=note, edited_at=LATER),
        replace(plain, kind="media", body=Body("<table><tr><td>1</td></tr></table>")),
        replace(plain, kind="media", media=(replace(PICTURE, kind="video"), PICTURE)),
        replace(plain, media=(replace(PICTURE, alt=""),)),
        replace(plain, media=tuple(replace(each, graphic=True) for each in _EACH_KIND)),
        replace(plain, media=(EMBED, replace(EMBED, url="https://example.org/film"))),
        replace(plain, media=tuple(replace(EMBED, alt="", url=url) for url in _EMBEDS)),
        replace(plain, claims=_claims(), figures=_figures()),
        tombstone(plain, note),
        *_translations(plain),
    ]
    return [replace(entry, id=f"e{number}", seq=number + 1) for number, entry in enumerate(entries)]


def _claims() -> tuple[Claim, ...]:
    """Return a claim of each status, with and without a text."""
    source, past = Source("…"), Assessment("reported", None, AT)
    return tuple(
        Claim(status, text, source, status, "…", AT, (past,))
        for status, text in product(get_args(AssessmentStatus), (None, "…"))
    )


def _figures() -> tuple[Figure, ...]:
    """Return a figure of each known metric, and one of each form of a value."""
    values = ({"low": 2}, {"high": 2}, {"low": 2, "high": 2, "about": True}, {})
    return (
        *(Figure(metric, Source("…")) for metric in METRICS),
        *(Figure("…", Source("…"), str(number), **value) for number, value in enumerate(values)),
    )


def _observations() -> tuple[Observation, ...]:
    """Return figures with a number before, and of sources that differ, on a long list."""
    numbers = [(1, "…"), (2, "…"), (3, "_")]
    differing = [Figure("…", Source(source), "…", low=n, high=n) for n, source in numbers]
    return tuple(
        Observation(figure, f"e{seq}", seq, 0, AT)
        for seq, figure in enumerate((*differing, *_figures()))
    )


def _translations(plain: Entry) -> Iterator[Entry]:
    """Yield a translation of an entry for each reason to be outdated, on that day and later."""
    for because, at in product(get_args(OutdatedReason), (AT, LATER)):
        outdated = Outdated(because, 2, "…", "de", at)
        yield replace(plain, translation_of=Translation("a", "b", 1, "de", outdated))


def _pages(language: str) -> Iterator[str]:
    """Render every state of every page with text, and every view of a live coverage."""
    entries = _entries(language)
    key_events = (KeyEvent("e0", "…", AT),)
    live = replace(COVERAGE, language=language, languages=("de", "fr"), key_events=key_events)
    editions = (Edition("apollo-11", language, "…"), Edition("x", "de", "…"))
    live = replace(live, editions=editions)
    paused = replace(live, status="paused")
    closed = replace(live, status="closed", ended_at=LATER, entry_count=1204)
    middle = Slice(tuple(entries), has_older=True, has_newer=True)
    ends = Slice(tuple(entries), has_older=False, has_newer=False)
    none = Slice((), has_older=False, has_newer=False)
    views = [
        PageQuery(),
        PageQuery(order="oldest"),
        PageQuery(at="1969-07-20T20:17:40Z"),
        PageQuery(key_events=True),
        PageQuery(tag="x"),
    ]
    for lite, entries_slice in product((False, True), (middle, ends, none)):
        plain = PageQuery(lite=lite)
        for coverage in (paused, closed):
            yield render_coverage(
                RENDERER, PageContent(coverage, entries_slice), plain, FORM, "n0nce"
            )
        for view in views:
            query = view.model_copy(update={"lite": lite})
            content = PageContent(live, entries_slice, figures=FigureTable.arrange(_observations()))
            yield render_coverage(RENDERER, content, query, FORM, "n0nce")
    mementos = Mementos(AT, LATER, AT + timedelta(hours=2), AT, LATER)
    yield from (
        render_coverage(
            RENDERER,
            PageContent(closed, ends, shown=shown, mementos=mementos),
            query,
            FORM,
            "n0nce",
        )
        for shown, query in ((None, PageQuery()), (live, PageQuery().change(at=LATER)))
    )
    loaded = PageContent(live, middle, entry=entries[1])
    yield render_coverage(RENDERER, loaded, PageQuery(), FORM, "n0nce")
    for size, lite in product((1, 2048), (False, True)):
        loaded = PageContent(live, middle, log=Frontier(size, (bytes(32),)))
        yield render_coverage(RENDERER, loaded, PageQuery(lite=lite), FORM, "n0nce")
    one_more = PageContent(live, none, figures=FigureTable.arrange(_observations()[:14]))
    yield render_coverage(RENDERER, one_more, PageQuery(), FORM, "n0nce")
    index = (RENDERER, language)
    first = (*index, [live, paused], [closed], "/?after=x", FORM.base_url, AT)
    yield render_index(*first, languages=["en", "ru"])
    yield render_index(*index, [], [], None, FORM.base_url, AT)
    for status in (400, 404, 410, 429, 500, 503):
        yield render_error(RENDERER, language, status, "…")
    yield render_error(RENDERER, language, 410, "…", note="…")
    yield from _difference_pages(live, entries)
    found = [Found(Place(in_headline=True, id=1), replace(entries[0], key_event=True))]
    for results in (found, []):
        shown = Results(live, parse_query("…"), results, "h1" if results else None)
        for lite in (False, True):
            yield render_search(RENDERER, shown, "…", lite=lite)


def _net_changes(entry: Entry) -> list[NetChange]:
    """Return a change of each kind, and assessments with each status."""
    statuses: tuple[AssessmentStatus, ...] = get_args(AssessmentStatus)
    claims = [Claim(each, "…", Source("…"), each, "…", LATER) for each in statuses]
    before = replace(entry, claims=tuple(replace(claim, note=None) for claim in claims))
    figure = Figure("…", Source("…"), low=1, status="disputed", note="…")
    assessed = replace(entry, claims=tuple(claims), figures=(figure,))
    return [
        NetChange("retracted", LATER, 9, None, tombstone(entry, Note("…", LATER))),
        NetChange("assessed", LATER, 8, before, assessed),
        NetChange("published", LATER, 7, None, replace(entry, key_event=True)),
        *(NetChange("outdated", LATER, 6, entry, each) for each in _translations(entry)),
        *(NetChange(kind, LATER, 5, entry, entry) for kind in get_args(ChangeKind)[1:]),
    ]


def _difference_pages(coverage: Coverage, entries: list[Entry]) -> Iterator[str]:
    """Render what has changed, and the register of corrections, with something and nothing."""
    changes = _net_changes(entries[0])
    figure = Figure("…", Source("…"))
    moves = [FigureChange(None, figure, "e0"), FigureChange(replace(figure, low=1), None, "e0")]
    query = PageQuery(from_="0")
    for lite, found in product((False, True), (changes, [])):
        page = Changes(
            coverage=coverage,
            after=coverage.cursor,
            until=coverage.cursor,
            is_fixed=False,
            counts={},
            changes=found,
            figures=moves if found else [],
            more=bool(found),
        )
        view = query.model_copy(update={"lite": lite})
        differences = [compare(change) for change in found]
        times = (AT, LATER)
        yield render_difference(RENDERER, page, differences, view, times, FORM.base_url)
        listed = [Correction(change, coverage, entries[0]) for change in found]
        for shown, following in ((coverage, "e-1"), (None, None)):
            register = (RENDERER, coverage.language, listed, shown, following, FORM.base_url)
            yield render_register(*register, lite=lite)
        entry = replace(entries[0], place=EntryPlace("…", 53.54, 9.98))
        placed = Slice((entry,) if found else (), has_older=bool(found), has_newer=False)
        yield render_places(RENDERER, coverage, placed, FORM.base_url, lite=lite)


def _feeds(language: str) -> Iterator[str]:
    """Render the feeds' texts of every entry."""
    for entry in _entries(language):
        yield RENDERER.render("feed_entry.html", language, entry=entry, base_url=BASE)
    coverage = replace(COVERAGE, language=language)
    for change in _net_changes(_entries(language)[0]):
        correction = Correction(change, coverage, change.after)
        for part in ("title", "content"):
            yield RENDERER.render(
                "feed_correction.html", language, correction=correction, part=part
            )
    yield RENDERER.render("feed_corrections.html", language, coverage=coverage)
    yield RENDERER.render("feed_retracted.html", language)
    yield RENDERER.render("feed_title.html", language, coverage=replace(COVERAGE, title="…"))


@cache
def _parsed(language: str) -> tuple[Element, ...]:
    """Return the parsed pages of a language; cached, as two tests use them."""
    return tuple(parse(page) for page in _pages(language))


@cache
def _fragments_of_language(language: str) -> frozenset[str]:
    feeds = (parse(feed) for feed in _feeds(language))
    return frozenset().union(*map(fragments_of, (*_parsed(language), *feeds)))


def test_the_samples_have_every_word_on_them():
    """The rendered samples in English contain every translatable text.

    A text that is missing from the samples of another language is therefore translated there.
    """
    words = english(READER, "ru") | english(READER, "ar")
    unseen = {
        w
        for w, shown in words.items()
        if not any(map(shown.fullmatch, _fragments_of_language("en")))
    }
    assert not unseen


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_english_word_is_left(language):
    """No English source text is left on the pages and in the feeds of a translated language."""
    fragments = _fragments_of_language(language)
    untranslated = {
        w for w, shown in english(READER, language).items() if any(map(shown.fullmatch, fragments))
    }
    assert not untranslated


@pytest.mark.parametrize("language", sorted(interface_languages()))
def test_every_page_says_its_language(language):
    """Every page has its language and direction, and its articles have theirs."""
    for page in _parsed(language):
        html = page.one("html").attributes
        assert (html["lang"], html["dir"]) == (language, text_direction(language))
        for article in page.all("article"):
            if "lang" in article.attributes:
                assert article.attributes["dir"] == text_direction(language)


@pytest.mark.parametrize("language", sorted(interface_languages()))
def test_the_script_finds_every_form_of_a_count(language):
    """A page carries a form for each plural category of its language.

    A form has a placeholder for the number unless its category has a single number.
    """
    coverage = replace(COVERAGE, language=language)
    loaded = PageContent(coverage, Slice((), has_older=False, has_newer=False))
    page = parse(render_coverage(RENDERER, loaded, PageQuery(), FORM, "n0nce"))
    plural_form = find_locale(language).plural_form
    by_category: dict[str, list[int]] = {}
    for number in range(1000):
        by_category.setdefault(plural_form(number), []).append(number)
    counted: dict[str, dict[str, str]] = {}
    for element in page.all(role="status"):
        for name, form in element.attributes.items():
            if attribute := COUNT.fullmatch(name):
                counted.setdefault(attribute["what"] or "", {})[attribute["category"]] = form or ""
    assert counted
    for forms in counted.values():
        assert forms.keys() == by_category.keys()
        for category, numbers in by_category.items():
            assert "#" in forms[category] or len(numbers) == 1, category
            assert forms[category].strip()
            assert not re.search(r"\d", forms[category])


def test_an_entry_keeps_its_own_language():
    """Labels inside an entry are in its language, those around it in the coverage's."""
    coverage = replace(COVERAGE, language="ru")
    entry = replace(ENTRY, language="ar", edited_at=LATER)
    loaded = PageContent(coverage, Slice((entry,), has_older=False, has_newer=False))
    page = parse(render_coverage(RENDERER, loaded, PageQuery(), FORM, "n0nce"))
    assert page.one("header", "head").one(cls="state").text == "Онлайн"
    article = page.one("article")
    assert (article.attributes["lang"], article.attributes["dir"]) == ("ar", "rtl")
    assert article.one(cls="updated").text.startswith("آخر تحديث: ")


def test_a_count_is_written_as_the_language_writes_it():
    """Numbers are formatted by locale: 1,204 in English is 1 204 in Russian."""
    closed = replace(COVERAGE, status="closed", ended_at=LATER, entry_count=1204)
    text_of = {
        language: parse(
            render_index(RENDERER, language, [], [closed], None, FORM.base_url, AT)
        ).text
        for language in ("en", "ru")
    }
    assert "1,204 updates" in text_of["en"]
    assert "1 204 сообщения" in text_of["ru"]  # no-break space


ACCEPTED = [
    ("", "en"),
    ("ru", "ru"),
    ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
    ("en;q=0.4, ar-EG;q=0.7", "ar"),
    ("de, ka;q=0.1", "ka"),
    ("de, *;q=0.5, ka;q=0.1", "en"),
    ("ru;q=0, hy;q=0.001", "hy"),
    ("*", "en"),
    ("AZ-latn", "az"),
    ("ru;q=nan", "en"),
    ("ru;q=", "en"),
    (";;;,,,q=1;=", "en"),
    ("../../etc/passwd", "en"),
    ("x" * 5000, "en"),
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("accepted", "language"), ACCEPTED)
async def test_the_index_and_refusals_speak_the_readers_language(
    newsroom_app: NewsroomApp, accepted: str, language: str
) -> None:
    """The index and the error pages follow Accept-Language, and vary by it."""
    headers = {"accept": "text/html"} | ({"accept_language": accepted} if accepted else {})
    for address, status in (("/", 200), ("/coverages/none", 404), ("/nowhere", 404)):
        answer = await ask(newsroom_app.uncached, address, "GET", **headers)
        assert answer[0] == status
        vary = {name.strip() for name in (header(answer, "vary") or "").split(",")}
        assert "Accept-Language" in vary
        html = parse(answer[2].decode()).one("html").attributes
        assert (html["lang"], html["dir"]) == (language, text_direction(language))


@pytest.mark.asyncio(loop_scope="module")
@given(st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=60))
async def test_no_accept_language_breaks_a_page(newsroom_app: NewsroomApp, accepted: str) -> None:
    """Any Accept-Language value gets a page."""
    answer = await ask(
        newsroom_app.uncached, "/", "GET", accept="text/html", accept_language=accepted
    )
    assert answer[0] == 200


@pytest.mark.asyncio(loop_scope="module")
async def test_a_problem_stays_in_english(newsroom_app: NewsroomApp) -> None:
    """Problem documents are not translated."""
    answer = await ask(newsroom_app.uncached, "/v1/coverages/none", "GET", accept_language="ru")
    assert answer[0] == 404
    assert b"Unknown coverage" in answer[2]


def test_a_refusal_keeps_its_detail_in_english():
    """An error page has a translated title for its status, and an English detail, marked so."""
    titles = set()
    for status in (404, 410, 429, 500, 503, 422, 418):
        page = parse(render_error(RENDERER, "ru", status, "There is no <b>x</b>."))
        assert page.one("title").text == page.one("h1").text
        titles.add(page.one("h1").text)
        detail = page.one("main").one("p", "standfirst")
        assert (detail.attributes["lang"], detail.attributes["dir"]) == ("en", "ltr")
        assert detail.text == "There is no <b>x</b>."
    assert len(titles) == 6
