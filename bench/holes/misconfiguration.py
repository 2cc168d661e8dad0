"""Item 8: wrong settings without a warning.

The log is searched for the name of the setting that would correct the error.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import httpx

from bench.dateline import SLUG
from bench.holes.hole import Hole
from bench.holes.newsroom import Newsroom, newsroom, sign_in, yes

_PROXY = "127.0.0.1"  # trusted by default
_ELSEWHERE = {"TRUSTED_PROXIES": "192.0.2.1"}
_TLS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


def _named(room: Newsroom, setting: str) -> str:
    return yes(setting in room.log)


def _behind_tls(room: Newsroom) -> httpx.Response:
    room.join("editor", role="editor")
    with room.client(_PROXY, headers=_TLS) as browser:
        return sign_in(browser, "editor")


def _cookie(program: Path) -> str:
    with newsroom(program) as room:
        cookie = _behind_tls(room).headers.get("set-cookie", "no cookie")
        flags = [name for name in ("Secure", "__Host-") if name in cookie]
        return f"{' and '.join(flags) or 'neither'}, said: {_named(room, 'DATELINE_PUBLIC_URL')}"


def _links(program: Path) -> str:
    with newsroom(program, {"HOST": "0.0.0.0"}) as room:
        url = str(room.chief.get(f"/v1/coverages/{SLUG}").json()["url"])
        url = re.sub(r":\d+/", ":PORT/", url)
        return f"{url}, said: {_named(room, 'DATELINE_PUBLIC_URL')}"


def _guess_passwords(room: Newsroom) -> None:
    """Send twenty-five wrong passwords, each for another person."""
    with room.client(_PROXY, headers={"X-Forwarded-For": "203.0.113.66"}) as client:
        for number in range(25):
            sign_in(client, f"nobody{number}", "a wrong long password")


def _untrusted(program: Path) -> str:
    with newsroom(program, _ELSEWHERE) as room:
        room.join("editor", role="editor")
        _guess_passwords(room)
        for number in range(3):  # readers, since two clients may be a test
            with room.client(_PROXY, headers={"X-Forwarded-For": f"203.0.113.{number}"}) as reader:
                reader.get("/")
        with room.client(_PROXY, headers={"X-Forwarded-For": "203.0.113.7"}) as browser:
            status = sign_in(browser, "editor").status_code
        return f"{status}, said: {_named(room, 'DATELINE_TRUSTED_PROXIES')}"


def _forged(program: Path) -> str:
    """A client behind a proxy that forwards its header can claim any address."""
    with newsroom(program, {"STREAMS_PER_ADDRESS": "5"}) as room:
        for number in range(20):
            forged = {"X-Forwarded-For": f"198.51.100.{number}, 10.0.0.{number}"}
            with room.client(_PROXY, headers=forged) as client:
                client.get(f"/v1/coverages/{SLUG}")
        return _named(room, "X-Forwarded-For")


def _compose(program: Path, doubtful: Mapping[str, str]) -> str:
    words = (program / "docker-compose.yml").read_text()
    return ", ".join(what for what, pattern in doubtful.items() if re.search(pattern, words))


def _default_password(program: Path) -> str:
    return _compose(program, {"yes": r"PASSWORD:-"}) or "no"


def _default_url(program: Path) -> str:
    return _compose(program, {"yes": r"PUBLIC_URL:-"}) or "no"


HOLES = (
    Hole(8, "behind TLS without a public URL: flags of the cookie", _cookie),
    Hole(8, "on 0.0.0.0 without a public URL: links begin with", _links),
    Hole(8, "25 wrong passwords through an untrusted proxy: other clients", _untrusted),
    Hole(8, "a proxy that forwards a client's X-Forwarded-For is noticed", _forged),
    Hole(8, "docker-compose.yml has a default public URL", _default_url),
    Hole(9, "docker-compose.yml has a default password", _default_password),
)
