"""Editions and translations as readers get them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.formats.parsed import Element, parse
from tests.reader.newsroom_app import Json, NewsroomApp, ask, header

pytestmark = pytest.mark.asyncio(loop_scope="module")

BASE = "http://127.0.0.1:8000"


@dataclass
class Story:
    """Editions of one story, by language; the first one is the original."""

    newsroom_app: NewsroomApp
    slugs: Mapping[str, str]

    async def publish(self, language: str, of: tuple[str, str] | None = None) -> str:
        """Publish an entry, a translation of another one if `of` names that, and return its id."""
        form: Json = {"headline": f"In {language}"}
        if of is not None:
            form["translation_of"] = {"coverage": self.slugs[of[0]], "entry_id": of[1]}
        entry = await self.newsroom_app.write("POST", f"/{self.slugs[language]}/entries", form)
        return str(entry["id"])

    async def act(self, language: str, entry_id: str, action: str, **form: object) -> None:
        """Post to one of an entry's actions."""
        path = f"/{self.slugs[language]}/entries/{entry_id}/{action}"
        await self.newsroom_app.write("POST", path, form)

    def path(self, language: str, entry_id: str | None = None) -> str:
        """Return the path of an edition's page, or of an entry's."""
        page = f"/coverages/{self.slugs[language]}"
        return f"{page}/entries/{entry_id}" if entry_id else page

    async def page(self, path: str) -> Element:
        """Request a page with and without the cache, and parse it."""
        answer = await self.newsroom_app.ask_both(path)
        assert answer[0] == 200
        return parse(answer[2].decode())


async def open_story(newsroom_app: NewsroomApp, *languages: str) -> Story:
    """Open a coverage in the first language, and editions of it in the others."""
    slugs: dict[str, str] = {}
    for language in languages:
        original = {"edition_of": slugs[languages[0]]} if slugs else {}
        slugs[language] = await newsroom_app.open_coverage(language=language, **original)
    return Story(newsroom_app, slugs)


def alternates(page: Element) -> dict[str, str]:
    """Return the paths that a page names as its alternates, by hreflang; none is named twice."""
    links = [
        link.attributes
        for link in page.all("link")
        if link.attributes.get("rel") == "alternate" and "hreflang" in link.attributes
    ]
    paths = {link["hreflang"]: link["href"].removeprefix(BASE) for link in links}
    assert len(paths) == len(links)
    return paths


def switches(page: Element) -> dict[str, str]:
    """Return the addresses of the language switch by the language's own name."""
    navigation = page.one("nav", "editions")
    return {link.text: link.attributes["href"] for link in navigation.all("a")}


async def test_every_edition_names_all_of_them(newsroom_app: NewsroomApp) -> None:
    """Each page lists every edition, itself and the original as `x-default` among them."""
    story = await open_story(newsroom_app, "en", "ru", "ar")
    expected = {language: story.path(language) for language in story.slugs}
    for language in story.slugs:
        page = await story.page(story.path(language))
        assert alternates(page) == expected | {"x-default": story.path("en")}


async def test_pages_that_are_not_the_newest_one_have_no_alternates(
    newsroom_app: NewsroomApp,
) -> None:
    """Filtered, past, and older pages, and a coverage without editions, name no alternates."""
    story = await open_story(newsroom_app, "en", "ru")
    entry_id = await story.publish("en")
    for query in "?key_events=true", f"?before={entry_id}", "?at=2100-01-01T00:00:00Z":
        assert alternates(await story.page(story.path("en") + query)) == {}
    alone = await open_story(newsroom_app, "en")
    page = await story.page(alone.path("en"))
    assert alternates(page) == {}
    assert not page.all("nav", "editions")


async def test_an_entrys_alternates_are_its_translations(newsroom_app: NewsroomApp) -> None:
    """Original, translations, and translations of these name each other; no other entry does."""
    story = await open_story(newsroom_app, "en", "ru", "ar", "hy")
    original = await story.publish("en")
    assert alternates(await story.page(story.path("en", original))) == {}
    russian = await story.publish("ru", of=("en", original))
    arabic = await story.publish("ar", of=("ru", russian))
    versions = {"en": original, "ru": russian, "ar": arabic}
    expected = {language: story.path(language, id_) for language, id_ in versions.items()}
    for path in expected.values():
        page = await story.page(path)
        assert alternates(page) == expected | {"x-default": expected["en"]}
    other = await story.publish("ar")
    assert alternates(await story.page(story.path("ar", other))) == {}


async def test_a_second_translation_in_an_edition_is_no_alternate(
    newsroom_app: NewsroomApp,
) -> None:
    """The oldest translation of an edition counts, so that all versions name the same pages."""
    story = await open_story(newsroom_app, "en", "ru")
    original = await story.publish("en")
    first, second = [await story.publish("ru", of=("en", original)) for _ in range(2)]
    for path in story.path("en", original), story.path("ru", first):
        assert alternates(await story.page(path))["ru"] == story.path("ru", first)
    assert alternates(await story.page(story.path("ru", second))) == {}


async def test_a_page_follows_what_becomes_of_its_translations(newsroom_app: NewsroomApp) -> None:
    """A cached page of the original changes, and its ETag, with events of the other edition."""
    story = await open_story(newsroom_app, "en", "ru")
    original = await story.publish("en")
    path = story.path("en", original)
    etags = [header(await newsroom_app.ask_both(path), "etag")]
    russian = await story.publish("ru", of=("en", original))
    assert "ru" in alternates(await story.page(path))
    etags.append(header(await newsroom_app.ask_both(path), "etag"))
    await story.act("ru", russian, "retraction", note="Not so.")
    assert alternates(await story.page(path)) == {}
    etags.append(header(await newsroom_app.ask_both(path), "etag"))
    assert len(set(etags)) == len(etags)
    for etag in etags[:2]:
        answer = await ask(newsroom_app.cached, path, if_none_match=etag or "")
        assert answer[0] == 200
    assert (await ask(newsroom_app.cached, path, if_none_match=etags[2] or ""))[0] == 304


@pytest.mark.parametrize("lite", [False, True])
async def test_the_switch_leads_to_the_same_page_in_another_language(
    newsroom_app: NewsroomApp, lite: bool
) -> None:
    """From a coverage to a coverage, and from an entry to its translation or else the coverage."""
    story = await open_story(newsroom_app, "en", "ru", "ar")
    original = await story.publish("en")
    query = "?lite=true" if lite else ""
    page = await story.page(story.path("en") + query)
    assert switches(page) == {
        "English": story.path("en") + query,
        "Русский": story.path("ru") + query,
        "العربية": story.path("ar") + query,
    }
    (current,) = [a for a in page.one("nav", "editions").all("a") if "aria-current" in a.attributes]
    assert (current.text, current.attributes["lang"]) == ("English", "en")
    page = await story.page(story.path("en", original) + query)
    russian = await story.publish("ru", of=("en", original))  # after the page was loaded
    targets = {
        "English": story.path("en", original),
        "Русский": story.path("ru", russian),
        "العربية": story.path("ar"),
    }
    for name, address in switches(page).items():
        answer = await ask(newsroom_app.cached, address)
        assert answer[0] == 302
        assert header(answer, "location") == targets[name] + query
    back = switches(await story.page(story.path("ru", russian) + query))["English"]
    location = header(await ask(newsroom_app.cached, back), "location")
    assert location == story.path("en", original) + query


async def test_a_planned_edition_is_told_from_nothing_by_no_page(
    newsroom_app: NewsroomApp,
) -> None:
    """A planned edition is named nowhere, and a switch to it is refused as to an unknown one."""
    story = await open_story(newsroom_app, "en", "ru")
    plan = await newsroom_app.open_coverage(
        language="ka", status="planned", edition_of=story.slugs["en"], title="Zarquon"
    )
    original = await story.publish("en")
    form = {
        "headline": "Zarquon",
        "draft": True,
        "translation_of": {"coverage": story.slugs["en"], "entry_id": original},
    }
    await newsroom_app.write("POST", f"/{plan}/entries", form)
    addresses = [story.path("en"), story.path("en", original), "/sitemap.xml"]
    addresses += [f"{addresses[0]}/feed.atom", f"{addresses[0]}/feed.json", f"/v1{addresses[0]}"]
    for address in (*addresses, f"{addresses[0]}?lite=true", f"{addresses[1]}?lite=true"):
        text = (await newsroom_app.ask_both(address))[2].decode()
        assert plan not in re.findall(r"\bc\d+\b", text)
        assert "Zarquon" not in text
    refusals = [
        await ask(newsroom_app.cached, f"{story.path('en', original)}?edition={slug}")
        for slug in (plan, "c0unknown")
    ]
    assert [answer[0] for answer in refusals] == [404, 404]
    assert refusals[0][2] == refusals[1][2]


async def test_a_planned_original_is_named_by_no_edition(newsroom_app: NewsroomApp) -> None:
    """Of a planned original only the public editions are listed, the first as `x-default`."""
    plan = await newsroom_app.open_coverage(language="en", status="planned", title="Zarquon")
    slugs = {
        language: await newsroom_app.open_coverage(language=language, edition_of=plan)
        for language in ("ru", "ar")
    }
    story = Story(newsroom_app, slugs)
    for language in slugs:
        answer = await newsroom_app.ask_both(story.path(language))
        assert plan not in re.findall(r"\bc\d+\b", answer[2].decode())
        named = alternates(parse(answer[2].decode()))
        assert named == {
            "ru": story.path("ru"),
            "ar": story.path("ar"),
            "x-default": story.path("ru"),
        }
