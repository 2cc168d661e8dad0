"""Which content of other sites a page may embed, and the URLs that their frames load."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.embeds.address import host_of
from app.formats.embeds.sites import SITES, EmbedSites, UnknownSite, is_video
from tests.formats.samples import EMBED, PICTURE

NAMED = EmbedSites(["youtube", "vimeo", "dailymotion", "peertube:video.example"])
ALL = EmbedSites([*SITES, "mastodon:posts.example"])
_YOUTUBE = ("YouTube", "https://www.youtube.com/watch?v=S9HdPi9Ikhk")
_VIMEO = ("Vimeo", "https://vimeo.com/76979871")
_DAILYMOTION = ("Dailymotion", "https://www.dailymotion.com/video/x8abcde")
_PEERTUBE = ("video.example", "https://video.example/w/kkGMgK9ZtnKfYAgnEtQxbv")
_SOUNDCLOUD = ("SoundCloud", "https://soundcloud.com/forss/flickermood")
_X = ("X", "https://x.com/Interior/status/463440424141459456")
_TELEGRAM = ("Telegram", "https://t.me/telegram/83")
_INSTAGRAM = ("Instagram", "https://www.instagram.com/p/CxYz_12-ab/")
_TIKTOK = ("TikTok", "https://www.tiktok.com/@scout2015/video/6718335390845095173")
_BLUESKY = ("Bluesky", "https://bsky.app/profile/bsky.app/post/3kpt7ivx3kc2v")
_MASTODON = ("social.example", "https://social.example/@Gargron/100254678717223630")
_FACEBOOK = "https://www.facebook.com"
_KNOWN = {
    "https://www.youtube.com/watch?v=S9HdPi9Ikhk": _YOUTUBE,
    "http://m.youtube.com/watch?app=desktop&v=S9HdPi9Ikhk&list=x": _YOUTUBE,
    "https://youtu.be/S9HdPi9Ikhk?si=abc": _YOUTUBE,
    "https://www.YouTube.com/shorts/S9HdPi9Ikhk": _YOUTUBE,
    "https://youtube.com/live/S9HdPi9Ikhk/": _YOUTUBE,
    "https://www.youtube-nocookie.com/embed/S9HdPi9Ikhk": _YOUTUBE,
    "https://youtu.be/S9HdPi9Ikhk?t=1m30s": ("YouTube", f"{_YOUTUBE[1]}&t=90s"),
    "https://vimeo.com/76979871": _VIMEO,
    "https://vimeo.com/channels/staffpicks/76979871": _VIMEO,
    "https://player.vimeo.com/video/76979871?badge=0": _VIMEO,
    "https://vimeo.com/76979871/8272103f6e": ("Vimeo", f"{_VIMEO[1]}/8272103f6e"),
    "https://www.dailymotion.com/video/x8abcde_a-title": _DAILYMOTION,
    "https://dai.ly/x8abcde": _DAILYMOTION,
    "https://geo.dailymotion.com/player.html?video=x8abcde": _DAILYMOTION,
    "https://video.example/w/kkGMgK9ZtnKfYAgnEtQxbv": _PEERTUBE,
    "https://video.example/videos/watch/kkGMgK9ZtnKfYAgnEtQxbv": _PEERTUBE,
    "https://m.soundcloud.com/forss/flickermood?in=forss/sets/soulhack": _SOUNDCLOUD,
    "https://soundcloud.com/forss/sets/soulhack": (
        "SoundCloud",
        "https://soundcloud.com/forss/sets/soulhack",
    ),
    "https://twitter.com/Interior/status/463440424141459456?s=20": _X,
    "https://mobile.x.com/Interior/statuses/463440424141459456/photo/1": _X,
    "https://x.com/i/web/status/463440424141459456": (
        "X",
        "https://x.com/i/status/463440424141459456",
    ),
    "https://t.me/s/telegram/83": _TELEGRAM,
    "https://telegram.me/telegram/83?single": _TELEGRAM,
    "https://www.facebook.com/nasa/posts/pfbid02Ab/?ref=x": (
        "Facebook",
        f"{_FACEBOOK}/nasa/posts/pfbid02Ab",
    ),
    "https://m.facebook.com/watch/?v=10153231379946729": (
        "Facebook",
        f"{_FACEBOOK}/watch?v=10153231379946729",
    ),
    "https://www.facebook.com/permalink.php?id=12345&story_fbid=678": (
        "Facebook",
        f"{_FACEBOOK}/permalink.php?story_fbid=678&id=12345",
    ),
    "https://www.instagram.com/nasa/reel/CxYz_12-ab/?utm_source=x": _INSTAGRAM,
    "https://www.tiktok.com/@scout2015/video/6718335390845095173?lang=en": _TIKTOK,
    "https://bsky.app/profile/bsky.app/post/3kpt7ivx3kc2v": _BLUESKY,
    "https://social.example/@Gargron/100254678717223630": _MASTODON,
    "https://social.example/users/Gargron/statuses/100254678717223630": _MASTODON,
    "https://tube.example/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d": (
        "tube.example",
        "https://tube.example/w/9c9de5e8-0a1e-484a-b099-e80766180a6d",
    ),
    "http://www.court.example/judgment.PDF?download=1": (
        "court.example",
        "https://court.example/judgment.PDF?download=1",
    ),
}
_UNKNOWN = [
    "",
    "S9HdPi9Ikhk",
    "//www.youtube.com/watch?v=S9HdPi9Ikhk",
    "javascript://www.youtube.com/watch?v=S9HdPi9Ikhk",
    "ftp://www.youtube.com/watch?v=S9HdPi9Ikhk",
    "https://www.youtube.com.evil.example/watch?v=S9HdPi9Ikhk",
    "https://evil.example/https://www.youtube.com/watch?v=S9HdPi9Ikhk",
    "https://evilyoutube.com/watch?v=S9HdPi9Ikhk",
    "https://www.youtube.com@evil.example/watch?v=S9HdPi9Ikhk",
    "https://user@www.youtube.com/watch?v=S9HdPi9Ikhk",
    "https://www.youtube.com:8443/watch?v=S9HdPi9Ikhk",
    "https://www.youtube.com\\@evil.example/watch?v=S9HdPi9Ikhk",
    "https://www.youtube.com/watch?v=S9HdPi9Ikh",
    "https://www.youtube.com/watch?v=S9HdPi9Ikh%22",
    "https://www.youtube.com/watch?v=S9HdPi9Ikhk\n",
    "https://www.youtube.com/watch?v=S9HdPi9Ikh<",
    "https://www.youtube.com/watch",
    "https://www.youtube.com/@nasa",
    "https://www.youtube.com/playlist?list=PL1",
    "https://www.youtube.com/embed/videoseries",
    "https://www.youtube.com/embed/S9HdPi9Ikhk/more",
    "https://[www.youtube.com/watch?v=S9HdPi9Ikhk",
    "https://vimeo.com/staffpicks",
    "https://vimeo.com/12345678901234",
    "https://www.dailymotion.com/x8abcde",
    "https://other.example/w/an-article-of-a-paper",
    "https://www.youtube.com/watch?v=S9HdPi9Ikhk&" + "x" * 3000,
    "https://www.youtube.com/watch?" + "a=1&" * 500 + "v=",
    "https://soundcloud.com/discover/sets",
    "https://soundcloud.com/forss",
    "https://x.com/Interior",
    "https://x.com/Interior/status/463440424141459456/analytics",
    "https://t.me/telegram",
    "https://t.me/c/1234567890/83",
    "https://www.facebook.com/nasa",
    "https://www.facebook.com/watch/?v=%22",
    "https://www.instagram.com/nasa/",
    "https://vm.tiktok.com/ZM8abcdef/",
    "https://bsky.app/profile/bsky.app",
    "https://social.example/@Gargron",
    "https://127.0.0.1/@Gargron/100254678717223630",
    "https://localhost/@Gargron/100254678717223630",
    "https://social.example:8443/@Gargron/100254678717223630",
    "https://court.example/judgment.pdf.html",
    "https://192.168.0.1/judgment.pdf",
]


@pytest.mark.parametrize(("address", "known"), _KNOWN.items())
def test_content_is_known_by_any_address_of_its_site(address: str, known: tuple[str, str]) -> None:
    """Content is recognised by any URL of its site and has one canonical page URL."""
    sites = NAMED if "video.example" in address else ALL
    embed = sites.find(address)
    assert embed
    assert (embed.site, embed.page) == known
    assert sites.find(embed.page) == embed


@pytest.mark.parametrize("address", _UNKNOWN)
def test_what_only_looks_like_content_is_none(address: str) -> None:
    """URLs of other pages, sites, ports and schemes and with invalid ids are not recognised."""
    assert ALL.find(address) is None
    assert NAMED.find(address) is None


def test_a_player_sets_no_cookies_where_the_site_lets_us_choose() -> None:
    """YouTube's player uses the no-cookie host; those of Vimeo and X are told not to track."""
    youtube, vimeo, post = (ALL.find(address) for _, address in (_YOUTUBE, _VIMEO, _X))
    assert youtube
    assert youtube.frame == "https://www.youtube-nocookie.com/embed/S9HdPi9Ikhk?autoplay=1"
    assert vimeo
    assert parse_qs(urlsplit(vimeo.frame or "").query)["dnt"] == ["1"]
    assert post
    assert parse_qs(urlsplit(post.frame or "").query)["dnt"] == ["true"]


def test_a_site_that_is_not_allowed_is_unknown() -> None:
    """Only content of configured sites is recognised; without configuration there is no site."""
    sites = EmbedSites(["vimeo"])
    assert sites.find(_YOUTUBE[1]) is None
    assert sites.find(_VIMEO[1])
    assert sites.origins == ("https://player.vimeo.com",)
    assert EmbedSites().find(_VIMEO[1]) is None


def test_only_a_named_instance_has_a_frame() -> None:
    """A Mastodon or PeerTube instance that no setting names has a card and no frame."""
    unnamed = ALL.find(_MASTODON[1])
    assert unnamed
    assert (unnamed.frame, urlsplit(unnamed.oembed or "").netloc) == (None, "social.example")
    named = ALL.find("https://posts.example/@ada/100254678717223630")
    assert named
    assert named.frame == "https://posts.example/@ada/100254678717223630/embed"
    assert ALL.origins.count("https://posts.example") == 1


@pytest.mark.parametrize("name", ["", "Youtube", "peertube:", "mastodon:a b", "x:x.com", "x;y"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """An unknown site name is refused before it reaches the Content-Security-Policy."""
    with pytest.raises(UnknownSite, match="youtube, vimeo, dailymotion"):
        EmbedSites([name])


def test_posts_are_no_videos() -> None:
    """Structured data names videos; a post, a recording and a document are none."""
    videos, others = (
        [replace(EMBED, url=url) for url in urls]
        for urls in (
            (_YOUTUBE[1], _PEERTUBE[1]),
            (_X[1], _SOUNDCLOUD[1], "https://court.example/a.pdf"),
        )
    )
    assert all(map(is_video, [*videos, replace(PICTURE, kind="video")]))
    assert not any(map(is_video, [*others, PICTURE]))


@given(st.text(), st.sampled_from([address for _, address in _KNOWN.values()]))
def test_whatever_is_sent_is_content_or_none(text: str, page: str) -> None:
    """A frame loads only from allowed origins, and no URL can end an attribute."""
    for address in (text, f"{page}{text}", f"{page.rpartition('/')[0]}/{text}"):
        host_of(address)
        embed = ALL.find(address)
        if embed:
            urls = [url for url in (embed.page, embed.frame, embed.oembed) if url]
            assert not set("".join(urls)) & set("\"'<> \\\n")
            if embed.frame:
                assert embed.frame.startswith(tuple(f"{origin}/" for origin in ALL.origins))
