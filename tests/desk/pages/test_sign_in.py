"""Tests of the sign-in form: who is signed in, and which cookie their browser gets."""

from pathlib import Path

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_timeline, running_newsroom
from tests.dateline import running_server
from tests.signed_in import PASSWORD, join, sign_in, take_in, try_sign_in


@pytest.fixture(scope="module", autouse=True)
def _editor(newsroom: Newsroom) -> None:
    join(newsroom.server, newsroom.chief, "Ed@example.org", role="editor")


def test_who_signs_in_sees_the_desk(newsroom: Newsroom):
    """A person who signs in gets the desk; the e-mail address is compared without case."""
    with sign_in(newsroom.server, "ED@example.org") as ed:
        page = ed.get("/desk")
        assert page.status_code == 200
        assert "Ed" in page.text
        assert page.headers["cache-control"] == "no-store"


def test_who_is_not_signed_in_is_sent_to_sign_in_and_comes_back(newsroom: Newsroom):
    """Without a session a page of the desk redirects to the form, with the page as `next`."""
    answer = newsroom.reader.get("/desk/coverages/x")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk/sign-in?next=/desk/coverages/x"


def test_a_wrong_password_and_an_unknown_address_are_told_alike(newsroom: Newsroom):
    """A wrong password and an unknown e-mail address get the same refusal and no cookie."""
    headers = {"Origin": newsroom.server.url}
    for email, password in ("ed@example.org", "wrong"), ("no@example.org", PASSWORD):
        answer = newsroom.reader.post(
            "/desk/sign-in", data={"email": email, "password": password}, headers=headers
        )
        assert answer.status_code == 401
        assert "No one signs in with this address and this password." in answer.text
        assert "set-cookie" not in answer.headers


def test_a_session_writes_only_from_our_own_pages(newsroom: Newsroom, slug: str):
    """A session's writes need the server's own `Origin`; others and none are a 403."""
    with sign_in(newsroom.server, "ed@example.org") as ed:
        path = f"/v1/coverages/{slug}/entries"
        assert ed.post(path, json={"body": "From our own page"}).status_code == 201
        for origin in "https://elsewhere.example", "null", "":
            answer = ed.post(path, json={"body": "From there"}, headers={"Origin": origin})
            assert answer.status_code == 403
        assert "From there" not in newsroom.reader.get(path).text


def test_every_sign_in_is_a_new_session(newsroom: Newsroom):
    """Each sign-in replaces the session, so a secret planted in the browser does not stay valid."""
    with sign_in(newsroom.server, "ed@example.org") as ed:
        before = dict(ed.cookies)
        form = {"email": "ed@example.org", "password": PASSWORD}
        assert ed.post("/desk/sign-in", data=form).status_code == 303
        assert dict(ed.cookies) != before
        assert ed.get("/desk").status_code == 200
    with httpx.Client(base_url=newsroom.server.url, cookies=before) as stale:
        assert stale.get("/desk").status_code == 303


def test_the_cookie_is_for_nobody_else(newsroom: Newsroom):
    """The session cookie is `HttpOnly` and `SameSite=Lax` and lives for 14 days."""
    cookie = try_sign_in(newsroom.server, "ed@example.org").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert f"max-age={14 * 24 * 3600};" in cookie


def test_a_guesser_is_stopped_and_others_come_in(newsroom: Newsroom):
    """Five wrong passwords from one network lock the e-mail address for that network.

    Another network and another e-mail address are not locked. Refused attempts do not extend the
    lock.
    """
    join(newsroom.server, newsroom.chief, "guessed@example.org", role="editor")
    guesser = {"X-Forwarded-For": "203.0.113.7"}
    for number in range(5):
        answer = try_sign_in(newsroom.server, "guessed@example.org", f"guess {number}", **guesser)
        assert answer.status_code == 401
    stopped = [try_sign_in(newsroom.server, "Guessed@example.org", **guesser) for _ in range(3)]
    waits = [int(answer.headers["retry-after"]) for answer in stopped]
    assert [answer.status_code for answer in stopped] == [429] * 3
    assert 1 <= waits[2] <= waits[0] <= 300
    assert "Too many wrong tries. Wait" in stopped[0].text
    elsewhere = {"X-Forwarded-For": "203.0.113.8"}
    assert try_sign_in(newsroom.server, "guessed@example.org", **elsewhere).status_code == 303
    assert try_sign_in(newsroom.server, "ed@example.org", **guesser).status_code == 303


def test_a_slip_is_forgiven_by_the_right_password(newsroom: Newsroom):
    """The right password resets the count of wrong ones."""
    join(newsroom.server, newsroom.chief, "slips@example.org", role="editor")
    for _ in range(2):
        for _ in range(4):
            assert try_sign_in(newsroom.server, "slips@example.org", "slip").status_code == 401
        assert try_sign_in(newsroom.server, "slips@example.org").status_code == 303


@pytest.mark.full("each of its tries computes a hash")
def test_many_e_mails_from_one_address_are_bounded(newsroom: Newsroom):
    """Sign-ins from one IPv6 /64 are limited to 20, whatever the e-mail addresses."""
    statuses = [
        try_sign_in(
            newsroom.server,
            f"flood{number}@example.org",
            "guess",
            **{"X-Forwarded-For": f"2001:db8:7:7::{number + 1:x}"},
        ).status_code
        for number in range(21)
    ]
    assert statuses == [401] * 20 + [429]


def test_a_session_ends_as_the_operator_chose(tmp_path: Path):
    """A session ends after `session_idle` without use; its cookie lives for `session_lifetime`."""
    with running_server(tmp_path, session_idle="0.001", session_lifetime="PT1H") as server:
        take_in(server, "ed@example.org", "Ed", "editor")
        with sign_in(server, "ed@example.org") as ed:
            assert ed.get("/desk").status_code == 303
        assert "Max-Age=3600" in try_sign_in(server, "ed@example.org").headers["set-cookie"]


@pytest.mark.full("the end of a session is waited for")
def test_a_desk_that_is_left_open_signs_nobody_in_for_ever(tmp_path: Path):
    """Requests of the desk's scripts do not extend a session; opening a page does."""
    with running_newsroom(tmp_path, session_idle="4") as newsroom:  # seconds
        join(newsroom.server, newsroom.chief, "ed@example.org", role="editor")
        desk = new_timeline(newsroom, "open").path
        script_headers = {"Sec-Fetch-Mode": "cors"}
        server = newsroom.server
        with sign_in(server, "ed@example.org") as idle, sign_in(server, "ed@example.org") as active:
            while idle.put(f"{desk}/visits/c81e728d9d4c2f63", json={}).status_code == 200:
                idle.get(f"{desk}/drafts", headers=script_headers)
                assert (
                    active.get("/desk", headers={"Sec-Fetch-Mode": "navigate"}).status_code == 200
                )
            assert idle.get(f"{desk}/drafts", headers=script_headers).status_code == 401
            assert active.get("/desk").status_code == 200
