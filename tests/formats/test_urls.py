"""Absolute URLs for content that is shown on other sites."""

from dataclasses import replace

import pytest

from app.formats.urls import complete_address, complete_entry, complete_media
from app.timeline.entry import Body
from tests.formats.parsed import parse
from tests.formats.samples import ENTRY, PICTURE

BASE = "https://news.example"


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("/media/p1.jpg", "https://news.example/media/p1.jpg"),
        ("//cdn.example/p1.jpg", "https://cdn.example/p1.jpg"),
        ("https://cdn.example/p1.jpg", "https://cdn.example/p1.jpg"),
        ("http://[", "http://["),
    ],
)
def test_an_address_gets_its_host(url, whole):
    """A URL without a host gets the site's; an invalid URL stays unchanged."""
    assert complete_address(url, BASE) == whole


def test_every_size_of_a_picture_gets_its_host():
    """The URLs of a picture and all its renditions become absolute."""
    media = complete_media(PICTURE, BASE)
    addresses = [media.url, *(rendition.url for rendition in media.renditions)]
    assert all(address.startswith("https://news.example/media/p1") for address in addresses)
    assert len(media.renditions) == len(PICTURE.renditions)


def test_links_and_pictures_in_a_body_lead_where_they_lead_on_the_page():
    """Links, fragments, images and citations in a body become absolute; the rest stays."""
    body = (
        '<p><a href="/a">a</a><a href="#b">b</a><a href="https://x.example/">c</a>'
        '<a href="mailto:d@x.example">d</a></p><img src="../e.png" alt="e">'
        '<blockquote cite="/f"><p>f</p></blockquote><pre>\n\n g</pre>'
    )
    entry = complete_entry(replace(ENTRY, body=Body(body)), BASE)
    whole = parse(entry.body.html)
    assert {link.text: link.attributes["href"] for link in whole.all("a")} == {
        "a": "https://news.example/a",
        "b": "https://news.example/coverages/apollo-11#b",
        "c": "https://x.example/",
        "d": "mailto:d@x.example",
    }
    assert whole.one("img").attributes["src"] == "https://news.example/e.png"
    assert whole.one("blockquote").attributes["cite"] == "https://news.example/f"
    assert whole.one("pre").raw_text == "\n\n g"


def test_an_entry_without_a_body_stays_without():
    """An entry without a body is left without one."""
    assert complete_entry(replace(ENTRY, body=None), BASE).body is None
