"""Whoever may write cannot make anything run at the readers', wherever their words are shown.

The policy that goes with each page is switched off here: the words alone must be harmless.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree.ElementTree import fromstring

import pytest
from markdown_it import MarkdownIt

from tests.browsers.canary import Canary
from tests.browsers.chromium import Chromium, chromium
from tests.browsers.injections import VECTORS, Place, Vector
from tests.browsers.scribe import Scribe
from tests.conftest import Newsroom
from tests.contract.newsrooms import running_newsroom

pytestmark = pytest.mark.full("hundreds of texts, each on four pages")

_GROUP = 6  # vectors, of three entries each: what one page shows
_PARTS = 6  # of all vectors: one test of them all would take minutes
_CARDS = 90  # coverages, fewer than the index shows
_TAG = 300  # characters that one may ask for
_RAW = {
    Place.MARKUP: '<!DOCTYPE html><body><div class="body">{}</div></body>',
    Place.VALUE: '<!DOCTYPE html><body><p title="{}">x</p></body>',
    Place.ADDRESS: '<!DOCTYPE html><body><a href="{}">x</a></body>',
    Place.MARKDOWN: '<!DOCTYPE html><body><div class="body">{}</div></body>',
    Place.DATA: '<!DOCTYPE html><script type="application/ld+json">{{"x":"{}"}}</script>',
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Chromium, in which each test has a context of its own."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server whose index is not for others."""
    with running_newsroom(tmp_path_factory.mktemp("besieged")) as newsroom:
        yield newsroom


@pytest.fixture
def canary(browser: Chromium) -> Iterator[Canary]:
    """A page that notices what runs."""
    process = browser.page.context.browser
    assert process is not None
    canary = Canary(process)
    yield canary
    canary.close()


@pytest.fixture(scope="module")
def scribe(besieged: Newsroom) -> Scribe:
    """Who writes all of it."""
    return Scribe(besieged)


def test_what_is_let_through_is_noticed(canary: Canary) -> None:
    """Each vector is found if a page holds it as it came, and most of them really run there."""
    acting = [vector for vector in VECTORS if vector.place in _RAW]
    assert [vector for vector in acting if not canary.show(_raw(vector))] == []
    print(f"{len(acting)} raw vectors noticed, of which {len(canary.ran)} ran by themselves")  # noqa: T201  a figure
    assert len(canary.ran) >= 60


def _raw(vector: Vector) -> str:
    text = vector.text
    if vector.place is Place.MARKDOWN:
        naive = MarkdownIt("commonmark", {"html": True}).enable("table")
        naive.validateLink = lambda _: True  # type: ignore[method-assign]
        text = naive.render(text)
    return _RAW[vector.place].format(text)


@pytest.mark.parametrize("part", range(_PARTS))
def test_nothing_runs_of_what_the_desk_writes(
    canary: Canary, besieged: Newsroom, scribe: Scribe, part: int
) -> None:
    """On the open page as it arrives, on the page loaded anew, in words only, in the feeds."""
    for number in range(part * _GROUP, len(VECTORS), _PARTS * _GROUP):
        page = f"{besieged.server.url}/coverages/group-{number}"
        scribe.open(f"group-{number}")
        assert canary.visit(page) == []
        ids: list[str] = []
        group = VECTORS[number : number + _GROUP]
        for vector in group:
            scribe.head(f"group-{number}", vector)
            ids += scribe.entries(f"group-{number}", vector)
        scribe.pin(f"group-{number}", ids[0])
        canary.page.wait_for_selector(".pinned .entry")
        assert canary.findings(page) == [], "on the open page"
        arrived = _shown(canary)
        assert {v.text.strip() for v in group if v.text.isprintable()} <= set(arrived)
        assert canary.visit(page) == []
        assert _shown(canary) == arrived
        assert canary.visit(f"{page}?lite=true") == []
        assert canary.show(_in_feeds(besieged, f"/coverages/group-{number}")) == []
    assert canary.visit(f"{page}?at={datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}") == []
    assert _shown(canary) == arrived
    assert canary.ran == set()
    print(f"{len(VECTORS)} vectors; {scribe.accepted} writes taken, {scribe.refused} refused")  # noqa: T201  a figure


def _in_feeds(newsroom: Newsroom, page: str) -> str:
    """What the feeds give as HTML, as a feed reader would show it that trusts them."""
    entries = newsroom.reader.get(f"{page}/feed.json").raise_for_status().json()["items"]
    atom = fromstring(newsroom.reader.get(f"{page}/feed.atom").raise_for_status().content)
    told = [entry["content_html"] for entry in entries]
    told += [element.text or "" for element in atom.iter() if element.get("type") == "html"]
    assert len(told) == 2 * len(entries)
    return f'<!DOCTYPE html><div class="body">{"".join(told)}</div>'


def _shown(canary: Canary) -> list[str]:
    return canary.texts(
        ".head .title, .days .headline, .days .byline, .days .place, .days .tags li"
    )


def test_no_filter_runs(canary: Canary, besieged: Newsroom, scribe: Scribe) -> None:
    """A tag that is asked for, be it one that nobody wrote, is shown as it was typed."""
    scribe.open("filtered")
    page = f"{besieged.server.url}/coverages/filtered"
    # One line, as a tag is; what the server would refuse is no page of a coverage.
    lines = [v.text for v in VECTORS if v.text.isprintable()]
    assert len(lines) >= 120
    for tag in _joined(lines):
        assert canary.visit(f"{page}?tag={quote(tag, safe='')}") == [], tag
        assert tag in canary.texts("[aria-current]")
    assert canary.ran == set()


def _joined(lines: list[str]) -> list[str]:
    tags = [""]
    for line in lines:
        if len(tags[-1]) + len(line) >= _TAG:
            tags.append("")
        tags[-1] = f"{tags[-1]} {line}".strip()
    return tags


def test_nothing_runs_of_what_is_brought_in(
    canary: Canary, besieged: Newsroom, scribe: Scribe
) -> None:
    """Media come with imports; an entry's own page and the index show all of it."""
    brought: list[Vector] = []
    for vector in VECTORS:
        if not scribe.import_coverage(f"own-{vector.number}", vector):
            continue
        brought.append(vector)
        address = f"{besieged.server.url}/coverages/own-{vector.number}/entries/x"
        assert canary.visit(address) == [], vector
        assert canary.texts(".chosen .headline") == [vector.text.strip()]
        assert canary.texts(".credit") == [vector.text.strip()] * 3
        if len(brought) % _CARDS == 0 or vector is VECTORS[-1]:
            assert canary.visit(f"{besieged.server.url}/") == []
            shown = {vector.text.strip() for vector in brought[-_CARDS:]}
            assert shown <= set(canary.texts(".card .headline"))
    assert canary.ran == set()
    print(f"{len(brought)} of {len(VECTORS)} vectors taken by the import")  # noqa: T201  a figure
    assert len(brought) >= 120
