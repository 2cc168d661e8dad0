"""Which videos of other sites a page may embed, and the URLs that their players load."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.video_embeds import Players, UnknownSite, host_of

ALL = Players(["youtube", "vimeo", "dailymotion", "peertube:video.example"])
_YOUTUBE = ("YouTube", "https://www.youtube.com/watch?v=S9HdPi9Ikhk")
_VIMEO = ("Vimeo", "https://vimeo.com/76979871")
_DAILYMOTION = ("Dailymotion", "https://www.dailymotion.com/video/x8abcde")
_PEERTUBE = ("video.example", "https://video.example/w/kkGMgK9ZtnKfYAgnEtQxbv")
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
    "https://other.example/w/kkGMgK9ZtnKfYAgnEtQxbv",
    "https://www.youtube.com/watch?v=S9HdPi9Ikhk&" + "x" * 3000,
    "https://www.youtube.com/watch?" + "a=1&" * 500 + "v=",
]


@pytest.mark.parametrize(("address", "known"), _KNOWN.items())
def test_a_video_is_known_by_any_address_of_its_site(address: str, known: tuple[str, str]) -> None:
    """A video is recognised by any URL of its site and has one canonical page URL."""
    player = ALL.find(address)
    assert player
    assert (player.site, player.page) == known
    assert ALL.find(player.page) == player


@pytest.mark.parametrize("address", _UNKNOWN)
def test_what_only_looks_like_one_is_none(address: str) -> None:
    """URLs of other sites or schemes and with invalid ids are not recognised."""
    assert ALL.find(address) is None


def test_a_player_sets_no_cookies_where_the_site_lets_us_choose() -> None:
    """YouTube's player uses the no-cookie host and Vimeo's has `dnt=1`."""
    youtube, vimeo = (ALL.find(address) for _, address in (_YOUTUBE, _VIMEO))
    assert youtube
    assert vimeo
    assert youtube.frame == "https://www.youtube-nocookie.com/embed/S9HdPi9Ikhk?autoplay=1"
    assert parse_qs(urlsplit(vimeo.frame).query)["dnt"] == ["1"]


def test_a_site_that_is_not_allowed_has_no_player() -> None:
    """Only videos of configured sites have a player; by default no site is configured."""
    players = Players(["vimeo"])
    assert players.find(_YOUTUBE[1]) is None
    assert players.find(_VIMEO[1])
    assert players.origins == ("https://player.vimeo.com",)
    assert Players().find(_VIMEO[1]) is None


@pytest.mark.parametrize("name", ["", "Youtube", "peertube", "peertube:", "peertube:a b", "x;y"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """An unknown site name is refused before it reaches the Content-Security-Policy."""
    with pytest.raises(UnknownSite, match="youtube, vimeo, dailymotion"):
        Players([name])


@given(st.text())
def test_whatever_is_sent_is_a_video_or_none(text: str) -> None:
    """A player loads only from allowed origins, and its URLs cannot end an attribute."""
    for address in (text, f"https://www.youtube.com/{text}", f"https://vimeo.com/{text}"):
        host_of(address)
        player = ALL.find(address)
        if player:
            assert player.frame.startswith(tuple(f"{origin}/" for origin in ALL.origins))
            assert not set(player.frame + player.page) & set("\"'<> \\\n")
