"""The oEmbed provider."""

import json
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from tests.formats.parsed import parse
from tests.reader.newsroom_app import NewsroomApp, ask, header

pytestmark = pytest.mark.asyncio(loop_scope="module")

BASE = "http://127.0.0.1:8000"


def _oembed_path(url: str, rest: str = "") -> str:
    return f"/oembed?url={quote(url, safe='')}{rest}"


async def test_a_coverages_address_is_shown_as_its_embed(newsroom_app: NewsroomApp) -> None:
    """A coverage's address gives a frame with its embed, as JSON or as XML, with an ETag."""
    slug = await newsroom_app.open_coverage(title="The fire")
    as_json = await ask(newsroom_app.cached, _oembed_path(f"{BASE}/coverages/{slug}"))
    as_xml = await ask(newsroom_app.cached, _oembed_path(f"{BASE}/coverages/{slug}", "&format=xml"))
    assert header(as_json, "content-type") == "application/json"
    assert str(header(as_xml, "content-type")).startswith("text/xml")
    embed = json.loads(as_json[2])
    assert (embed["type"], embed["title"]) == ("rich", "The fire")
    code = embed["html"]
    (frame,) = parse(code).all("iframe")
    assert frame.attributes["src"] == f"{BASE}/coverages/{slug}/embed"
    assert frame.attributes["title"] == "The fire"
    assert ET.fromstring(as_xml[2]).findtext("html") == code
    etag = str(header(as_json, "etag"))
    revalidated = await ask(
        newsroom_app.cached, _oembed_path(f"{BASE}/coverages/{slug}"), if_none_match=etag
    )
    assert revalidated[0] == 304


async def test_an_entrys_address_is_shown_as_its_coverage(newsroom_app: NewsroomApp) -> None:
    """An entry's address gives its coverage's embed, without the entry's text.

    The answer stays the same after a retraction.
    """
    slug = await newsroom_app.open_coverage(title="The fire")
    entry = await newsroom_app.write("POST", f"/{slug}/entries", {"headline": "Sesquipedalian"})
    path = _oembed_path(f"{BASE}/coverages/{slug}/entries/{entry['id']}")
    before = await ask(newsroom_app.cached, path)
    await newsroom_app.write(
        "POST", f"/{slug}/entries/{entry['id']}/retraction", {"note": "Not so."}
    )
    assert (await ask(newsroom_app.cached, path))[2] == before[2]
    assert b"Sesquipedalian" not in before[2]
    assert json.loads(before[2])["title"] == "The fire"


async def test_it_fits_into_the_space_there_is(newsroom_app: NewsroomApp) -> None:
    """`maxwidth` and `maxheight` bound the size in the answer."""
    slug = await newsroom_app.open_coverage()
    rest = "&maxwidth=300&maxheight=200"
    embed = json.loads(
        (await ask(newsroom_app.cached, _oembed_path(f"{BASE}/coverages/{slug}", rest)))[2]
    )
    assert (embed["width"], embed["height"]) == (300, 200)
    (frame,) = parse(embed["html"]).all("iframe")
    assert (frame.attributes["width"], frame.attributes["height"]) == ("300", "200")


async def test_a_title_stays_text_in_the_frames_markup(newsroom_app: NewsroomApp) -> None:
    """Quotation marks and tags in a title are escaped in the markup that other sites insert."""
    title = "\"Fire\" <script>alert('1')</script>"
    slug = await newsroom_app.open_coverage(title=title)
    answer = await ask(newsroom_app.cached, _oembed_path(f"{BASE}/coverages/{slug}"))
    fragment = parse(json.loads(answer[2])["html"])
    assert [each.attributes["title"] for each in fragment.all("iframe")] == [title]
    assert not fragment.all("script")


async def test_what_cannot_be_shown_is_refused(newsroom_app: NewsroomApp) -> None:
    """A refusal has the status that oEmbed specifies, and a problem document."""
    slug = await newsroom_app.open_coverage()
    plan = await newsroom_app.open_coverage(status="planned")
    page = f"{BASE}/coverages/{slug}"
    expected = {
        _oembed_path(f"{BASE}/coverages/nobody"): 404,
        _oembed_path(f"{BASE}/coverages/{plan}"): 404,
        _oembed_path(f"{page}/entries/nothing"): 404,
        _oembed_path(f"https://elsewhere.example/coverages/{slug}"): 404,
        _oembed_path(f"{BASE}/"): 404,
        _oembed_path(page, "&format=yaml"): 501,
        _oembed_path(page, "&maxwidth=0"): 422,
        _oembed_path(page, "&maxheight=wide"): 422,
        "/oembed": 422,
    }
    for address, status in expected.items():
        answer = await ask(newsroom_app.cached, address)
        assert answer[0] == status, address
        assert header(answer, "content-type") == "application/problem+json"


async def test_a_draft_is_not_known(newsroom_app: NewsroomApp) -> None:
    """A draft's address gets a 404 until the draft is published."""
    slug = await newsroom_app.open_coverage()
    draft = await newsroom_app.write(
        "POST", f"/{slug}/entries", {"headline": "Not yet", "draft": True}
    )
    path = _oembed_path(f"{BASE}/coverages/{slug}/entries/{draft['id']}")
    assert (await ask(newsroom_app.cached, path))[0] == 404
    await newsroom_app.write("POST", f"/{slug}/entries/{draft['id']}/publication")
    assert (await ask(newsroom_app.cached, path))[0] == 200
