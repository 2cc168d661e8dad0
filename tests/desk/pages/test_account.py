"""Promises of everybody's own page, used without scripts."""

import httpx
import pytest

from tests.conftest import Newsroom
from tests.desk.forms import send
from tests.signed_in import PASSWORD, sign_in, try_sign_in

PAGE = "/desk/account"
NEW = "seven boats left harbour"


def test_a_new_password_signs_out_everywhere_else(newsroom: Newsroom, newcomer: tuple[str, str]):
    """The browser that changed it goes on, with a new session; the old password is none."""
    email, _ = newcomer
    with sign_in(newsroom.server, email) as here, sign_in(newsroom.server, email) as there:
        old = dict(here.cookies)
        answer = send(here, PAGE, f"{PAGE}/password", old=PASSWORD, password=NEW)
        assert answer.status_code == 303
        assert dict(here.cookies) != old
        assert here.get(PAGE).status_code == 200
        assert there.get(PAGE).status_code == 303
        with httpx.Client(base_url=newsroom.server.url, cookies=old) as stale:
            assert stale.get(PAGE).status_code == 303
    for password, status in (PASSWORD, 401), (NEW, 303):
        assert try_sign_in(newsroom.server, email, password).status_code == status


@pytest.mark.parametrize(
    ("old", "new", "status", "told"),
    [
        ("not the old one", NEW, 401, "The old password is another one."),
        ("", NEW, 401, "The old password is another one."),
        (PASSWORD, "short", 422, "12 characters"),
        (PASSWORD, "qwertyuiop123", 422, "easily guessed"),
    ],
)
def test_a_password_is_changed_by_who_knows_the_old_one(
    newsroom: Newsroom, newcomer: tuple[str, str], old: str, new: str, status: int, told: str
):
    """To one that is worth the change; otherwise nothing changes, and the page says why."""
    with sign_in(newsroom.server, newcomer[0]) as client:
        answer = send(client, PAGE, f"{PAGE}/password", old=old, password=new)
        assert answer.status_code == status
        assert told in answer.text
    with sign_in(newsroom.server, newcomer[0]) as again:
        assert again.get(PAGE).status_code == 200


def test_the_old_password_cannot_be_guessed_here_either(
    newsroom: Newsroom, newcomer: tuple[str, str]
):
    """Whoever has got hold of a browser is stopped after five tries."""
    with sign_in(newsroom.server, newcomer[0]) as client:
        tries = [
            send(client, PAGE, f"{PAGE}/password", old=f"guess {n}", password=NEW) for n in range(6)
        ]
    assert [answer.status_code for answer in tries] == [401] * 5 + [429]
    assert int(tries[-1].headers["retry-after"]) > 0


def test_somebody_sees_where_they_are_signed_in(newsroom: Newsroom, newcomer: tuple[str, str]):
    """By the browser's name, and ends one or all the others."""
    email, _ = newcomer
    agent = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
    with sign_in(newsroom.server, email) as here:
        doors = [try_sign_in(newsroom.server, email, **{"User-Agent": agent}) for _ in range(2)]
        others = [dict(door.cookies) for door in doors]
        assert "Firefox on Android" in here.get(PAGE).text
        assert send(here, PAGE, f"{PAGE}/sessions").status_code == 303
        left = [
            httpx.get(f"{newsroom.server.url}{PAGE}", cookies=cookies).status_code
            for cookies in others
        ]
        assert sorted(left) == [200, 303]
        page = here.get(PAGE).text
        token = page.partition('name="token" value="')[2][:32]
        here.post(f"{PAGE}/sessions", data={"token": token, "session": "others"})
        for cookies in others:
            assert httpx.get(f"{newsroom.server.url}{PAGE}", cookies=cookies).status_code == 303
        assert here.get(PAGE).status_code == 200


def test_a_name_is_ones_own_to_change(newsroom: Newsroom, newcomer: tuple[str, str]):
    """To one that can be read."""
    with sign_in(newsroom.server, newcomer[0]) as client:
        assert send(client, PAGE, f"{PAGE}/name", name="Nelly").status_code == 303
        assert "Nelly" in client.get(PAGE).text
        assert send(client, PAGE, f"{PAGE}/name", name="\u200b").status_code == 422
        assert "Nelly" in client.get(PAGE).text
