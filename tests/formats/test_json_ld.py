"""The JSON-LD of a coverage; each posting is validated against the schema."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.json_ld import live_blog_posting, render_structured_data
from app.timeline.edition import Edition, Outdated, Translation
from app.timeline.entry import Body, Note, Place, tombstone
from tests.formats.parsed import parse
from tests.formats.samples import AT, COVERAGE, EMBED, ENTRY, PICTURE

BASE = "https://news.example"
LATER = AT + timedelta(minutes=5)


SCHEMA = json.loads((Path(__file__).parent / "structured_data.json").read_text())
VALIDATOR = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)


def _posting(coverage=COVERAGE, entries=(ENTRY,)):
    """Return the posting, validated against what search engines require."""
    posting = live_blog_posting(coverage, entries, BASE, "The Example")
    VALIDATOR.validate(posting)
    return posting


def test_a_coverage_is_a_live_blog_posting():
    """A coverage is a LiveBlogPosting with headline, URL, times, author and image."""
    posting = _posting(replace(COVERAGE, ended_at=LATER, lead_image=PICTURE))
    assert posting["@type"] == ["NewsArticle", "LiveBlogPosting"]
    assert posting["headline"] == "Apollo 11"
    assert posting["url"] == "https://news.example/coverages/apollo-11"
    assert posting["coverageStartTime"] == "1969-07-20T20:17:40.000Z"
    assert posting["coverageEndTime"] == "1969-07-20T20:22:40.000Z"
    assert posting["author"] == [{"@type": "Person", "name": "Ada Lovelace"}]
    assert posting["image"][0]["url"] == "https://news.example/media/p1.jpg"


def test_a_newsroom_publishes_it():
    """The newsroom is the publisher, and the author of a coverage without bylines."""
    newsroom = {
        "@type": "Organization",
        "@id": f"{BASE}/#newsroom",
        "name": "The Example",
        "url": f"{BASE}/",
    }
    posting = _posting(replace(COVERAGE, bylines=()))
    assert posting["publisher"] == newsroom
    assert posting["author"] == [newsroom]
    assert posting["isPartOf"]["name"] == "The Example"


def test_an_edition_names_its_original_and_the_original_its_editions():
    """Of a planned original no edition says anything."""
    editions = (Edition("apollo-11", "en", "Apollo 11"), Edition("apollo-ru", "ru", "Аполлон"))
    original = _posting(replace(COVERAGE, editions=editions))
    (work,) = original["workTranslation"]
    assert (work["url"], work["name"]) == (f"{BASE}/coverages/apollo-ru", "Аполлон")
    assert work["inLanguage"] == "ru"
    edition = _posting(
        replace(COVERAGE, slug="apollo-ru", edition_of="apollo-11", editions=editions)
    )
    assert edition["translationOfWork"]["url"] == f"{BASE}/coverages/apollo-11"
    of_plan = _posting(replace(COVERAGE, edition_of="a-plan"))
    for posting, name in (
        (original, "translationOfWork"),
        (edition, "workTranslation"),
        (of_plan, "translationOfWork"),
    ):
        assert name not in posting


def test_a_translation_names_its_original_and_that_its_translations():
    """A translation of another entry is not named, nor is a retracted original."""
    source = Translation("apollo-11", "landed", 1, "en")
    translation = replace(
        ENTRY, id="landed-ru", coverage="apollo-ru", language="ru", translation_of=source
    )
    other = replace(translation, translation_of=replace(source, entry_id="another"))
    posting = live_blog_posting(
        COVERAGE, [ENTRY], BASE, "The Example", translations=[ENTRY, translation, other]
    )
    VALIDATOR.validate(posting)
    (work,) = posting["liveBlogUpdate"][0]["workTranslation"]
    assert work["inLanguage"] == "ru"
    (update,) = _posting(entries=[translation])["liveBlogUpdate"]
    assert update["translationOfWork"]["url"] == (
        f"{BASE}/coverages/apollo-11/entries/landed#entry-landed"
    )
    outdated = Outdated("retracted", 2, "Not so.", "en", LATER)
    marked = replace(translation, translation_of=replace(source, outdated=outdated))
    assert "translationOfWork" not in _posting(entries=[marked])["liveBlogUpdate"][0]


def test_a_place_is_told_with_where_it_is():
    """A place has its coordinates if they are known, also if they are 0."""
    somewhere = replace(ENTRY, place=Place("Null Island", 0.0, 0.0))
    location = _posting(entries=[somewhere])["liveBlogUpdate"][0]["contentLocation"]
    assert location["geo"] == {"@type": "GeoCoordinates", "latitude": 0.0, "longitude": 0.0}
    assert "geo" not in _posting()["liveBlogUpdate"][0]["contentLocation"]


def test_a_picture_is_told_with_its_size_and_its_source():
    """A picture has its size with units, its caption and its credit."""
    image = _posting()["liveBlogUpdate"][0]["image"][0]
    assert (image["width"], image["height"]) == ("1600 px", "1200 px")
    assert (image["caption"], image["creditText"]) == ("The last step", "NASA")


def test_an_entry_is_an_update_of_it():
    """An entry is a BlogPosting with headline, URL, times, text, authors and image."""
    update = _posting(entries=[replace(ENTRY, updated_at=LATER)])["liveBlogUpdate"][0]
    assert update["@type"] == "BlogPosting"
    assert update["headline"] == "The Eagle has landed"
    assert update["url"] == f"{BASE}/coverages/apollo-11/entries/landed#entry-landed"
    assert update["datePublished"] == "1969-07-20T20:17:40.000Z"
    assert update["dateModified"] == "1969-07-20T20:22:40.000Z"
    assert update["articleBody"] == "Two men are on the Moon"
    assert [a["name"] for a in update["author"]] == ["Ada Lovelace", "Grace Hopper"]
    assert update["image"][0]["creditText"] == "NASA"


def test_an_entry_without_a_headline_has_one_of_its_text():
    """An update without a headline has the start of its text as the headline."""
    update = _posting(entries=[replace(ENTRY, headline=None)])["liveBlogUpdate"][0]
    assert update["headline"].startswith("Two men are on the Moon")


def test_a_picture_without_a_word_has_the_coverages_headline():
    """An update without any text has the coverage's headline."""
    entry = replace(ENTRY, headline=None, body=None, media=(replace(PICTURE, alt="", caption=""),))
    assert _posting(entries=[entry])["liveBlogUpdate"][0]["headline"] == "Apollo 11"


def test_a_correction_is_told_to_machines_too():
    """A correction is a CorrectionComment with its note and its time."""
    corrected = replace(ENTRY, correction=Note("It was 760.", LATER))
    assert _posting(entries=[corrected])["liveBlogUpdate"][0]["correction"] == {
        "@type": "CorrectionComment",
        "text": "It was 760.",
        "datePublished": "1969-07-20T20:22:40.000Z",
    }


def test_a_tombstone_is_left_out():
    """A retracted entry is not in the posting."""
    retracted = tombstone(ENTRY, Note("We were wrong.", LATER))
    updates = _posting(entries=[retracted, replace(ENTRY, id="other")])["liveBlogUpdate"]
    assert [u["url"].rpartition("-")[2] for u in updates] == ["other"]


def test_nothing_empty_is_told():
    """Properties without a value are omitted, except the required start time."""
    bare = replace(COVERAGE, kicker=None, standfirst=None, bylines=(), starts_at=None, related=())
    posting = _posting(bare, [replace(ENTRY, body=None, bylines=(), media=(), tags=(), place=None)])
    assert not {"coverageEndTime", "image", "description"} & set(posting)
    assert not {"author", "image", "articleBody", "correction"} & set(posting["liveBlogUpdate"][0])
    assert posting["coverageStartTime"] == "1969-07-20T20:17:40.000Z"


dangerous = st.lists(
    st.sampled_from(["</script>", "<!--", "<script", "-->", "]]>", "\u2028", "\u2029", '"', "\\"])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
).map("".join)


@given(dangerous)
def test_no_text_can_leave_the_script(text):
    """No text can end the script element, and its content parses back to the posting."""
    entry = replace(ENTRY, headline=text or "x", body=Body(text or "x"))
    data = _posting(replace(COVERAGE, title=text or "x"), [entry])
    markup = str(render_structured_data(data, "n0nce"))
    script = parse(markup).one("script")
    assert script.attributes["type"] == "application/ld+json"
    assert script.attributes["nonce"] == "n0nce"
    opening = '<script type="application/ld+json" nonce="n0nce">'
    content = markup.removeprefix(opening).removesuffix("</script>")
    assert not set(content) & set("<>&\u2028\u2029")
    assert json.loads(content) == data


@pytest.mark.parametrize("url", ["https://cdn.example/a.jpg", "//cdn.example/a.jpg"])
def test_a_picture_elsewhere_keeps_its_address(url):
    """A picture URL with another host is kept and gets a scheme if it has none."""
    posting = _posting(entries=[replace(ENTRY, media=(replace(PICTURE, url=url),))])
    address = posting["liveBlogUpdate"][0]["image"][0]["url"]
    assert address == "https://cdn.example/a.jpg"


def test_a_video_is_told_with_its_file_or_its_page():
    """A stored video has its file and poster; an embedded video only has its page."""
    film = replace(PICTURE, kind="video", url="/media/v.mp4")
    own, other = _posting(entries=[replace(ENTRY, media=(film, EMBED))])["liveBlogUpdate"][0][
        "video"
    ]
    assert own["@type"] == "VideoObject"
    assert own["contentUrl"] == f"{BASE}/media/v.mp4"
    assert own["thumbnailUrl"] == f"{BASE}/media/p1-1600.jpg"
    assert own["uploadDate"] == "1969-07-20T20:17:40.000Z"
    assert (other["url"], other["name"]) == (EMBED.url, EMBED.alt)
    assert "contentUrl" not in other
