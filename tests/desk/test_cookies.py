"""Promises of every cookie that the server sets: who reads it, and with what it goes."""

import re
from collections.abc import Iterator
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
from fastapi import Response

from app.web import session_cookie as cookie
from tests.dateline import DatelineServer, running_server
from tests.signed_in import PASSWORD, take_in

PUBLIC = "https://live.news.example"
APP = Path(cookie.__file__).parents[1]
NAMES = sorted(
    value
    for name, value in vars(cookie).items()
    if name.isupper() and isinstance(value, str) and value.startswith("dateline_")
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server that readers reach by HTTPS, through a proxy."""
    with running_server(tmp_path_factory.mktemp("cookies"), public_url=PUBLIC) as running:
        take_in(running, "ed@example.org", "Ed", "editor")
        yield running


def _check(header: str) -> None:
    (name, morsel), *others = SimpleCookie(header).items()
    assert not others
    assert name.startswith("__Host-dateline_")
    assert morsel["secure"]
    assert morsel["httponly"]
    assert morsel["samesite"].lower() == "lax"
    assert (morsel["path"], morsel["domain"]) == ("/", "")


def test_over_https_cookies_are_of_this_host_alone(server: DatelineServer):
    """No script reads them, no other host sets or gets them, no other site's form carries them."""
    origin = {"Origin": PUBLIC}
    with httpx.Client(base_url=server.url, headers=origin, timeout=120) as browser:
        typed = {"email": "ed@example.org", "password": PASSWORD}
        came = browser.post("/desk/sign-in", data=typed)
        assert came.status_code == 303
        headers = came.headers.get_list("set-cookie")
        kept = "; ".join(header.partition(";")[0] for header in headers)
        page = browser.get("/desk/account", headers={"Cookie": kept}).raise_for_status().text
        token = re.search(r'name="token" value="(\w+)"', page)
        assert token
        left = browser.post("/desk/sign-out", data={"token": token[1]}, headers={"Cookie": kept})
        assert left.status_code == 303
        for header in (*headers, *left.headers.get_list("set-cookie")):
            _check(header)
    assert kept.partition("=")[2].partition(";")[0] not in page


@pytest.mark.parametrize("name", NAMES)
def test_every_cookie_is_set_and_taken_back_that_way(name: str):
    """Also those that live for minutes only."""
    answer = Response()
    cookie.set_cookie(answer, "secret", PUBLIC, timedelta(minutes=5), name)
    cookie.drop_cookie(answer, PUBLIC, name)
    headers = answer.headers.getlist("set-cookie")
    assert len(headers) == 2
    for header in headers:
        _check(header)


def test_there_is_no_other_way_to_set_one():
    """A cookie that is set elsewhere would have to think of all this again."""
    assert {cookie.SESSION, cookie.CHALLENGE, cookie.LOGIN_STATE} <= set(NAMES)
    for path in APP.rglob("*.py"):
        if path != Path(cookie.__file__):
            assert not re.search(
                r"\.(set|delete)_cookie\(|set-cookie", path.read_text(), re.IGNORECASE
            ), path
