"""Promises of links that work once: the set-up link and invitations, as a browser takes them."""

import re
from pathlib import Path

import httpx
import pytest

from tests.conftest import Newsroom
from tests.dateline import DatelineServer, running_server
from tests.signed_in import PASSWORD, sign_in, try_sign_in

ADA = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}


def take(server: DatelineServer, link: str, **typed: str) -> httpx.Response:
    """Send a link's form from our own page."""
    return httpx.post(link, data=typed, headers={"Origin": server.url}, timeout=120)


def link_in(server: DatelineServer) -> str:
    """The set-up link that the last start printed."""
    return re.findall(r"http\S+/desk/welcome/\S+", server.log())[-1]


def invitation(newsroom: Newsroom, **sent: str) -> str:
    """A new link."""
    answer = newsroom.chief.post("/v1/invitations", json={"role": "editor", **sent})
    return str(answer.raise_for_status().json()["link"])


@pytest.mark.full("three starts")
def test_the_first_run_prints_a_link_that_makes_a_chief(tmp_path: Path):
    """A new start makes another and ends the old; with somebody there, none is printed."""
    with running_server(tmp_path) as server:
        first = link_in(server)
        server.stop()
        server.start()
        second = link_in(server)
        assert second != first
        assert httpx.get(first).status_code == 410
        assert take(server, first, **ADA).status_code == 410
        answer = take(server, second, **ADA)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
        with httpx.Client(base_url=server.url, cookies=answer.cookies) as ada:
            assert "/desk/people" in ada.get("/desk").text
            (person,) = ada.get("/v1/people").json()["people"]
        assert (person["role"], person["email"]) == ("chief", "ada@example.org")
        assert take(server, second, **ADA | {"email": "eve@example.org"}).status_code == 410
        told = server.log().count("/desk/welcome/")
        server.stop()
        server.start()
        assert server.log().count("/desk/welcome/") == told


def test_looking_does_not_use_a_link_up(newsroom: Newsroom):
    """Mail programs open what they find, by GET and by HEAD."""
    link = invitation(newsroom)
    for _ in range(3):
        page = newsroom.reader.get(link)
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "same-origin"
        assert newsroom.reader.head(link).status_code == 200
    assert take(newsroom.server, link, **ADA | {"email": "once@example.org"}).status_code == 303
    gone = newsroom.reader.get(link)
    assert gone.status_code == 410
    assert "has been used" in gone.text


@pytest.mark.parametrize("secret", ["x", "x" * 43, "%00", "%FF" * 43, "x" * 3000])
def test_what_is_no_link_says_so(newsroom: Newsroom, secret: str):
    """A clear page, for looking and for taking."""
    link = f"{newsroom.server.url}/desk/welcome/{secret}"
    for answer in newsroom.reader.get(link), take(newsroom.server, link, **ADA):
        assert answer.status_code == 410
        assert "no such link" in answer.text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": ""}, "Name: must not be empty"),
        ({"name": "x" * 300}, "Name"),
        ({"email": "nobody"}, "Email: must be an e-mail address"),
        ({"email": ""}, "Email: must be an e-mail address"),
        ({"password": "short"}, "12 characters"),
        ({"password": "passwordpassword"}, "easily guessed"),
        ({"password": ""}, "12 characters"),
        ({"password": "lisbon.lisbon.lisbon", "name": "Lisbon"}, "easily guessed"),
        ({"email": "taken@example.org"}, "already"),
    ],
)
def test_what_cannot_be_taken_is_told_and_the_link_stays(
    newsroom: Newsroom, typed: dict[str, str], told: str
):
    """The form comes back with what was typed, but for the password; nobody is signed in."""
    if typed.get("email", "").startswith("taken"):
        take(newsroom.server, invitation(newsroom), **ADA | typed)
    link = invitation(newsroom)
    sent = ADA | {"email": "<b>@example.org"} | typed
    answer = take(newsroom.server, link, **sent)
    assert answer.status_code in {409, 422}
    assert told in answer.text
    assert "set-cookie" not in answer.headers
    assert PASSWORD not in answer.text
    assert "<b>" not in answer.text
    assert newsroom.reader.get(link).status_code == 200


def test_another_site_takes_no_link(newsroom: Newsroom):
    """Whose page would sign a visitor in as somebody of its choice."""
    link = invitation(newsroom)
    for headers in {"Origin": "https://elsewhere.example"}, {}:
        assert httpx.post(link, data=ADA, headers=headers).status_code == 403
    assert newsroom.reader.get(link).status_code == 200


def test_an_address_in_the_invitation_cannot_be_changed(newsroom: Newsroom):
    """Whatever a form is made to send."""
    link = invitation(newsroom, email="bound@example.org")
    assert 'value="bound@example.org"' in newsroom.reader.get(link).text
    assert take(newsroom.server, link, **ADA | {"email": "eve@example.org"}).status_code == 303
    with sign_in(newsroom.server, "bound@example.org") as bound:
        assert "Ada" in bound.get("/desk/account").text


def test_a_link_for_a_lost_password_lets_its_person_in(
    newsroom: Newsroom, newcomer: tuple[str, str]
):
    """It asks for no name; with a new password the old one and its sessions are gone."""
    email, person = newcomer
    sent = {"person": person}
    link = newsroom.chief.post("/v1/invitations", json=sent).raise_for_status().json()["link"]
    with sign_in(newsroom.server, email) as elsewhere:
        assert take(newsroom.server, link, password="short").status_code == 422
        answer = take(newsroom.server, link, password="seven boats left harbour")
        assert answer.status_code == 303
        assert elsewhere.get("/desk").status_code == 303
    with httpx.Client(base_url=newsroom.server.url, cookies=answer.cookies) as back:
        assert email in back.get("/desk/account").text
    for password, status in (PASSWORD, 401), ("seven boats left harbour", 303):
        assert try_sign_in(newsroom.server, email, password).status_code == status
