"""Tests of every cookie that the server sets: its name prefix and attributes."""

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
    """A server whose public URL is HTTPS, behind a proxy."""
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
    """Over HTTPS each cookie has the `__Host-` prefix, `Secure`, `HttpOnly` and `SameSite=Lax`.

    The page shows no cookie's value.
    """
    origin = {"Origin": PUBLIC}
    with httpx.Client(base_url=server.url, headers=origin, timeout=120) as browser:
        form = {"email": "ed@example.org", "password": PASSWORD}
        sign_in = browser.post("/desk/sign-in", data=form)
        assert sign_in.status_code == 303
        headers = sign_in.headers.get_list("set-cookie")
        cookies = "; ".join(header.partition(";")[0] for header in headers)
        page = browser.get("/desk/account", headers={"Cookie": cookies}).raise_for_status().text
        token = re.search(r'name="token" value="(\w+)"', page)
        assert token
        sign_out = browser.post(
            "/desk/sign-out", data={"token": token[1]}, headers={"Cookie": cookies}
        )
        assert sign_out.status_code == 303
        for header in (*headers, *sign_out.headers.get_list("set-cookie")):
            _check(header)
    assert cookies.partition("=")[2].partition(";")[0] not in page


@pytest.mark.parametrize("name", NAMES)
def test_every_cookie_is_set_and_taken_back_that_way(name: str):
    """Every cookie is set and deleted with these attributes, including the short-lived ones."""
    answer = Response()
    cookie.set_cookie(answer, "secret", PUBLIC, timedelta(minutes=5), name)
    cookie.drop_cookie(answer, PUBLIC, name)
    headers = answer.headers.getlist("set-cookie")
    assert len(headers) == 2
    for header in headers:
        _check(header)


def test_there_is_no_other_way_to_set_one():
    """Cookies are set and deleted in one module only, so that none lacks these attributes."""
    assert {cookie.SESSION, cookie.CHALLENGE, cookie.LOGIN_STATE} <= set(NAMES)
    for path in APP.rglob("*.py"):
        if path != Path(cookie.__file__):
            assert not re.search(
                r"\.(set|delete)_cookie\(|set-cookie", path.read_text(), re.IGNORECASE
            ), path
