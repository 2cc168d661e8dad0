"""Graphic pictures: what the newsroom says of them, and what readers and other programs get."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.contract.timeline import Timeline
from tests.formats.parsed import parse
from tests.media.pictures import encoded, picture
from tests.media.sending import Json, addresses, send, sent

ALT = "A wounded man on a stretcher"
_ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def timeline(media_newsroom: Newsroom) -> Timeline:
    """A new live coverage."""
    return new_timeline(media_newsroom, new_slug())


@pytest.fixture
def media(media_newsroom: Newsroom) -> Json:
    """A graphic picture."""
    return sent(media_newsroom.editor, encoded(picture()), alt=ALT, graphic="true")


def test_it_is_said_with_the_upload_and_can_be_changed(media_newsroom: Newsroom, media: Json):
    """`graphic` is a member only of what is graphic; it is set and taken back without the texts."""
    editor, path = media_newsroom.editor, f"/v1/media/{media['id']}"
    assert media["graphic"] is True
    changed = editor.patch(path, json={"graphic": False}).raise_for_status().json()
    assert "graphic" not in changed
    assert changed["alt"] == ALT
    assert editor.patch(path, json={"graphic": True}).json() == media
    assert editor.patch(path, json={"caption": "At noon"}).json()["graphic"] is True
    embed = {"url": "https://www.youtube.com/watch?v=S9HdPi9Ikhk", "graphic": True}
    assert editor.post("/v1/media", json=embed).json()["graphic"] is True


def test_what_is_neither_true_nor_false_is_refused(media_newsroom: Newsroom, media: Json):
    """Another value is a 422 that names the member, in a form with a file as in JSON."""
    editor = media_newsroom.editor
    for refused in (
        send(editor, encoded(picture()), graphic="perhaps"),
        editor.patch(f"/v1/media/{media['id']}", json={"graphic": "true"}),
    ):
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/graphic"]
    assert editor.get(f"/v1/media/{media['id']}").json() == media


def test_an_entry_says_it_until_it_is_retracted(timeline: Timeline, media: Json):
    """It is a revision of the entry that shows the picture; a retraction removes it everywhere."""
    editor, path = timeline.newsroom.editor, f"/v1/media/{media['id']}"
    editor.patch(path, json={"graphic": False}).raise_for_status()
    entry = timeline.publish("At the hospital", media=[media["id"]])
    editor.patch(path, json={"graphic": True}).raise_for_status()
    assert timeline.entry(entry["id"])["media"] == entry["media"]
    amended = timeline.amend(entry["id"], media=[media["id"]])
    assert (amended["revision"], amended["media"]) == (2, [media])
    shown = [event["entry"]["media"][0] for event in timeline.journal() if "entry" in event]
    assert ["graphic" in each for each in shown] == [False, True]
    timeline.retract(entry["id"])
    assert all(not event["entry"]["media"] for event in timeline.journal() if "entry" in event)


def test_pages_cover_it_with_its_words(timeline: Timeline, media: Json):
    """Pages and embed have it in a closed `<details>`; the lite page links to it."""
    entry = timeline.publish("At the hospital", media=[media["id"]])
    page = f"/coverages/{timeline.slug}"
    for address in (page, f"{page}/entries/{entry['id']}", f"{page}/embed"):
        cover = parse(timeline.newsroom.reader.get(address).text).one("details")
        assert "open" not in cover.attributes
        words = cover.one("summary")
        assert words.text == f"Graphic picture {ALT}"
        assert not words.all("img")
        assert cover.one("img").attributes["loading"] == "lazy"
    lite = parse(timeline.newsroom.reader.get(page, params={"lite": "true"}).text)
    assert "Graphic picture" in [link.text.strip() for link in lite.all("a")]
    assert not lite.all("img")


def test_no_other_program_shows_it_unasked(timeline: Timeline, media: Json):
    """Feeds link to it in words; enclosures, structured data and sharing cards leave it out.

    A picture that is not graphic takes its place in sharing cards.
    """
    other = sent(timeline.newsroom.editor, encoded(picture(320, 240)), alt="The hospital")
    entry = timeline.publish("At the hospital", media=[media["id"], other["id"]])
    reader, page = timeline.newsroom.reader, f"/coverages/{timeline.slug}"
    own = {reader.base_url.join(address).raw_path for address in addresses(media)}

    def names(text: str) -> bool:
        return any(path.decode() in text for path in own)

    atom = ET.fromstring(reader.get(f"{page}/feed.atom").text)
    (item,) = reader.get(f"{page}/feed.json").json()["items"]
    enclosures = [link.get("href", "") for link in atom.iter(f"{_ATOM}link")]
    enclosures += [each["url"] for each in item["attachments"]]
    assert not any(map(names, [*enclosures, item["image"]]))
    assert item["image"].endswith(other["url"].rpartition("/")[2])
    for content in (item["content_html"], atom.findtext(f"{_ATOM}entry/{_ATOM}content") or ""):
        document = parse(content)
        assert [image.attributes["alt"] for image in document.all("img")] == ["The hospital"]
        link = next(link for link in document.all("a") if names(link.attributes["href"] or ""))
        assert link.text == f"Graphic picture: {ALT}"
    markup = reader.get(f"{page}/entries/{entry['id']}").text
    (data,) = re.findall(
        r'<script type="application/ld\+json"[^>]*>(.*?)</script>', markup, re.DOTALL
    )
    assert not names(json.dumps(json.loads(data)))
    cards = [tag for tag in re.findall(r"<meta[^>]*>", markup) if "og:image" in tag]
    assert cards
    assert not any(map(names, cards))


def test_search_engines_are_told_of_no_graphic_video(timeline: Timeline):
    """A graphic video of another site is covered, and is not in the structured data."""
    embed = {"url": "https://www.youtube.com/watch?v=S9HdPi9Ikhk", "alt": ALT, "graphic": True}
    media = timeline.newsroom.editor.post("/v1/media", json=embed).raise_for_status().json()
    timeline.publish("At the hospital", media=[media["id"]])
    markup = timeline.newsroom.reader.get(f"/coverages/{timeline.slug}").text
    assert "VideoObject" not in markup
    assert parse(markup).one("details").one("summary").text == f"Graphic content {ALT}"


def test_it_cannot_be_the_lead_image(timeline: Timeline, media: Json):
    """A graphic lead image is refused, for a new coverage and for a change."""
    chief, before = timeline.newsroom.chief, timeline.read()
    form = {"slug": new_slug(), "title": "A test", "lead_image": media["id"]}
    for refused in (
        chief.post("/v1/coverages", json=form),
        chief.patch(timeline.path, json={"lead_image": media["id"]}),
    ):
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/lead_image"]
    assert timeline.read() == before
    assert chief.get(f"/v1/coverages/{form['slug']}").status_code == 404
