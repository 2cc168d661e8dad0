"""Promises of the sitemaps at the door: all that readers may know of, and no plan."""

from pathlib import Path

import pytest

from app.reader import sitemaps
from tests.formats.sitemaps import read_sitemap
from tests.reader.doors import Doors, ask, header, open_doors

pytestmark = pytest.mark.asyncio(loop_scope="module")

BASE = "http://127.0.0.1:8000"


async def _listed(doors: Doors, address: str) -> list[str]:
    answer = await ask(doors.hot, address)
    assert answer[0] == 200
    assert header(answer, "content-type") == "application/xml"
    return [found["loc"].removeprefix(BASE) for found in read_sitemap(answer[2])]


async def test_the_sitemap_has_every_public_coverage(doors: Doors) -> None:
    """Live or closed, with the index before them; a plan is in neither sitemap."""
    before = await _listed(doors, "/sitemap.xml")
    news_before = await _listed(doors, "/news-sitemap.xml")
    live, closed = [await doors.open_coverage() for _ in range(2)]
    await doors.open_coverage(status="planned")
    await doors.write("PATCH", f"/{closed}", {"status": "closed"})
    new = [f"/coverages/{live}", f"/coverages/{closed}"]
    assert before[0] == "/"
    assert await _listed(doors, "/sitemap.xml") == [*before, *new]
    assert set(await _listed(doors, "/news-sitemap.xml")) == {*news_before, *new}


async def test_a_newsroom_without_coverages_has_sitemaps(tmp_path: Path) -> None:
    """They are valid all the same."""
    async with open_doors(tmp_path) as doors:
        assert await _listed(doors, "/sitemap.xml") == ["/"]
        assert await _listed(doors, "/news-sitemap.xml") == []


async def test_many_coverages_are_in_several_sitemaps(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index names them; together they have each address once."""
    before = await _listed(doors, "/sitemap.xml")
    slugs = [await doors.open_coverage() for _ in range(5)]
    expected = [*before, *(f"/coverages/{slug}" for slug in slugs)]
    monkeypatch.setattr(sitemaps, "_PART", 2)
    parts = await _listed(doors, "/sitemap.xml")
    assert parts == [f"/sitemaps/{1 + at}.xml" for at in range(len(expected) // 2)]
    assert len(parts) >= 3
    found = [address for part in parts for address in await _listed(doors, part)]
    assert found == expected
    for beyond in ("0", "-1", str(len(parts) + 1), "99999999999999999999"):
        assert (await ask(doors.hot, f"/sitemaps/{beyond}.xml"))[0] == 404
    assert (await ask(doors.hot, "/sitemaps/x.xml"))[0] == 422


async def test_old_coverages_are_no_news(doors: Doors) -> None:
    """Two days after their last event; in this newsroom a minute passes at each look."""
    for _ in range(2 * 60 * 24):
        doors.made.app.state.services.now()
    old, young = [await doors.open_coverage() for _ in range(2)]
    for _ in range(60 * 24):
        doors.made.app.state.services.now()
    await doors.write("PATCH", f"/{young}", {"kicker": "Still going on"})
    assert await _listed(doors, "/news-sitemap.xml") == [f"/coverages/{young}", f"/coverages/{old}"]
    for _ in range(60 * 24):
        doors.made.app.state.services.now()
    assert await _listed(doors, "/news-sitemap.xml") == [f"/coverages/{young}"]
    assert f"/coverages/{old}" in await _listed(doors, "/sitemap.xml")


@pytest.mark.parametrize("address", ["/sitemap.xml", "/news-sitemap.xml", "/robots.txt"])
async def test_a_sitemap_is_not_sent_again_to_who_has_it(doors: Doors, address: str) -> None:
    """It has an ETag of its contents."""
    await doors.open_coverage()
    etag = str(header(await ask(doors.hot, address), "etag"))
    assert (await ask(doors.hot, address, if_none_match=etag))[0] == 304
    await doors.open_coverage()
    again = (await ask(doors.hot, address, if_none_match=etag))[0]
    assert again == (304 if address == "/robots.txt" else 200)


async def test_robots_find_the_sitemaps(doors: Doors) -> None:
    """Both addresses that they are sent to are there."""
    answer = await ask(doors.hot, "/robots.txt")
    assert str(header(answer, "content-type")).startswith("text/plain")
    lines = answer[2].decode().splitlines()
    sent = [line.removeprefix(f"Sitemap: {BASE}") for line in lines if line.startswith("Sitemap:")]
    assert [(await ask(doors.hot, address))[0] for address in sent] == [200, 200]
