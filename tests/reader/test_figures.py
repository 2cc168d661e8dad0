"""The figures on the coverage's page, and the section that the script of an open page fetches."""

import asyncio
from typing import Any

import pytest

from tests.formats.parsed import Element, parse
from tests.reader.newsroom_app import NewsroomApp, ask, header

pytestmark = pytest.mark.asyncio(loop_scope="module")

_KILLED = {"metric": "killed", "group": "soldiers", "source": "Ministry"}


async def _publish(newsroom_app: NewsroomApp, slug: str, number: int, **fields: Any) -> str:
    figure = {**_KILLED, "low": number, "high": number}
    form = {"headline": f"{number} killed", "figures": [figure], **fields}
    return str((await newsroom_app.write("POST", f"/{slug}/entries", form))["id"])


async def _section(newsroom_app: NewsroomApp, address: str) -> Element:
    status, _, body = await newsroom_app.ask_both(address)
    assert status == 200
    return parse(body.decode()).one("section", "figures")


async def test_the_page_has_the_section_between_head_and_timeline(
    newsroom_app: NewsroomApp,
) -> None:
    """The section stands on the page, on the page in words, and under its own address alike."""
    slug = await newsroom_app.open_coverage()
    await _publish(newsroom_app, slug, 104)
    await _publish(newsroom_app, slug, 107)
    _, _, body = await newsroom_app.ask_both(f"/coverages/{slug}")
    text = body.decode()
    assert text.index("</header>") < text.index('class="figures"') < text.index('class="timeline"')
    own = await _section(newsroom_app, f"/coverages/{slug}/figures")
    assert own == parse(text).one("section", "figures")
    assert own.one("strong").text == "107"
    lite = await _section(newsroom_app, f"/coverages/{slug}?lite=true")
    assert [row.one("strong").text for row in lite.all("tr")] == ["107"]


async def test_the_section_begins_a_view_and_is_on_no_entrys_page(
    newsroom_app: NewsroomApp,
) -> None:
    """Older pages and an entry's own page do not repeat the section."""
    slug = await newsroom_app.open_coverage()
    ids = [await _publish(newsroom_app, slug, number) for number in (1, 2)]
    for address in (f"?before={ids[1]}", f"?after={ids[0]}", f"/entries/{ids[0]}"):
        _, _, body = await newsroom_app.ask_both(f"/coverages/{slug}{address}")
        assert not parse(body.decode()).all("section", "figures")


async def test_the_section_is_kept_as_a_page_is(newsroom_app: NewsroomApp) -> None:
    """It is public, has an ETag, is answered by 304 if unchanged, and is in no search engine."""
    slug = await newsroom_app.open_coverage()
    await _publish(newsroom_app, slug, 1)
    address = f"/coverages/{slug}/figures"
    answer = await newsroom_app.ask_both(address)
    assert "s-maxage=1" in str(header(answer, "cache-control"))
    assert header(answer, "x-robots-tag") == "noindex"
    known = str(header(answer, "etag"))
    assert (await newsroom_app.ask_both(address, if_none_match=known))[0] == 304
    await _publish(newsroom_app, slug, 2)
    assert (await newsroom_app.ask_both(address, if_none_match=known))[0] == 200


async def test_an_unknown_coverage_has_no_section(newsroom_app: NewsroomApp) -> None:
    """A planned coverage is answered like one that does not exist."""
    planned = await newsroom_app.open_coverage(status="planned")
    for slug in (planned, "unknown"):
        status, _, _ = await ask(newsroom_app.cached, f"/coverages/{slug}/figures")
        assert status == 404


async def test_the_past_has_the_figures_of_its_time(newsroom_app: NewsroomApp) -> None:
    """A page as of a time, and its section, have the figures of then; a retraction empties both."""
    slug = await newsroom_app.open_coverage()
    before = await _publish(newsroom_app, slug, 104)
    at = (await newsroom_app.chief.get(f"/v1/coverages/{slug}/entries/{before}")).json()
    moment = at["published_at"]
    await asyncio.sleep(0.01)
    await _publish(newsroom_app, slug, 107)
    for path in ("", "/figures"):
        section = await _section(newsroom_app, f"/coverages/{slug}{path}?at={moment}")
        assert section.attributes[
            "data-address"
        ] == f"/coverages/{slug}/figures?at=" + moment.replace(":", "%3A")
        assert [row.one("strong").text for row in section.all("tr")] == ["104"]
    await newsroom_app.write("POST", f"/{slug}/entries/{before}/retraction", {"note": "Not so."})
    for path in ("", "/figures"):
        section = await _section(newsroom_app, f"/coverages/{slug}{path}?at={moment}")
        assert "hidden" in section.attributes
        assert "104" not in section.text


async def test_a_retraction_brings_the_number_before_back(newsroom_app: NewsroomApp) -> None:
    """After a retraction the section falls back, and has nothing of the retracted entry."""
    slug = await newsroom_app.open_coverage()
    for number in (16, 31, 104):
        await _publish(newsroom_app, slug, number)
    retracted = await _publish(newsroom_app, slug, 610_754_321)
    section = await _section(newsroom_app, f"/coverages/{slug}/figures")
    assert "610,754,321" in (section.one("svg").attributes["aria-label"] or "")
    note = {"note": "It was not so."}
    await newsroom_app.write("POST", f"/{slug}/entries/{retracted}/retraction", note)
    _, _, body = await newsroom_app.ask_both(f"/coverages/{slug}/figures")
    assert parse(body.decode()).one("strong").text == "104"
    for left in ("610,754,321", "610754321", retracted):
        assert left not in body.decode()
