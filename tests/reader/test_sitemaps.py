"""The sitemaps list all public coverages and no planned one."""

from pathlib import Path

import pytest

from app.store import listing
from tests.formats.sitemaps import read_sitemap
from tests.reader.newsroom_app import NewsroomApp, ask, header, open_newsroom_app

pytestmark = pytest.mark.asyncio(loop_scope="module")

BASE = "http://127.0.0.1:8000"


async def _listed(newsroom_app: NewsroomApp, address: str) -> list[str]:
    answer = await ask(newsroom_app.cached, address)
    assert answer[0] == 200
    assert header(answer, "content-type") == "application/xml"
    return [url["loc"].removeprefix(BASE) for url in read_sitemap(answer[2])]


async def test_the_sitemap_has_every_public_coverage(newsroom_app: NewsroomApp) -> None:
    """Live and closed coverages are in both sitemaps; planned ones are in neither."""
    before = await _listed(newsroom_app, "/sitemap.xml")
    news_before = await _listed(newsroom_app, "/news-sitemap.xml")
    live, closed = [await newsroom_app.open_coverage() for _ in range(2)]
    await newsroom_app.open_coverage(status="planned")
    await newsroom_app.write("PATCH", f"/{closed}", {"status": "closed"})
    new = [f"/coverages/{live}", f"/coverages/{closed}"]
    assert before[0] == "/"
    assert await _listed(newsroom_app, "/sitemap.xml") == [*before, *new]
    assert set(await _listed(newsroom_app, "/news-sitemap.xml")) == {*news_before, *new}


async def test_editions_are_listed_with_each_other(newsroom_app: NewsroomApp) -> None:
    """The sitemap, in one part or in several, has the alternates of a coverage with editions."""
    original = await newsroom_app.open_coverage(language="en")
    edition = await newsroom_app.open_coverage(language="ru", edition_of=original)
    answer = await ask(newsroom_app.cached, "/sitemap.xml")
    links = {url["loc"]: url.get("xhtml:link", []) for url in read_sitemap(answer[2])}
    for slug in original, edition:
        assert [link["@href"].removeprefix(BASE) for link in links[f"{BASE}/coverages/{slug}"]] == [
            f"/coverages/{original}",
            f"/coverages/{edition}",
            f"/coverages/{original}",
        ]
    assert sum(map(bool, links.values())) == 2


async def test_a_newsroom_without_coverages_has_sitemaps(tmp_path: Path) -> None:
    """Without coverages, the sitemap lists the index, and the news sitemap is empty."""
    async with open_newsroom_app(tmp_path) as newsroom_app:
        assert await _listed(newsroom_app, "/sitemap.xml") == ["/"]
        assert await _listed(newsroom_app, "/news-sitemap.xml") == []


async def test_many_coverages_are_in_several_sitemaps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sitemap index names the parts, which together have each address once."""
    monkeypatch.setattr(listing, "PART", 2)
    async with open_newsroom_app(tmp_path) as newsroom_app:
        slugs = [await newsroom_app.open_coverage() for _ in range(5)]
        parts = await _listed(newsroom_app, "/sitemap.xml")
        assert parts == [f"/sitemaps/{number}.xml" for number in (1, 2, 3)]
        listed = [address for part in parts for address in await _listed(newsroom_app, part)]
        assert listed == ["/", *(f"/coverages/{slug}" for slug in slugs)]
        for beyond in ("0", "-1", "4", "99999999999999999999"):
            assert (await ask(newsroom_app.cached, f"/sitemaps/{beyond}.xml"))[0] == 404
        assert (await ask(newsroom_app.cached, "/sitemaps/x.xml"))[0] == 422


async def test_old_coverages_are_no_news(newsroom_app: NewsroomApp) -> None:
    """The news sitemap omits a coverage two days after its last event.

    The clock of this application advances a minute at each reading.
    """
    for _ in range(2 * 60 * 24):
        newsroom_app.uncached.app.state.services.now()
    old, recent = [await newsroom_app.open_coverage() for _ in range(2)]
    for _ in range(60 * 24):
        newsroom_app.uncached.app.state.services.now()
    await newsroom_app.write("PATCH", f"/{recent}", {"kicker": "Still going on"})
    assert await _listed(newsroom_app, "/news-sitemap.xml") == [
        f"/coverages/{recent}",
        f"/coverages/{old}",
    ]
    for _ in range(60 * 24):
        newsroom_app.uncached.app.state.services.now()
    assert await _listed(newsroom_app, "/news-sitemap.xml") == [f"/coverages/{recent}"]
    assert f"/coverages/{old}" in await _listed(newsroom_app, "/sitemap.xml")


@pytest.mark.parametrize("address", ["/sitemap.xml", "/news-sitemap.xml", "/robots.txt"])
async def test_a_sitemap_is_not_sent_again_to_who_has_it(
    newsroom_app: NewsroomApp, address: str
) -> None:
    """A request with a current ETag gets a 304; a new coverage changes the sitemaps' ETags."""
    await newsroom_app.open_coverage()
    etag = str(header(await ask(newsroom_app.cached, address), "etag"))
    assert (await ask(newsroom_app.cached, address, if_none_match=etag))[0] == 304
    await newsroom_app.open_coverage()
    status = (await ask(newsroom_app.cached, address, if_none_match=etag))[0]
    assert status == (304 if address == "/robots.txt" else 200)


async def test_robots_find_the_sitemaps(newsroom_app: NewsroomApp) -> None:
    """Both addresses that robots.txt names exist."""
    answer = await ask(newsroom_app.cached, "/robots.txt")
    assert str(header(answer, "content-type")).startswith("text/plain")
    lines = answer[2].decode().splitlines()
    sitemap_paths = [
        line.removeprefix(f"Sitemap: {BASE}") for line in lines if line.startswith("Sitemap:")
    ]
    assert [(await ask(newsroom_app.cached, address))[0] for address in sitemap_paths] == [200, 200]
