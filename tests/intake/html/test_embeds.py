"""The URL of an embedded frame becomes the URL of the page that it shows."""

import pytest

from app.intake.html.embeds import original_address, post_address, readable_address, web_address


@pytest.mark.parametrize(
    ("frame", "page"),
    [
        ("https://www.youtube.com/embed/a-B_1?rel=0", "https://www.youtube.com/watch?v=a-B_1"),
        ("//www.youtube-nocookie.com/embed/a?start=70", "https://www.youtube.com/watch?v=a&t=70s"),
        (
            "https://www.youtube.com/embed/videoseries?list=L1",
            "https://www.youtube.com/playlist?list=L1",
        ),
        ("https://player.vimeo.com/video/7?h=x", "https://vimeo.com/7"),
        ("https://www.dailymotion.com/embed/video/x7", "https://www.dailymotion.com/video/x7"),
        ("https://open.spotify.com/embed/track/x7", "https://open.spotify.com/track/x7"),
        ("https://www.instagram.com/p/x7/embed/captioned", "https://www.instagram.com/p/x7/"),
        (
            "https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fa%2F1",
            "https://www.facebook.com/a/1",
        ),
        (
            "//cdn.embedly.com/widgets/media.html?src=x&url=https%3A%2F%2Fv.example%2F1&key=k",
            "https://v.example/1",
        ),
        ("https://maps.example/embed?q=1", "https://maps.example/embed?q=1"),
        ("/relative", ""),
        ("javascript:alert(1)", ""),
        ("https://[x", ""),
    ],
)
def test_a_frame_leads_to_the_page_that_it_shows(frame: str, page: str) -> None:
    """A frame of a known site becomes its page; any other web URL stays.

    A text that is not a web URL gives the empty string.
    """
    assert original_address(frame) == page


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" HTTPS://A.example/B ", "https://A.example/B"),
        ("//a.example", "https://a.example"),
        ("http://a.example/x y", ""),
        ("https://", ""),
        ("mailto:a@b.example", ""),
    ],
)
def test_only_a_web_address_is_one(text: str, address: str) -> None:
    """A web URL is absolute, with its scheme in lower case; any other text gives none."""
    assert web_address(text) == address


def test_a_post_is_told_without_who_sent_the_reader() -> None:
    """The query of a post's URL is removed, and the query of other URLs is kept."""
    assert (
        post_address("https://t.example/ada/status/1?ref_src=x") == "https://t.example/ada/status/1"
    )
    assert post_address("https://t.example/search?q=x") == "https://t.example/search?q=x"


def test_an_address_reads_without_its_scheme() -> None:
    """The readable form of a URL has no scheme, no `www.` and no trailing slash."""
    assert readable_address("https://www.a.example/b/") == "a.example/b"
    assert readable_address("mailto:a@b.example") == "a@b.example"
