"""Tests of the account page, used without scripts."""

import httpx
import pytest

from tests.conftest import Newsroom
from tests.desk.forms import send
from tests.signed_in import PASSWORD, sign_in, try_sign_in

PAGE = "/desk/account"
NEW = "seven boats left harbour"


def test_a_new_password_signs_out_everywhere_else(newsroom: Newsroom, newcomer: tuple[str, str]):
    """Changing the password ends all other sessions, and the old password stops working.

    The session that changed it is replaced by a new one.
    """
    email, _ = newcomer
    with sign_in(newsroom.server, email) as current, sign_in(newsroom.server, email) as elsewhere:
        old = dict(current.cookies)
        answer = send(current, PAGE, f"{PAGE}/password", old=PASSWORD, password=NEW)
        assert answer.status_code == 303
        assert dict(current.cookies) != old
        assert current.get(PAGE).status_code == 200
        assert elsewhere.get(PAGE).status_code == 303
        with httpx.Client(base_url=newsroom.server.url, cookies=old) as stale:
            assert stale.get(PAGE).status_code == 303
    for password, status in (PASSWORD, 401), (NEW, 303):
        assert try_sign_in(newsroom.server, email, password).status_code == status


@pytest.mark.parametrize(
    ("old", "new", "status", "message"),
    [
        ("not the old one", NEW, 401, "The old password is another one."),
        ("", NEW, 401, "The old password is another one."),
        (PASSWORD, "short", 422, "12 characters"),
        (PASSWORD, "qwertyuiop123", 422, "easily guessed"),
    ],
)
def test_a_password_is_changed_by_who_knows_the_old_one(
    newsroom: Newsroom, newcomer: tuple[str, str], old: str, new: str, status: int, message: str
):
    """Neither a wrong old password nor a weak new one changes anything; the page says why."""
    with sign_in(newsroom.server, newcomer[0]) as client:
        answer = send(client, PAGE, f"{PAGE}/password", old=old, password=new)
        assert answer.status_code == status
        assert message in answer.text
    with sign_in(newsroom.server, newcomer[0]) as new_client:
        assert new_client.get(PAGE).status_code == 200


def test_the_old_password_cannot_be_guessed_here_either(
    newsroom: Newsroom, newcomer: tuple[str, str]
):
    """Guessing the old password from a signed-in browser is limited to five attempts."""
    with sign_in(newsroom.server, newcomer[0]) as client:
        answers = [
            send(client, PAGE, f"{PAGE}/password", old=f"guess {n}", password=NEW) for n in range(6)
        ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_somebody_sees_where_they_are_signed_in(newsroom: Newsroom, newcomer: tuple[str, str]):
    """The account page lists the person's sessions by browser; one or all others can be ended."""
    email, _ = newcomer
    agent = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
    with sign_in(newsroom.server, email) as client:
        sign_ins = [try_sign_in(newsroom.server, email, **{"User-Agent": agent}) for _ in range(2)]
        others = [dict(answer.cookies) for answer in sign_ins]
        assert "Firefox on Android" in client.get(PAGE).text
        assert send(client, PAGE, f"{PAGE}/sessions").status_code == 303
        statuses = [
            httpx.get(f"{newsroom.server.url}{PAGE}", cookies=cookies).status_code
            for cookies in others
        ]
        assert sorted(statuses) == [200, 303]
        page = client.get(PAGE).text
        token = page.partition('name="token" value="')[2][:32]
        client.post(f"{PAGE}/sessions", data={"token": token, "session": "others"})
        for cookies in others:
            assert httpx.get(f"{newsroom.server.url}{PAGE}", cookies=cookies).status_code == 303
        assert client.get(PAGE).status_code == 200


def test_a_name_is_ones_own_to_change(newsroom: Newsroom, newcomer: tuple[str, str]):
    """People change their own name; a name without visible characters is refused."""
    with sign_in(newsroom.server, newcomer[0]) as client:
        assert send(client, PAGE, f"{PAGE}/name", name="Nelly").status_code == 303
        assert "Nelly" in client.get(PAGE).text
        assert send(client, PAGE, f"{PAGE}/name", name="\u200b").status_code == 422
        assert "Nelly" in client.get(PAGE).text
