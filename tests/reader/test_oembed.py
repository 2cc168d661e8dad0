"""Promises of the oEmbed provider at the door."""

import json
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from tests.reader.doors import Doors, ask, header

pytestmark = pytest.mark.asyncio(loop_scope="module")

BASE = "http://127.0.0.1:8000"


def _asking(url: str, rest: str = "") -> str:
    return f"/oembed?url={quote(url, safe='')}{rest}"


async def test_a_coverages_address_is_shown_as_its_embed(doors: Doors) -> None:
    """In JSON unless asked otherwise, and in XML; either may be kept for a moment."""
    slug = await doors.open_coverage(title="The fire")
    as_json = await ask(doors.hot, _asking(f"{BASE}/coverages/{slug}"))
    as_xml = await ask(doors.hot, _asking(f"{BASE}/coverages/{slug}", "&format=xml"))
    assert header(as_json, "content-type") == "application/json"
    assert str(header(as_xml, "content-type")).startswith("text/xml")
    told = json.loads(as_json[2])
    assert (told["type"], told["title"]) == ("rich", "The fire")
    code = f'<script async src="{BASE}/embed.js" data-coverage="{slug}"></script>'
    assert told["html"] == code
    assert ET.fromstring(as_xml[2]).findtext("html") == code
    etag = str(header(as_json, "etag"))
    again = await ask(doors.hot, _asking(f"{BASE}/coverages/{slug}"), if_none_match=etag)
    assert again[0] == 304


async def test_an_entrys_address_is_shown_as_its_coverage(doors: Doors) -> None:
    """A retracted one's too; none of its words are in the answer, before or after."""
    slug = await doors.open_coverage(title="The fire")
    entry = await doors.write("POST", f"/{slug}/entries", {"headline": "Sesquipedalian"})
    asking = _asking(f"{BASE}/coverages/{slug}/entries/{entry['id']}")
    before = await ask(doors.hot, asking)
    await doors.write("POST", f"/{slug}/entries/{entry['id']}/retraction", {"note": "Not so."})
    assert (await ask(doors.hot, asking))[2] == before[2]
    assert b"Sesquipedalian" not in before[2]
    assert json.loads(before[2])["title"] == "The fire"


async def test_it_fits_into_the_space_there_is(doors: Doors) -> None:
    """What is asked for at most is kept to."""
    slug = await doors.open_coverage()
    rest = "&maxwidth=300&maxheight=200"
    told = json.loads((await ask(doors.hot, _asking(f"{BASE}/coverages/{slug}", rest)))[2])
    assert (told["width"], told["height"]) == (300, 200)


async def test_what_cannot_be_shown_is_refused(doors: Doors) -> None:
    """Each by the status that the protocol names, as a problem."""
    slug = await doors.open_coverage()
    plan = await doors.open_coverage(status="planned")
    page = f"{BASE}/coverages/{slug}"
    expected = {
        _asking(f"{BASE}/coverages/nobody"): 404,
        _asking(f"{BASE}/coverages/{plan}"): 404,
        _asking(f"{page}/entries/nothing"): 404,
        _asking(f"https://elsewhere.example/coverages/{slug}"): 404,
        _asking(f"{BASE}/"): 404,
        _asking(page, "&format=yaml"): 501,
        _asking(page, "&maxwidth=0"): 422,
        _asking(page, "&maxheight=wide"): 422,
        "/oembed": 422,
    }
    for address, status in expected.items():
        answer = await ask(doors.hot, address)
        assert answer[0] == status, address
        assert header(answer, "content-type") == "application/problem+json"


async def test_a_draft_is_not_known(doors: Doors) -> None:
    """Its address is that of no entry, until it is published."""
    slug = await doors.open_coverage()
    draft = await doors.write("POST", f"/{slug}/entries", {"headline": "Not yet", "draft": True})
    asking = _asking(f"{BASE}/coverages/{slug}/entries/{draft['id']}")
    assert (await ask(doors.hot, asking))[0] == 404
    await doors.write("POST", f"/{slug}/entries/{draft['id']}/publication")
    assert (await ask(doors.hot, asking))[0] == 200
