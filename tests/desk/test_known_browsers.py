"""Tests of sign-in limits: guessing is limited, and known browsers sign in meanwhile."""

import asyncio
import re
import uuid
from itertools import count
from pathlib import Path

import httpx
import pytest

from app.access.passwords import TooManySignIns, hash_password, verify_password
from tests.conftest import Newsroom
from tests.dateline import running_server
from tests.signed_in import PASSWORD, join, sign_in, take_in, try_sign_in

_ADDRESSES = count(1)


@pytest.fixture
def stranger() -> dict[str, str]:
    """The headers of a client at an address of its own: failed attempts count by address."""
    return {"X-Forwarded-For": f"203.0.113.{next(_ADDRESSES)}"}


@pytest.fixture
def email(newsroom: Newsroom) -> str:
    """The e-mail address of a new editor."""
    address = f"{uuid.uuid4().hex[:8]}@example.org"
    join(newsroom.server, newsroom.chief, address, role="editor")
    return address


def _sign_in_status(
    browser: httpx.Client, email: str, password: str = PASSWORD, **headers: str
) -> int:
    form = {"email": email, "password": password}
    return browser.post("/desk/sign-in", data=form, headers=headers).status_code


def _sign_out(browser: httpx.Client) -> None:
    token = re.search(r'name="token" value="(\w+)"', browser.get("/desk").text)
    assert token
    answer = browser.post("/desk/sign-out", data={"token": token[1]})
    assert answer.status_code == 303
    assert not browser.cookies.get("dateline_session")


def test_a_known_browser_comes_in_while_a_stranger_guesses_from_its_address(
    newsroom: Newsroom, email: str, stranger: dict[str, str]
):
    """A known browser signs in while its network is locked for the e-mail address."""
    with sign_in(newsroom.server, email) as browser:
        _sign_out(browser)
        for _ in range(5):
            assert try_sign_in(newsroom.server, email, "guess", **stranger).status_code == 401
        assert try_sign_in(newsroom.server, email, **stranger).status_code == 429
        assert _sign_in_status(browser, email, "a slip", **stranger) == 401
        assert _sign_in_status(browser, email, **stranger) == 303


@pytest.mark.full("each of seventy tries computes a hash")
def test_a_known_browser_comes_in_while_a_stranger_guesses(
    newsroom: Newsroom, email: str, stranger: dict[str, str]
):
    """A known browser signs in while its network and the e-mail address are locked."""
    with sign_in(newsroom.server, email) as browser:
        _sign_out(browser)
        # Twenty wrong passwords lock the network; five of them lock this e-mail address there.
        for number in range(20):
            address = email if number < 5 else f"{uuid.uuid4().hex}@example.org"
            assert try_sign_in(newsroom.server, address, "guess", **stranger).status_code == 401
        # Fifty wrong passwords lock the e-mail address for all unknown browsers.
        for number in range(45):
            elsewhere = {"X-Forwarded-For": f"198.51.100.{number // 5}"}
            assert try_sign_in(newsroom.server, email, "guess", **elsewhere).status_code == 401
        for headers in stranger, {"X-Forwarded-For": "192.0.2.1"}:
            assert try_sign_in(newsroom.server, email, **headers).status_code == 429
        assert _sign_in_status(browser, email, "a slip", **stranger) == 401
        assert _sign_in_status(browser, email, **stranger) == 303


def test_a_known_browser_guesses_no_more_than_others(
    newsroom: Newsroom, email: str, stranger: dict[str, str]
):
    """A known browser has five attempts of its own, and none extra for other e-mail addresses."""
    with sign_in(newsroom.server, email) as browser:
        statuses = [_sign_in_status(browser, email, "guess", **stranger) for _ in range(6)]
        assert statuses == [401] * 5 + [429]
        assert try_sign_in(newsroom.server, email).status_code == 303
        other = f"{uuid.uuid4().hex}@example.org"
        statuses = [
            _sign_in_status(browser, other, "guess", **{"X-Forwarded-For": "192.0.2.77"})
            for _ in range(6)
        ]
        assert statuses == [401] * 5 + [429]


def test_who_is_signed_in_changes_the_password_while_a_stranger_guesses(
    newsroom: Newsroom, email: str
):
    """A locked e-mail address does not stop its signed-in person from changing the password.

    The same holds for setting up a second factor.
    """
    with sign_in(newsroom.server, email) as browser:
        for _ in range(5):
            assert try_sign_in(newsroom.server, email, "guess").status_code == 401
        page = browser.get("/desk/account").text
        token = re.search(r'name="token" value="(\w+)"', page)
        assert token
        own = {"token": token[1], "old": PASSWORD}
        assert browser.post("/desk/account/second-factor", data=own).status_code == 200
        form = {**own, "password": "an otter reads the tide tables"}
        assert browser.post("/desk/account/password", data=form).status_code == 303


def test_the_device_cookie_is_for_nobody_else_and_opens_nothing(newsroom: Newsroom, email: str):
    """The device cookie is `HttpOnly` and `SameSite=Lax`, and does not authenticate by itself."""
    with sign_in(newsroom.server, email) as browser:
        answer = try_sign_in(newsroom.server, email)
        (cookie,) = [c for c in answer.headers.get_list("set-cookie") if "dateline_device" in c]
        assert {"httponly", "samesite=lax", "path=/"} <= set(cookie.lower().split("; "))
        device = browser.cookies["dateline_device"]
    for value in (device, device[:-2], "x" * 5000, "é"):
        headers = {"Cookie": f"dateline_device={value}".encode()}
        assert httpx.get(f"{newsroom.server.url}/desk", headers=headers).status_code == 303


@pytest.mark.full("eighteen sign-ins")
async def test_a_queue_of_strangers_does_not_hold_up_who_is_known():
    """Password hashes of known browsers do not wait behind those of unknown ones."""
    digest = await hash_password(PASSWORD)
    flood = [asyncio.create_task(verify_password("guess", digest)) for _ in range(33)]
    await asyncio.sleep(0)
    with pytest.raises(TooManySignIns):
        await verify_password(PASSWORD, digest)
    assert await verify_password(PASSWORD, digest, is_known=True)
    assert any(not task.done() for task in flood)
    results = await asyncio.gather(*flood, return_exceptions=True)
    assert {type(task) for task in results} == {bool, TooManySignIns}


@pytest.mark.full("test_cookies.py says it of each cookie")
def test_over_tls_no_other_host_sets_a_cookie_of_ours(tmp_path: Path):
    """Over HTTPS each cookie has the `__Host-` prefix and its attributes, without a domain."""
    public = "https://live.example.org"
    with running_server(tmp_path, public_url=public) as server:
        take_in(server, "ed@example.org", "Ed", "editor")
        answer = try_sign_in(server, "ed@example.org", Origin=public)
    cookies = [cookie.lower() for cookie in answer.headers.get_list("set-cookie")]
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert names == {"__host-dateline_session", "__host-dateline_device"}
    for cookie in cookies:
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= set(cookie.split("; "))
        assert "domain" not in cookie
