"""Cards of embeds: what is read of the oEmbed responses of other sites."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.embeds.sites import SITES, EmbedSites
from app.intake.embed_card import Description, read_description
from app.timeline.entry import Card

_SITES = EmbedSites(SITES)
_POST = "https://x.com/Interior/status/463440424141459456"
_VIDEO = "https://www.youtube.com/watch?v=S9HdPi9Ikhk"
_QUOTE = (
    '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Sunsets don&#39;t get much better'
    ' than this one over <a href="https://twitter.com/x">@Parks</a>.<br>#nature<script>alert(1)'
    "</script></p>&mdash; US Department of the Interior (@Interior) <a href='https://twitter.com/'>"
    "May 5, 2014</a></blockquote>\n"
)


def _read(address: str, **members: Any) -> Description:
    embed = _SITES.find(address)
    assert embed
    return read_description(json.dumps(members).encode(), embed)


def test_a_post_is_quoted_with_its_author_and_day() -> None:
    """The words of a post come from the quotation in the HTML, as plain text without markup."""
    author = {"author_name": "US Department", "author_url": "https://twitter.com/Interior"}
    description = _read(_POST, html=_QUOTE, title="not this", **author)
    text = "Sunsets don't get much better than this one over @Parks. #nature"
    assert description == Description(
        Card("X", "US Department (@Interior)", text, date(2014, 5, 5)), None
    )


def test_a_video_has_its_title_and_picture() -> None:
    """A video has its title as text, and the address of its still picture."""
    still = "https://i.ytimg.com/vi/S9HdPi9Ikhk/hqdefault.jpg"
    members = {"title": "A step", "author_name": "NASA", "thumbnail_url": still, "html": _QUOTE}
    assert _read(_VIDEO, **members) == Description(Card("YouTube", "NASA", "A step"), still)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"author_name": "\u202e \u200b", "title": ["a"], "thumbnail_url": "http://a.example/a.jpg"},
        {"author_name": None, "title": 7, "thumbnail_url": {"a": "b"}},
    ],
)
def test_what_cannot_be_seen_is_no_card(members: dict[str, Any]) -> None:
    """Without a visible word there is no card, and a picture without https is none."""
    assert _read(_VIDEO, **members) == Description(None, None)


@pytest.mark.parametrize("name", ["author_name", "author_url", "title", "html", "thumbnail_url"])
def test_nested_members_are_none(name: str) -> None:
    """A list in place of a text counts as missing, however deep."""
    for address in (_POST, _VIDEO):
        embed = _SITES.find(address)
        assert embed
        response = f'{{"{name}": {"[" * 1000}{"]" * 1000}}}'
        assert read_description(response.encode(), embed) == Description(None, None)


def test_long_words_are_cut_and_directions_end_with_the_card() -> None:
    """Texts are cut, and characters that change the direction of other texts are removed."""
    card = _read(_VIDEO, title="\u202eword\x00\n" * 400, author_name="a" * 500).card
    assert card
    assert (len(card.author), card.text[:10], card.text[-1]) == (100, "word word ", "…")
    assert len(card.text) <= 600
    assert not set(card.text) & set("\u202e\x00\n")


@pytest.mark.parametrize("response", [b"", b"[]", b"null", b'"a"', b"<html>", b"[" * 200_000])
def test_another_response_is_an_error(response: bytes) -> None:
    """A response that is no JSON object is refused."""
    embed = _SITES.find(_VIDEO)
    assert embed
    with pytest.raises(ValueError, match=r"."):
        read_description(response, embed)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
_HTML = st.lists(st.sampled_from(["<p", ">", "</p>", "<b>", "&lt;", "May 5, 2014", "&", "x "]))


@given(st.dictionaries(st.sampled_from(["author_name", "author_url", "title", "html"]), _JSON))
def test_any_object_is_a_card_or_none(members: dict[str, Any]) -> None:
    """No JSON object causes another error than a refusal."""
    for address in (_POST, _VIDEO):
        _read(address, **members)


@given(_HTML.map("".join))
def test_any_quotation_is_text(html: str) -> None:
    """Whatever HTML is sent, a card has text without tags."""
    card = _read(_POST, html=html, author_name="Ada").card
    assert card
    assert "<b>" not in card.text
