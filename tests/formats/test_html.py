"""The HTML of entries, coverage heads and events."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, UndefinedError

from app.formats.bidi import isolate
from app.formats.embeds.sites import EmbedSites
from app.formats.html import HtmlRenderer
from app.formats.languages import text_direction
from app.formats.links import is_web_address
from app.formats.pictures import source_sets
from app.timeline.coverage import Related
from app.timeline.cursor import Cursor
from app.timeline.entry import Body, Byline, Card, Note, Place, Rendition, tombstone
from app.timeline.event import Event
from tests.formats.parsed import parse
from tests.formats.samples import AT, COVERAGE, EMBED, ENTRY, PICTURE

RENDERER = HtmlRenderer()
words = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30
).map(lambda text: " ".join(text.split()) or "x")


def _rendered(**changes):
    return parse(RENDERER.entry(replace(ENTRY, **changes))).one("article")


def test_an_entry_names_itself_and_its_place_in_the_journal():
    """The article carries the entry's id, seq and revision for the reader's script."""
    article = _rendered(revision=3)
    assert article.attributes["id"] == "entry-landed"
    assert article.attributes["data-entry"] == "landed"
    assert article.attributes["data-seq"] == "7"
    assert article.attributes["data-revision"] == "3"


def test_the_time_is_the_permalink_and_names_its_zone():
    """The permalink contains the time with its zone, its ISO form and its full form."""
    link = _rendered().one("a", "permalink")
    time = link.one("time")
    assert link.attributes["href"] == "/coverages/apollo-11/entries/landed"
    assert time.attributes["datetime"] == "1969-07-20T20:17:40.000Z"
    assert time.attributes["title"] == "Sunday, 20 July 1969, 20:17:40 UTC"
    assert time.one(cls="clock").text == "20:17 UTC"


def test_nothing_of_a_graphic_video_is_loaded_unasked():
    """A covered video has no still picture, and no part of it is loaded before it plays."""
    video = replace(PICTURE, kind="video", url="/media/v.mp4")
    assert "poster" in _rendered(media=(video,)).one("video").attributes
    cover = _rendered(media=(replace(video, graphic=True),)).one("details")
    assert cover.one("summary").text == "Graphic video A man on a ladder"
    player = cover.one("video")
    assert player.attributes["preload"] == "none"
    assert "poster" not in player.attributes


@given(words)
def test_what_was_typed_is_shown_as_typed(text):
    """Plain text that resembles markup is escaped in every field."""
    media = replace(PICTURE, alt=text, caption=text, credit=text)
    article = _rendered(
        headline=text,
        key_event=True,
        bylines=(Byline(text),),
        place=Place(text),
        tags=(text,),
        media=(media,),
        correction=Note(text, AT),
    )
    assert article.one("h3").text == text
    assert article.attributes["data-title"] == isolate(text)
    assert article.one(cls="byline").text == isolate(text)
    assert article.one(cls="place").text == text
    assert article.one("a", rel="tag").text == text
    assert article.one(cls="correction").text.endswith(text)
    assert article.one("img").attributes["alt"] == text
    assert article.one(cls="credit").text == text


def test_a_body_is_shown_as_it_was_stored():
    """A stored body is not escaped or changed; its blocks get a direction."""
    shown = ENTRY.body.html.replace("<p>", '<p dir="auto">')
    assert shown in RENDERER.entry(ENTRY)


def test_who_said_it_stands_apart_from_what_was_said():
    """The last line of a quotation is its attribution if it has a leading dash or `<cite>`."""
    markup = "<blockquote><p>One step</p>\n<p>{}</p>\n</blockquote><p>— no source</p>"
    for source in ("— Neil Armstrong", "<cite>Neil Armstrong</cite>, on the ladder"):
        article = _rendered(kind="quote", body=Body(markup.format(source)))
        assert "Neil" in article.one("p", "attribution").text
    assert not _rendered(body=Body(markup.format("and on"))).all("p", "attribution")


@pytest.mark.parametrize(
    ("changes", "marks"),
    [
        ({}, ""),
        ({"kind": "quote"}, "Quote"),
        ({"kind": "roundup", "key_event": True}, "Key event Round-up"),
        ({"kind": "media"}, "Pictures"),
        ({"kind": "media", "media": (replace(PICTURE, kind="video"),)}, "Video"),
        ({"key_event": True}, "Key event"),
    ],
)
def test_an_entry_says_of_what_kind_it_is(changes, marks):
    """Key events, quotes, round-ups, pictures and videos are labelled; an update is not."""
    labels = _rendered(**changes).all(cls="marks")
    assert " ".join(mark.text for mark in labels) == marks


def test_updated_is_said_only_of_what_was_edited():
    """An entry shows when its content was edited, and not when it was revised without that."""
    edited, later = AT + timedelta(minutes=23), AT + timedelta(minutes=40)
    assert "Updated" not in RENDERER.entry(replace(ENTRY, updated_at=later, revision=2))
    article = _rendered(edited_at=edited, updated_at=later, revision=3)
    assert article.one(cls="updated").text == "Updated 20:40 UTC"


def test_another_day_is_named():
    """An update time on another day than the publication includes the date."""
    later = AT + timedelta(days=1)
    article = _rendered(edited_at=later)
    assert article.one(cls="updated").text == "Updated 21 July 1969, 20:17 UTC"


def test_a_correction_is_told_in_its_place():
    """A correction shows its time and its note."""
    note = Note("The velocity was 760 feet per second.", AT + timedelta(minutes=1))
    correction = _rendered(revision=2, correction=note).one(cls="correction")
    assert correction.text == "Correction, 20:18 UTC: The velocity was 760 feet per second."


def test_a_tombstone_has_the_note_and_none_of_the_words():
    """A tombstone shows its id, time and note, and none of the old content."""
    entry = replace(ENTRY, key_event=True, correction=Note("Corrected", AT), happened_at=AT)
    retracted = tombstone(entry, Note("We were wrong.", AT + timedelta(minutes=2)))
    markup = RENDERER.entry(retracted)
    article = parse(markup).one("article")
    assert article.attributes["id"] == "entry-landed"
    assert article.text == "20 July 1969 20:17 UTC Retracted, 20:19 UTC: We were wrong."
    for word in ("Eagle", "Moon", "Ada", "descent", "Tranquility", "NASA", "img", "Corrected"):
        assert word not in markup


def test_when_it_happened_is_told_only_where_it_differs():
    """`happened_at` is shown only if it differs from the publication by more than seconds."""
    assert not _rendered(happened_at=AT - timedelta(seconds=40)).all(cls="happened")
    happened = _rendered(happened_at=AT - timedelta(hours=21)).one(cls="happened")
    assert happened.text == "Happened 19 July 1969, 23:17 UTC"


def test_a_picture_keeps_its_room_while_it_loads():
    """A picture has width and height if both are known, so that the layout does not shift."""
    image = _rendered().one("img").attributes
    assert (image["width"], image["height"], image["loading"]) == ("1600", "1200", "lazy")
    unknown = _rendered(media=(replace(PICTURE, width=None),)).one("img").attributes
    assert "width" not in unknown
    assert "height" not in unknown


def test_a_picture_comes_with_caption_credit_and_alternative():
    """A picture has its alternative text, and a figcaption with caption and credit."""
    figure = _rendered().one("figure")
    assert figure.one("img").attributes["alt"] == "A man on a ladder"
    assert figure.one("figcaption").text == "The last step NASA"


def test_newer_types_are_offered_to_browsers_that_know_them():
    """AVIF renditions are in a `<source>`, and the `<img>` has widely supported types."""
    article = _rendered()
    assert article.one("source").attributes["type"] == "image/avif"
    assert article.one("source").attributes["srcset"] == "/media/p1-800.avif 800w"
    plain = "/media/p1-800.jpg 800w, /media/p1-1600.jpg 1600w"
    assert article.one("img").attributes["srcset"] == plain


def test_an_address_cannot_end_early_in_a_srcset():
    """Spaces and commas in a URL are escaped in `srcset`, where they are separators."""
    rendition = Rendition("/a b,c.png", 10, 10, "image/png")
    assert source_sets(replace(PICTURE, renditions=(rendition,))) == {"": "/a%20b%2Cc.png 10w"}


def test_a_video_can_be_played_and_has_a_name():
    """A video has controls, an accessible name, and the size that reserves its space."""
    video = _rendered(media=(replace(PICTURE, kind="video", renditions=()),)).one("video")
    assert "controls" in video.attributes
    assert video.attributes["aria-label"] == "A man on a ladder"
    size = (str(PICTURE.width), str(PICTURE.height))
    assert (video.attributes["width"], video.attributes["height"]) == size


def test_a_video_shows_its_still_picture_and_waits_for_its_reader():
    """A video with a poster preloads nothing; without one it preloads metadata."""
    video = _rendered(media=(replace(PICTURE, kind="video", url="/media/v.mp4"),)).one("video")
    assert video.attributes["poster"] == "/media/p1-1600.jpg"
    assert video.attributes["preload"] == "none"
    without_poster = _rendered(media=(replace(PICTURE, kind="video", renditions=()),)).one("video")
    assert "poster" not in without_poster.attributes
    assert without_poster.attributes["preload"] == "metadata"


def test_a_video_of_another_site_is_a_link_until_it_is_pressed():
    """An embedded video is a link to its page that names the site and loads nothing."""
    renderer = HtmlRenderer(embeds=EmbedSites(["youtube"]))
    article = parse(renderer.entry(replace(ENTRY, media=(EMBED,)))).one("article")
    link = article.one(cls="player").one("a", cls="picture")
    assert link.attributes["href"] == EMBED.url
    frame = "https://www.youtube-nocookie.com/embed/S9HdPi9Ikhk?autoplay=1"
    assert link.attributes["data-player"] == frame
    assert link.text == f"{EMBED.alt} Playing it loads content from YouTube."
    assert not [tag for tag in ("iframe", "img", "video") if article.all(tag)]


def test_a_feed_reader_gets_a_link_to_a_video_of_another_site():
    """In a feed an embedded video is a plain link to its page."""
    renderer = HtmlRenderer(embeds=EmbedSites(["youtube"]))
    entry = replace(ENTRY, media=(EMBED,))
    content = parse(renderer.render("feed_entry.html", "en", entry=entry, base_url=""))
    link = content.one("figure").one("a")
    assert link.attributes == {"href": EMBED.url}
    assert link.text == f"Video: {EMBED.alt}"


def test_a_post_is_a_card_of_escaped_text():
    """A card has author, words, site and day as text, in a link to the post, and loads nothing."""
    card = Card("X", "Ada (@ada)", "1 < 2 <script>", date(2024, 7, 20))
    post = replace(EMBED, url="https://x.com/ada/status/1234", alt="", card=card)
    renderer = HtmlRenderer(embeds=EmbedSites(["x"]))
    article = parse(renderer.entry(replace(ENTRY, media=(post,)))).one("article")
    link = article.one(cls="post").one("a")
    assert link.attributes["href"] == post.url
    assert link.one("strong").text == card.author
    assert card.text in link.text
    assert link.text.endswith("X, 20 July 2024 Showing it loads content from X.")
    assert not [tag for tag in ("iframe", "img", "script") if article.all(tag)]


def test_a_video_of_a_site_that_is_not_allowed_stays_a_link():
    """A video of a site that is not allowed is a link to its page without a player."""
    link = _rendered(media=(EMBED,)).one(cls="player").one("a")
    assert link.attributes == {"href": EMBED.url}
    assert link.text == f"{EMBED.alt} youtube.com"


def test_a_tag_leads_to_what_else_has_it():
    """A tag links to the coverage filtered by it, with every special character escaped."""
    link = _rendered(tags=("a&b c/ü#",)).one("a", rel="tag")
    assert link.attributes["href"] == "/coverages/apollo-11?tag=a%26b%20c/%C3%BC%23"


def test_an_entry_without_a_headline_is_labelled_by_its_time():
    """`aria-labelledby` names the headline, or the time of an entry without one."""
    for headline, tag in (("Landed", "h3"), (None, "a")):
        article = _rendered(headline=headline)
        label = article.attributes["aria-labelledby"]
        assert article.one(id=label).tag == tag


def test_ids_do_not_meet():
    """Entries with any ids make distinct HTML ids."""
    ids = []
    for entry_id in ("a", "entry-a", "label-a", "a-label"):
        ids += re.findall(r'\sid="([^"]*)"', RENDERER.entry(replace(ENTRY, id=entry_id)))
    assert len(ids) == len(set(ids)) == 8


def test_the_pinned_copy_has_no_id():
    """The pinned copy has the entry's text, but no ids and no labels that refer to ids."""
    copy = parse(RENDERER.pinned(ENTRY))
    assert copy.text == parse(RENDERER.entry(ENTRY)).text
    assert all("id" not in e.attributes for e in copy.all())
    assert all("aria-labelledby" not in e.attributes for e in copy.all())


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("AR-EG", "rtl"),
        ("ur", "rtl"),
        ("ur-Latn", "ltr"),
        ("az-Arab-IR", "rtl"),
        ("zh-Hant-TW", "ltr"),
    ],
)
def test_a_language_runs_its_own_way(language, direction):
    """An article has the entry's language and the direction of its script."""
    assert text_direction(language) == direction
    article = _rendered(language=language)
    assert (article.attributes["lang"], article.attributes["dir"]) == (language, direction)


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://example.org/a", True),
        ("/coverages/a", True),
        ("javascript:alert(1)", False),
        (" java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://[broken", False),
        ("", False),
    ],
)
def test_a_link_leads_to_a_page_and_never_runs_a_script(url, is_link):
    """A related link is shown only if it is an HTTP or a relative URL."""
    assert is_web_address(url) is is_link
    head = parse(RENDERER.head(replace(COVERAGE, related=(Related("Day 4", url),))))
    assert len(head.all(cls="related")) == is_link


def test_the_head_tells_what_the_coverage_is():
    """The head shows title, kicker, standfirst, bylines and related links."""
    head = parse(RENDERER.head(COVERAGE)).one("header")
    assert head.one("h1").text == "Apollo 11"
    assert head.one(cls="kicker").text == "Space"
    assert head.one(cls="standfirst").text == "Two men go down."
    assert head.one(cls="byline").text == "Ada Lovelace"
    assert head.one(cls="related").one("a").attributes["href"] == "/coverages/day-4"


@pytest.mark.parametrize(
    ("status", "label"), [("live", "Live"), ("paused", "Paused"), ("closed", "Closed")]
)
def test_the_head_tells_the_state(status, label):
    """The head shows the status, and the time at which a closed coverage ended."""
    ended = AT if status == "closed" else None
    head = parse(RENDERER.head(replace(COVERAGE, status=status, ended_at=ended))).one("header")
    assert head.attributes["data-status"] == status
    assert head.one(cls="state").text == label
    assert ("ended on 20 July 1969 20:17 UTC" in head.text) == (status == "closed")


def test_an_event_brings_what_takes_the_place_of_what_it_changed():
    """An event renders as the article of its entry or as the head of its coverage."""
    cursor = Cursor("e1", 8)
    published = Event(cursor, "entry.published", "apollo-11", AT, entry=ENTRY)
    changed = Event(cursor, "coverage.changed", "apollo-11", AT, details=COVERAGE)
    assert RENDERER.event(published) == RENDERER.entry(ENTRY)
    assert RENDERER.event(changed) == RENDERER.head(COVERAGE)


def test_days_are_those_of_the_named_zone():
    """Entries are grouped by the date of the displayed time zone."""
    times = [AT, AT - timedelta(hours=20), AT - timedelta(hours=21)]
    entries = tuple(replace(ENTRY, id=f"e{n}", published_at=at) for n, at in enumerate(times))
    days = [(at.day, [e.id for e in group]) for at, group in RENDERER.by_day(entries)]
    assert days == [(20, ["e0", "e1"]), (19, ["e2"])]


def test_a_template_names_only_what_is_there(tmp_path):
    """A template that uses an undefined variable raises an error."""
    (tmp_path / "own.html").write_text("{{ enrty }}")
    with pytest.raises(UndefinedError):
        HtmlRenderer(theme=tmp_path).render("own.html", "en", entry=ENTRY)


def test_what_is_compiled_once_serves_every_language(monkeypatch: pytest.MonkeyPatch):
    """Compiled templates render every language without another compilation."""
    renderer = HtmlRenderer(packages=("app.formats", "app.reader", "app.desk"))
    renderer.compile_templates()
    monkeypatch.setattr(Environment, "_compile", None)
    for language in "en", "ru", "ar":
        assert language in renderer.entry(replace(ENTRY, language=language))


def test_a_theme_is_compiled_for_each_language(tmp_path: Path):
    """A theme's templates are compiled per language, because filters format literals then."""
    (tmp_path / "count.html").write_text("{{ 1234567 | number }}")
    (tmp_path / "a.png").write_bytes(b"\x89PNG {{")  # not a template
    renderer = HtmlRenderer(theme=tmp_path)
    renderer.compile_templates()
    assert renderer.render("count.html", "en") == "1,234,567"
    assert renderer.render("count.html", "ru") == "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567"
