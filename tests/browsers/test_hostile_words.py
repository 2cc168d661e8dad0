"""Hostile texts of authors run nowhere at the readers', wherever they are shown.

Content security policies are not enforced here: escaping and sanitising alone must suffice.
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
from tests.browsers.text_field_client import TextFieldClient
from tests.conftest import Newsroom
from tests.contract.newsrooms import running_newsroom

pytestmark = pytest.mark.full("hundreds of texts, each on four pages")

_GROUP = 6  # vectors per coverage: three entries each, as many as one page shows
_PARTS = 6  # tests over which the vectors are distributed; one for all would take minutes
_CARDS = 90  # coverages, fewer than the index shows
_TAG = 300  # characters, the longest tag in a query
_RAW = {
    Place.MARKUP: '<!DOCTYPE html><body><div class="body">{}</div></body>',
    Place.VALUE: '<!DOCTYPE html><body><p title="{}">x</p></body>',
    Place.ADDRESS: '<!DOCTYPE html><body><a href="{}">x</a></body>',
    Place.MARKDOWN: '<!DOCTYPE html><body><div class="body">{}</div></body>',
    Place.DATA: '<!DOCTYPE html><script type="application/ld+json">{{"x":"{}"}}</script>',
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Chromium; each test has a context of its own."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def newsroom_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A server of this file alone, so that its index has no other coverages."""
    with running_newsroom(tmp_path_factory.mktemp("besieged")) as newsroom:
        yield newsroom


@pytest.fixture
def canary(browser: Chromium) -> Iterator[Canary]:
    """A page that records what runs."""
    process = browser.page.context.browser
    assert process is not None
    canary = Canary(process)
    yield canary
    canary.close()


@pytest.fixture(scope="module")
def text_fields(newsroom_alone: Newsroom) -> TextFieldClient:
    """The client that writes the vectors."""
    return TextFieldClient(newsroom_alone)


def test_what_is_let_through_is_noticed(canary: Canary) -> None:
    """Each vector is noticed in a page that outputs it unchanged, and at least 60 run there."""
    effective = [vector for vector in VECTORS if vector.place in _RAW]
    assert [vector for vector in effective if not canary.show(_raw(vector))] == []
    print(f"{len(effective)} raw vectors noticed, of which {len(canary.ran)} ran by themselves")  # noqa: T201  a figure
    assert len(canary.ran) >= 60


def _raw(vector: Vector) -> str:
    text = vector.text
    if vector.place is Place.MARKDOWN:
        unsafe_renderer = MarkdownIt("commonmark", {"html": True}).enable("table")
        unsafe_renderer.validateLink = lambda _: True  # type: ignore[method-assign]
        text = unsafe_renderer.render(text)
    return _RAW[vector.place].format(text)


@pytest.mark.parametrize("part", range(_PARTS))
def test_nothing_runs_of_what_the_desk_writes(
    canary: Canary, newsroom_alone: Newsroom, text_fields: TextFieldClient, part: int
) -> None:
    """No vector runs on the open, reloaded, lite or past page, nor in the feeds."""
    for number in range(part * _GROUP, len(VECTORS), _PARTS * _GROUP):
        page = f"{newsroom_alone.server.url}/coverages/group-{number}"
        text_fields.open(f"group-{number}")
        assert canary.visit(page) == []
        ids: list[str] = []
        group = VECTORS[number : number + _GROUP]
        for vector in group:
            text_fields.head(f"group-{number}", vector)
            ids += text_fields.entries(f"group-{number}", vector)
        text_fields.pin(f"group-{number}", ids[0])
        canary.page.wait_for_selector(".pinned .entry")
        assert canary.findings(page) == [], "on the open page"
        arrived = _shown(canary)
        assert {v.text.strip() for v in group if v.text.isprintable()} <= set(arrived)
        assert canary.visit(page) == []
        assert _shown(canary) == arrived
        assert canary.visit(f"{page}?lite=true") == []
        assert canary.show(_in_feeds(newsroom_alone, f"/coverages/group-{number}")) == []
    assert canary.visit(f"{page}?at={datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}") == []
    assert _shown(canary) == arrived
    assert canary.ran == set()
    accepted, refused = text_fields.accepted, text_fields.refused
    print(f"{len(VECTORS)} vectors; {accepted} writes taken, {refused} refused")  # noqa: T201  a figure


def _in_feeds(newsroom: Newsroom, page: str) -> str:
    """Return the HTML of the feeds as a feed reader without a sanitiser would show it."""
    entries = newsroom.reader.get(f"{page}/feed.json").raise_for_status().json()["items"]
    atom = fromstring(newsroom.reader.get(f"{page}/feed.atom").raise_for_status().content)
    fragments = [entry["content_html"] for entry in entries]
    fragments += [element.text or "" for element in atom.iter() if element.get("type") == "html"]
    assert len(fragments) == 2 * len(entries)
    return f'<!DOCTYPE html><div class="body">{"".join(fragments)}</div>'


def _shown(canary: Canary) -> list[str]:
    return canary.texts(
        ".head .title, .days .headline, .days .byline, .days .place, .days .tags li"
    )


def test_no_filter_runs(
    canary: Canary, newsroom_alone: Newsroom, text_fields: TextFieldClient
) -> None:
    """A hostile tag in the query is shown as text, and does not run."""
    text_fields.open("filtered")
    page = f"{newsroom_alone.server.url}/coverages/filtered"
    # Printable ones only: a tag is a single line, and the server refuses others.
    texts = [v.text for v in VECTORS if v.text.isprintable()]
    assert len(texts) >= 120
    for tag in _joined(texts):
        assert canary.visit(f"{page}?tag={quote(tag, safe='')}") == [], tag
        assert tag in canary.texts("[aria-current]")
    assert canary.ran == set()


def _joined(texts: list[str]) -> list[str]:
    tags = [""]
    for text in texts:
        if len(tags[-1]) + len(text) >= _TAG:
            tags.append("")
        tags[-1] = f"{tags[-1]} {text}".strip()
    return tags


def test_nothing_runs_of_what_is_brought_in(
    canary: Canary, newsroom_alone: Newsroom, text_fields: TextFieldClient
) -> None:
    """Imported texts, media included, do not run on an entry's own page or on the index."""
    imported: list[Vector] = []
    for vector in VECTORS:
        if not text_fields.import_coverage(f"own-{vector.number}", vector):
            continue
        imported.append(vector)
        address = f"{newsroom_alone.server.url}/coverages/own-{vector.number}/entries/x"
        assert canary.visit(address) == [], vector
        assert canary.texts(".chosen .headline") == [vector.text.strip()]
        assert canary.texts(".credit") == [vector.text.strip()] * 3
        if len(imported) % _CARDS == 0 or vector is VECTORS[-1]:
            assert canary.visit(f"{newsroom_alone.server.url}/") == []
            shown = {vector.text.strip() for vector in imported[-_CARDS:]}
            assert shown <= set(canary.texts(".card .headline"))
    assert canary.ran == set()
    print(f"{len(imported)} of {len(VECTORS)} vectors taken by the import")  # noqa: T201  a figure
    assert len(imported) >= 120
