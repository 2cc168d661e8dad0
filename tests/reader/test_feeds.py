"""The feeds as they are served: their contents, validation, and retraction."""

import json
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from app.intake.archive import archive_line, write_archive
from tests.formats.feeds import addresses, read_atom, read_json_feed
from tests.reader.newsroom_app import Answer, NewsroomApp, ask, header, open_newsroom_app

pytestmark = pytest.mark.asyncio(loop_scope="module")

BASE = "http://127.0.0.1:8000"
FEEDS = ["feed.atom", "feed.json", "feed.atom?key_events=true", "feed.json?key_events=true"]


async def _publish(newsroom_app: NewsroomApp, slug: str, headline: str, **fields: Any) -> str:
    document = {"headline": headline, "body": f"{headline} in full.", **fields}
    return str((await newsroom_app.write("POST", f"/{slug}/entries", document))["id"])


def _titles(answer: Answer) -> list[str]:
    """Return the titles in a feed, which must be valid in its format."""
    if "atom" in str(header(answer, "content-type")):
        return [entry.title for entry in read_atom(answer[2]).entries]
    return [item["title"] for item in read_json_feed(answer[2])["items"]]


def _ids(answer: Answer) -> list[str]:
    """Return the ids of a feed's items."""
    if "atom" in str(header(answer, "content-type")):
        return [entry.id for entry in read_atom(answer[2]).entries]
    return [item["id"] for item in read_json_feed(answer[2])["items"]]


async def _feeds(newsroom_app: NewsroomApp, slug: str) -> dict[str, Answer]:
    return {feed: await newsroom_app.ask_both(f"/coverages/{slug}/{feed}") for feed in FEEDS}


async def test_a_feed_has_the_newest_entries_first(newsroom_app: NewsroomApp) -> None:
    """A feed has the newest fifty entries; a feed of key events counts only key events."""
    slug = await newsroom_app.open_coverage()
    for number in range(55):
        await _publish(newsroom_app, slug, f"Number {number}", key_event=number < 2)
    feeds = await _feeds(newsroom_app, slug)
    for feed in ("feed.atom", "feed.json"):
        assert _titles(feeds[feed]) == [f"Number {number}" for number in range(54, 4, -1)]
        assert _titles(feeds[f"{feed}?key_events=true"]) == ["Number 1", "Number 0"]


async def test_each_feed_says_which_it_is(newsroom_app: NewsroomApp) -> None:
    """A feed has its media type, a title of its own, Cache-Control and Last-Modified."""
    slug = await newsroom_app.open_coverage(title="The fire", language="ru")
    coverage = (await newsroom_app.chief.get(f"/v1/coverages/{slug}")).json()
    feeds = await _feeds(newsroom_app, slug)
    for feed, answer in feeds.items():
        kind = "application/atom+xml" if "atom" in feed else "application/feed+json"
        assert str(header(answer, "content-type")).startswith(kind)
        assert "max-age=0" in str(header(answer, "cache-control"))
        modified = parsedate_to_datetime(str(header(answer, "last-modified")))
        assert modified.isoformat()[:19] == coverage["updated_at"][:19]
    titles = [read_atom(feeds[f"feed.atom{q}"][2]).feed.title for q in ("", "?key_events=true")]
    assert titles[0] == "The fire"
    assert titles[1].startswith("The fire \u2013 ")


async def test_a_feed_is_not_sent_again_to_who_has_it(newsroom_app: NewsroomApp) -> None:
    """A request with a current ETag gets a 304 until the coverage changes."""
    slug = await newsroom_app.open_coverage()
    address = f"/coverages/{slug}/feed.atom"
    etag = str(header(await ask(newsroom_app.cached, address), "etag"))
    assert (await newsroom_app.ask_both(address, if_none_match=etag))[0] == 304
    await _publish(newsroom_app, slug, "News")
    assert (await newsroom_app.ask_both(address, if_none_match=etag))[0] == 200


async def test_every_address_in_a_feed_is_whole(newsroom_app: NewsroomApp) -> None:
    """Relative addresses in an entry's body are made absolute."""
    slug = await newsroom_app.open_coverage()
    html = '<p><a href="/a">a</a> <a href="#b">b</a></p><img src="c.png" alt="c">'
    await _publish(newsroom_app, slug, "Links", body={"html": html})
    feeds = await _feeds(newsroom_app, slug)
    (entry,) = read_atom(feeds["feed.atom"][2]).entries
    (item,) = read_json_feed(feeds["feed.json"][2])["items"]
    assert entry.content[0].value == item["content_html"]
    assert addresses(item["content_html"]) == [
        f"{BASE}/a",
        f"{BASE}/coverages/{slug}#b",
        f"{BASE}/coverages/c.png",
    ]


async def test_a_correction_is_told_with_its_note(newsroom_app: NewsroomApp) -> None:
    """A corrected entry keeps its id, and has the correction's note and a newer `updated`."""
    slug = await newsroom_app.open_coverage()
    entry_id = await _publish(newsroom_app, slug, "Number", language="en")
    feed = f"/coverages/{slug}/feed.atom"
    before = read_atom((await ask(newsroom_app.cached, feed))[2]).entries[0]
    document = {"note": "It was two.", "body": "Two."}
    await newsroom_app.write("POST", f"/{slug}/entries/{entry_id}/correction", document)
    (after,) = read_atom((await ask(newsroom_app.cached, feed))[2]).entries
    assert after.id == before.id
    assert after.link == f"{BASE}/coverages/{slug}/entries/{entry_id}"
    assert after.updated > before.updated == before.published
    assert "Correction, " in after.content[0].value
    assert "It was two." in after.content[0].value
    assert "Two." in after.content[0].value


async def test_no_retracted_word_is_in_a_feed(newsroom_app: NewsroomApp) -> None:
    """A retracted entry stays in every feed under its id, as a tombstone with the note."""
    slug = await newsroom_app.open_coverage()
    fields = {"key_event": True, "tags": ["Sesquipedalian"], "bylines": ["Sesquipedalian"]}
    entry_id = await _publish(newsroom_app, slug, "Sesquipedalian", **fields)
    for answer in (await _feeds(newsroom_app, slug)).values():
        assert b"Sesquipedalian" in answer[2]
    await newsroom_app.write("POST", f"/{slug}/entries/{entry_id}/retraction", {"note": "Not so."})
    for feed, answer in (await _feeds(newsroom_app, slug)).items():
        assert b"Sesquipedalian" not in answer[2]
        assert b"Not so." in answer[2]
        assert f"/entries/{entry_id}".encode() in answer[2]
        assert _titles(answer) == ["Retracted"], feed


async def test_what_was_retracted_further_down_is_told_too(newsroom_app: NewsroomApp) -> None:
    """A retracted entry is in the feeds even if it is no longer among the newest fifty.

    A feed reader may have stored the entry earlier.
    """
    slug = await newsroom_app.open_coverage()
    first = await _publish(newsroom_app, slug, "First")
    for number in range(50):
        await _publish(newsroom_app, slug, f"Number {number}")
    await newsroom_app.write("POST", f"/{slug}/entries/{first}/retraction", {"note": "Not so."})
    for answer in (await _feeds(newsroom_app, slug)).values():
        assert _titles(answer)[-1:] == ["Retracted"]


async def test_an_assessment_further_down_is_told_too(newsroom_app: NewsroomApp) -> None:
    """An assessed entry is in the feed with the new line even if it is long down."""
    slug = await newsroom_app.open_coverage()
    figure = {"metric": "killed", "low": 6, "source": "Mayor"}
    first = await _publish(
        newsroom_app, slug, "First", claims=[{"source": "Mayor"}], figures=[figure]
    )
    for number in range(50):
        await _publish(newsroom_app, slug, f"Number {number}")
    for target in ({"claim": await _claim(newsroom_app, slug, first)}, {"figure": 0}):
        document = {**target, "status": "withdrawn", "note": "They took it back."}
        await newsroom_app.write("POST", f"/{slug}/entries/{first}/assessment", document)
    feeds = await _feeds(newsroom_app, slug)
    for name in ("feed.atom", "feed.json"):
        assert _titles(feeds[name])[50:] == ["First"]
    content = read_json_feed(feeds["feed.json"][2])["items"][-1]["content_html"]
    assert content.count("Withdrawn by the source") == 2
    assert "more than 6" in content


async def _claim(newsroom_app: NewsroomApp, slug: str, entry_id: str) -> str:
    answer = await newsroom_app.chief.get(f"/v1/coverages/{slug}/entries/{entry_id}")
    return str(answer.json()["claims"][0]["id"])


async def test_a_correction_further_down_is_told_too(newsroom_app: NewsroomApp) -> None:
    """A corrected entry is in its feeds even if it is no longer among the newest fifty.

    A later retraction replaces it, and no id occurs twice.
    """
    slug = await newsroom_app.open_coverage()
    first = await _publish(newsroom_app, slug, "First", key_event=True)
    plain = await _publish(newsroom_app, slug, "Second")
    for number in range(50):
        await _publish(newsroom_app, slug, f"Number {number}", key_event=True)
    before = read_atom(
        (await ask(newsroom_app.cached, f"/coverages/{slug}/feed.atom"))[2]
    ).feed.updated
    assert all("First" not in _titles(feed) for feed in (await _feeds(newsroom_app, slug)).values())
    for entry_id in (first, plain):
        document = {"note": "It was not so.", "headline": "Corrected"}
        await newsroom_app.write("POST", f"/{slug}/entries/{entry_id}/correction", document)
    for name, answer in (await _feeds(newsroom_app, slug)).items():
        expected = ["Corrected"] if "key_events" in name else ["Corrected", "Corrected"]
        assert _titles(answer)[50:] == expected
        assert b"It was not so." in answer[2]
    atom = read_atom((await ask(newsroom_app.cached, f"/coverages/{slug}/feed.atom"))[2])
    assert atom.entries[-1].updated > atom.entries[-1].published
    assert atom.feed.updated > before
    await newsroom_app.write(
        "POST", f"/{slug}/entries/{first}/retraction", {"note": "Nothing of it."}
    )
    for answer in (await _feeds(newsroom_app, slug)).values():
        assert _titles(answer)[-1] == "Retracted"
        assert len(_titles(answer)) == len({*_ids(answer)})


async def test_an_item_keeps_its_id_in_another_house(
    newsroom_app: NewsroomApp, tmp_path: Path
) -> None:
    """Item ids are URNs that stay the same in a copy of the journal on another server."""
    slug = await newsroom_app.open_coverage()
    await _publish(newsroom_app, slug, "First", key_event=True)
    await _publish(newsroom_app, slug, "Second")
    events = (await newsroom_app.chief.get(f"/v1/coverages/{slug}/events")).json()["events"]
    archive = b"".join(write_archive(archive_line(event) for event in events))
    original = await _feeds(newsroom_app, slug)
    async with open_newsroom_app(tmp_path / "else") as other:
        headers = {"Content-Type": "application/x-ndjson"}
        answer = await other.chief.post("/v1/imports", content=archive, headers=headers)
        assert answer.status_code == 201, answer.text
        copied = await _feeds(other, slug)
    for name, feed in original.items():
        assert _ids(feed) == _ids(copied[name])
        assert all(item_id.startswith("urn:uuid:") for item_id in _ids(feed))


async def test_a_feed_speaks_the_entrys_language(newsroom_app: NewsroomApp) -> None:
    """An item has its entry's language, and the direction of a right-to-left script."""
    slug = await newsroom_app.open_coverage()
    await _publish(newsroom_app, slug, "خبر عاجل", body="نص", language="ar")
    answer = await ask(newsroom_app.cached, f"/coverages/{slug}/feed.json")
    (item,) = json.loads(answer[2])["items"]
    assert item["language"] == "ar"
    assert item["content_html"].strip().startswith('<div lang="ar" dir="rtl">')


@pytest.mark.parametrize("feed", FEEDS)
async def test_a_plan_has_no_feed(newsroom_app: NewsroomApp, feed: str) -> None:
    """A planned or unknown coverage has no feed (404), and an invalid parameter gets a 422."""
    plan = await newsroom_app.open_coverage(status="planned")
    for slug in (plan, "nobody", "NO%00"):
        assert (await newsroom_app.ask_both(f"/coverages/{slug}/{feed}"))[0] == 404
    path = feed.partition("?")[0]
    slug = await newsroom_app.open_coverage()
    assert (await newsroom_app.ask_both(f"/coverages/{slug}/{path}?key_events=perhaps"))[0] == 422
