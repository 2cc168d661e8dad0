"""Promises of the feeds at the door: what is in them, and that retracted words leave them."""

import json
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from app.intake.archive import archive_line, write_archive
from tests.formats.feeds import addresses, read_atom, read_json_feed
from tests.reader.doors import Answer, Doors, ask, header, open_doors

pytestmark = pytest.mark.asyncio(loop_scope="module")

BASE = "http://127.0.0.1:8000"
FEEDS = ["feed.atom", "feed.json", "feed.atom?key_events=true", "feed.json?key_events=true"]


async def _publish(doors: Doors, slug: str, headline: str, **fields: Any) -> str:
    document = {"headline": headline, "body": f"{headline} in full.", **fields}
    return str((await doors.write("POST", f"/{slug}/entries", document))["id"])


def _titles(answer: Answer) -> list[str]:
    """The titles in a feed, which has to be what its format asks for."""
    if "atom" in str(header(answer, "content-type")):
        return [entry.title for entry in read_atom(answer[2]).entries]
    return [item["title"] for item in read_json_feed(answer[2])["items"]]


def _ids(answer: Answer) -> list[str]:
    """The ids of the items in a feed."""
    if "atom" in str(header(answer, "content-type")):
        return [entry.id for entry in read_atom(answer[2]).entries]
    return [item["id"] for item in read_json_feed(answer[2])["items"]]


async def _feeds(doors: Doors, slug: str) -> dict[str, Answer]:
    return {feed: await doors.both(f"/coverages/{slug}/{feed}") for feed in FEEDS}


async def test_a_feed_has_the_newest_entries_first(doors: Doors) -> None:
    """Fifty of them; of the others that tell a key event, its own have fifty too."""
    slug = await doors.open_coverage()
    for number in range(55):
        await _publish(doors, slug, f"Number {number}", key_event=number < 2)
    feeds = await _feeds(doors, slug)
    for feed in ("feed.atom", "feed.json"):
        assert _titles(feeds[feed]) == [f"Number {number}" for number in range(54, 4, -1)]
        assert _titles(feeds[f"{feed}?key_events=true"]) == ["Number 1", "Number 0"]


async def test_each_feed_says_which_it_is(doors: Doors) -> None:
    """By its type and its title; it may be kept, and tells when it changed."""
    slug = await doors.open_coverage(title="The fire", language="ru")
    coverage = (await doors.chief.get(f"/v1/coverages/{slug}")).json()
    feeds = await _feeds(doors, slug)
    for feed, answer in feeds.items():
        kind = "application/atom+xml" if "atom" in feed else "application/feed+json"
        assert str(header(answer, "content-type")).startswith(kind)
        assert "max-age=0" in str(header(answer, "cache-control"))
        modified = parsedate_to_datetime(str(header(answer, "last-modified")))
        assert modified.isoformat()[:19] == coverage["updated_at"][:19]
    titles = [read_atom(feeds[f"feed.atom{q}"][2]).feed.title for q in ("", "?key_events=true")]
    assert titles[0] == "The fire"
    assert titles[1].startswith("The fire \u2013 ")


async def test_a_feed_is_not_sent_again_to_who_has_it(doors: Doors) -> None:
    """Until something happens."""
    slug = await doors.open_coverage()
    address = f"/coverages/{slug}/feed.atom"
    etag = str(header(await ask(doors.hot, address), "etag"))
    assert (await doors.both(address, if_none_match=etag))[0] == 304
    await _publish(doors, slug, "News")
    assert (await doors.both(address, if_none_match=etag))[0] == 200


async def test_every_address_in_a_feed_is_whole(doors: Doors) -> None:
    """In the words of an entry too: it is read far from here."""
    slug = await doors.open_coverage()
    html = '<p><a href="/a">a</a> <a href="#b">b</a></p><img src="c.png" alt="c">'
    await _publish(doors, slug, "Links", body={"html": html})
    feeds = await _feeds(doors, slug)
    (entry,) = read_atom(feeds["feed.atom"][2]).entries
    (item,) = read_json_feed(feeds["feed.json"][2])["items"]
    assert entry.content[0].value == item["content_html"]
    assert addresses(item["content_html"]) == [
        f"{BASE}/a",
        f"{BASE}/coverages/{slug}#b",
        f"{BASE}/coverages/c.png",
    ]


async def test_a_correction_is_told_with_its_note(doors: Doors) -> None:
    """In the entry's language, and with the entry's new time under the old id."""
    slug = await doors.open_coverage()
    entry_id = await _publish(doors, slug, "Number", language="en")
    before = read_atom((await ask(doors.hot, f"/coverages/{slug}/feed.atom"))[2]).entries[0]
    document = {"note": "It was two.", "body": "Two."}
    await doors.write("POST", f"/{slug}/entries/{entry_id}/correction", document)
    (after,) = read_atom((await ask(doors.hot, f"/coverages/{slug}/feed.atom"))[2]).entries
    assert after.id == before.id
    assert after.link == f"{BASE}/coverages/{slug}/entries/{entry_id}"
    assert after.updated > before.updated == before.published
    assert "Correction, " in after.content[0].value
    assert "It was two." in after.content[0].value
    assert "Two." in after.content[0].value


async def test_no_retracted_word_is_in_a_feed(doors: Doors) -> None:
    """The entry stays in all of them, under its id, with the note: what is kept is replaced."""
    slug = await doors.open_coverage()
    fields = {"key_event": True, "tags": ["Sesquipedalian"], "bylines": ["Sesquipedalian"]}
    entry_id = await _publish(doors, slug, "Sesquipedalian", **fields)
    for answer in (await _feeds(doors, slug)).values():
        assert b"Sesquipedalian" in answer[2]
    await doors.write("POST", f"/{slug}/entries/{entry_id}/retraction", {"note": "Not so."})
    for feed, answer in (await _feeds(doors, slug)).items():
        assert b"Sesquipedalian" not in answer[2]
        assert b"Not so." in answer[2]
        assert f"/entries/{entry_id}".encode() in answer[2]
        assert _titles(answer) == ["Retracted"], feed


async def test_what_was_retracted_further_down_is_told_too(doors: Doors) -> None:
    """A feed reader may have kept it from the time when it was new."""
    slug = await doors.open_coverage()
    first = await _publish(doors, slug, "First")
    for number in range(50):
        await _publish(doors, slug, f"Number {number}")
    await doors.write("POST", f"/{slug}/entries/{first}/retraction", {"note": "Not so."})
    for answer in (await _feeds(doors, slug)).values():
        assert _titles(answer)[-1:] == ["Retracted"]


async def test_a_correction_further_down_is_told_too(doors: Doors) -> None:
    """As it is now, with its note and its new time, in the feeds that it belongs to."""
    slug = await doors.open_coverage()
    first = await _publish(doors, slug, "First", key_event=True)
    plain = await _publish(doors, slug, "Second")
    for number in range(50):
        await _publish(doors, slug, f"Number {number}", key_event=True)
    before = read_atom((await ask(doors.hot, f"/coverages/{slug}/feed.atom"))[2]).feed.updated
    assert all("First" not in _titles(feed) for feed in (await _feeds(doors, slug)).values())
    for entry_id in (first, plain):
        document = {"note": "It was not so.", "headline": "Corrected"}
        await doors.write("POST", f"/{slug}/entries/{entry_id}/correction", document)
    for name, answer in (await _feeds(doors, slug)).items():
        found = ["Corrected"] if "key_events" in name else ["Corrected", "Corrected"]
        assert _titles(answer)[50:] == found
        assert b"It was not so." in answer[2]
    atom = read_atom((await ask(doors.hot, f"/coverages/{slug}/feed.atom"))[2])
    assert atom.entries[-1].updated > atom.entries[-1].published
    assert atom.feed.updated > before
    await doors.write("POST", f"/{slug}/entries/{first}/retraction", {"note": "Nothing of it."})
    for answer in (await _feeds(doors, slug)).values():
        assert _titles(answer)[-1] == "Retracted"
        assert len(_titles(answer)) == len({*_ids(answer)})


async def test_an_item_keeps_its_id_in_another_house(doors: Doors, tmp_path: Path) -> None:
    """Under another address and in a copy of the journal: nobody is shown it once more."""
    slug = await doors.open_coverage()
    await _publish(doors, slug, "First", key_event=True)
    await _publish(doors, slug, "Second")
    events = (await doors.chief.get(f"/v1/coverages/{slug}/events")).json()["events"]
    archive = b"".join(write_archive(archive_line(event) for event in events))
    here = await _feeds(doors, slug)
    async with open_doors(tmp_path / "else") as other:
        lines = {"Content-Type": "application/x-ndjson"}
        answer = await other.chief.post("/v1/imports", content=archive, headers=lines)
        assert answer.status_code == 201, answer.text
        there = await _feeds(other, slug)
    for name, feed in here.items():
        assert _ids(feed) == _ids(there[name])
        assert all(found.startswith("urn:uuid:") for found in _ids(feed))


async def test_a_feed_speaks_the_entrys_language(doors: Doors) -> None:
    """Also where words run from right to left."""
    slug = await doors.open_coverage()
    await _publish(doors, slug, "خبر عاجل", body="نص", language="ar")
    (item,) = json.loads((await ask(doors.hot, f"/coverages/{slug}/feed.json"))[2])["items"]
    assert item["language"] == "ar"
    assert item["content_html"].strip().startswith('<div lang="ar" dir="rtl">')


@pytest.mark.parametrize("feed", FEEDS)
async def test_a_plan_has_no_feed(doors: Doors, feed: str) -> None:
    """Nor has what is not there, nor does a question that makes no sense."""
    plan = await doors.open_coverage(status="planned")
    for slug in (plan, "nobody", "NO%00"):
        assert (await doors.both(f"/coverages/{slug}/{feed}"))[0] == 404
    path = feed.partition("?")[0]
    slug = await doors.open_coverage()
    assert (await doors.both(f"/coverages/{slug}/{path}?key_events=perhaps"))[0] == 422
