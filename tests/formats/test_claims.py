"""The claims of an entry in HTML, in feeds and in structured data."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.formats.html import HtmlRenderer
from app.formats.json_ld import live_blog_posting
from app.timeline.claim import Assessment, AssessmentStatus, Claim, Source
from tests.formats.parsed import Element, parse
from tests.formats.samples import AT, COVERAGE, ENTRY
from tests.formats.test_json_ld import VALIDATOR

RENDERER = HtmlRenderer(packages=("app.reader", "app.formats"))
LATER = AT + timedelta(hours=1)
MINISTRY = Source("Ministry of Defence", "https://mod.example/1")
REPORTED = Claim("1", None, MINISTRY, "reported", None, AT)
DISPUTED = replace(
    REPORTED,
    text="The army took the village",
    status="disputed",
    note="The other side denies it.",
    at=LATER,
    history=(Assessment("reported", None, AT),),
)


def _article(*claims: Claim, **changes: Any) -> Element:
    entry = replace(ENTRY, claims=claims, updated_at=LATER, revision=2, **changes)
    return parse(RENDERER.entry(entry)).one("article")


def test_a_claim_says_who_says_so_and_that_we_have_not_confirmed_it() -> None:
    """A reported claim names its source with a link to the statement, under the headline."""
    words = _article(REPORTED).one(cls="words")
    claim = words.one(cls="claims").one("li")
    assert claim.text == "Ministry of Defence says. ○ Not confirmed by us"
    assert claim.one("a").attributes["href"] == "https://mod.example/1"
    assert words.text.index("landed") < words.text.index("says.") < words.text.index("Two men")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", None])
def test_a_source_without_a_web_address_is_no_link(url: str | None) -> None:
    """Only http and https addresses of a statement become links."""
    claim = replace(REPORTED, source=Source("A <b>", url))
    line = _article(claim).one(cls="claims")
    assert not line.all("a")
    assert line.one("bdi").text == "A <b>"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("confirmed", "✓ Confirmed by us"),
        ("disputed", "≠ Disputed"),
        ("false", "✕ False"),
        ("withdrawn", "↩ Withdrawn by the source"),
    ],
)
def test_an_assessment_is_told_in_words_with_its_time(
    status: AssessmentStatus, verdict: str
) -> None:
    """The status stands in words, with time and note; its sign is hidden from screen readers."""
    claim = _article(replace(DISPUTED, status=status)).one(cls="claims")
    line = claim.all("p")[1]
    assert line.text == f"{verdict}, 21:17 UTC: The other side denies it."
    assert line.all("span")[0].attributes["aria-hidden"] == "true"


def test_earlier_assessments_can_be_read_without_a_script() -> None:
    """The history stands in `<details>`, which a first assessment does not have."""
    details = _article(DISPUTED).one("details")
    assert details.one("li").text == "20:17 UTC ○ Not confirmed by us"
    assert not _article(REPORTED).all("details")


@pytest.mark.parametrize(
    ("claim", "is_news"),
    [
        (DISPUTED, True),
        (replace(DISPUTED, at=AT), False),  # the entry was changed otherwise since
        (replace(DISPUTED, status="confirmed"), False),
        (REPORTED, False),
    ],
)
def test_the_script_finds_what_was_called_into_question(claim: Claim, is_news: bool) -> None:
    """Only a claim that the entry's last change called into question is marked as news."""
    marked = [each for each in _article(claim).all() if "data-news" in each.attributes]
    assert bool(marked) == is_news


def test_the_names_of_a_claim_stand_isolated() -> None:
    """Source, text and note in another script do not reorder the words around them."""
    claim = replace(DISPUTED, source=Source("وزارة"), text="אבג", note="ქართული")
    line = _article(claim).one(cls="claims")
    isolated = [each.text for each in line.all("bdi")]
    assert isolated == ["وزارة", "אבג", "ქართული"]


def test_a_feed_carries_the_line() -> None:
    """The content of a feed's item has the claims in words."""
    content = RENDERER.render("feed_entry.html", "en", entry=replace(ENTRY, claims=(DISPUTED,)))
    assert "Ministry of Defence says: The army took the village" in parse(content).text
    assert "Disputed, 21:17 UTC: The other side denies it." in parse(content).text


def test_structured_data_mentions_a_claim_of_its_source() -> None:
    """Search engines get each claim with its source; nothing rates it."""
    entry = replace(ENTRY, claims=(DISPUTED, REPORTED))
    posting = live_blog_posting(COVERAGE, [entry], "https://news.example", "The Example")
    VALIDATOR.validate(posting)
    claims = posting["liveBlogUpdate"][0]["mentions"]
    assert claims[0] == {
        "@type": "Claim",
        "text": "The army took the village",
        "author": {"@type": "Organization", "name": "Ministry of Defence"},
        "appearance": {"@type": "CreativeWork", "url": "https://mod.example/1"},
        "datePublished": "1969-07-20T20:17:40.000Z",
        "creativeWorkStatus": "disputed",
    }
    assert claims[1]["text"] == "The Eagle has landed"
    assert "ClaimReview" not in str(posting)
