"""The embed: the HTML fragment that other sites show."""

import re

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.formats.parsed import parse


def test_an_embed_shows_the_newest_entries_and_the_way_to_all(newsroom: Newsroom) -> None:
    """The embed has `limit` entries, newest first, the cursor and the coverage's API address."""
    timeline = new_timeline(newsroom, new_slug(), title="Floods")
    ids = [timeline.publish(f"Update {number}")["id"] for number in (1, 2, 3, 4)]
    answer = newsroom.reader.get(f"/coverages/{timeline.slug}/embed?limit=3")
    fragment = parse(answer.text)
    shown = [article.attributes["data-entry"] for article in fragment.all("article")]
    assert shown == ids[:0:-1]
    attributes = fragment.one("section", "embed").attributes
    head = newsroom.reader.get(f"/v1/coverages/{timeline.slug}").json()
    assert attributes["data-cursor"] == head["cursor"]
    assert attributes["data-latest"] == head["url"]
    heading = fragment.one("h1")
    assert (heading.text, heading.attributes["aria-level"]) == ("Floods", "2")


def test_an_embed_of_key_events_has_no_others(newsroom: Newsroom) -> None:
    """An embed of key events has no other entries, and is marked so for its script."""
    timeline = new_timeline(newsroom, new_slug())
    timeline.publish("Small")
    key_event = timeline.publish("Great", key_event=True)
    fragment = parse(newsroom.reader.get(f"/coverages/{timeline.slug}/embed?key_events=true").text)
    assert [a.attributes["data-entry"] for a in fragment.all("article")] == [key_event["id"]]
    assert "data-key-events" in fragment.one("section", "embed").attributes


def test_an_embed_may_be_fetched_from_everywhere(newsroom: Newsroom) -> None:
    """The embed and its files have CORS headers for all origins, and absolute addresses."""
    timeline = new_timeline(newsroom, new_slug())
    origin = {"Origin": "https://elsewhere.example"}
    answer = newsroom.reader.get(f"/coverages/{timeline.slug}/embed", headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    files = re.findall(r'(?:href|data-module)="(http[^"]+\.(?:css|js))"', answer.text)
    assert len(files) == 2
    for address in (*files, f"{newsroom.server.url}/embed.js"):
        file = newsroom.reader.get(address, headers=origin).raise_for_status()
        assert file.headers["access-control-allow-origin"] == "*"


def test_retracted_words_leave_the_embed(newsroom: Newsroom) -> None:
    """A retracted entry is replaced by its tombstone in the embed."""
    timeline = new_timeline(newsroom, new_slug())
    entry = timeline.publish("Unsayable", key_event=True)
    address = f"/coverages/{timeline.slug}/embed"
    assert "Unsayable" in newsroom.reader.get(address).text
    timeline.retract(entry["id"], "It was not so.")
    text = newsroom.reader.get(address).text
    assert "Unsayable" not in text
    assert "It was not so." in text


@pytest.mark.parametrize("query", ["limit=0", "limit=21", "limit=x", "key_events=perhaps"])
def test_a_wrong_question_is_refused(newsroom: Newsroom, query: str) -> None:
    """An invalid query parameter gets a 422 that names it."""
    timeline = new_timeline(newsroom, new_slug())
    answer = newsroom.reader.get(f"/coverages/{timeline.slug}/embed?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_there_is_no_embed_of_what_no_reader_may_know(newsroom: Newsroom) -> None:
    """A planned coverage gets the same 404 as one that does not exist."""
    slug = new_slug()
    plan = {"slug": slug, "title": "Secret", "status": "planned"}
    newsroom.chief.post("/v1/coverages", json=plan).raise_for_status()
    for name in (slug, "nowhere"):
        assert newsroom.reader.get(f"/coverages/{name}/embed").status_code == 404
