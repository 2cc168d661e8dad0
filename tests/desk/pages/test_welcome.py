"""Tests of one-time links: the set-up link and invitations, as a browser uses them."""

import re
from pathlib import Path

import httpx
import pytest

from tests.conftest import Newsroom
from tests.dateline import DatelineServer, running_server
from tests.signed_in import PASSWORD, sign_in, try_sign_in

ADA = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}


def submit_link(server: DatelineServer, link: str, **form: str) -> httpx.Response:
    """Submit the form of a link with the server's own `Origin`."""
    return httpx.post(link, data=form, headers={"Origin": server.url}, timeout=120)


def setup_link(server: DatelineServer) -> str:
    """Return the set-up link that the last start printed."""
    return re.findall(r"http\S+/desk/welcome/\S+", server.log())[-1]


def invitation(newsroom: Newsroom, **form: str) -> str:
    """Create an invitation; returns its link."""
    answer = newsroom.chief.post("/v1/invitations", json={"role": "editor", **form})
    return str(answer.raise_for_status().json()["link"])


@pytest.mark.full("three starts")
def test_the_first_run_prints_a_link_that_makes_a_chief(tmp_path: Path):
    """The first start prints a set-up link that creates a chief.

    Each start replaces the link; none is printed once there is a person.
    """
    with running_server(tmp_path) as server:
        first = setup_link(server)
        server.stop()
        server.start()
        second = setup_link(server)
        assert second != first
        assert httpx.get(first).status_code == 410
        assert submit_link(server, first, **ADA).status_code == 410
        answer = submit_link(server, second, **ADA)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
        with httpx.Client(base_url=server.url, cookies=answer.cookies) as ada:
            assert "/desk/people" in ada.get("/desk").text
            (person,) = ada.get("/v1/people").json()["people"]
        assert (person["role"], person["email"]) == ("chief", "ada@example.org")
        assert submit_link(server, second, **ADA | {"email": "eve@example.org"}).status_code == 410
        printed = server.log().count("/desk/welcome/")
        server.stop()
        server.start()
        assert server.log().count("/desk/welcome/") == printed


def test_looking_does_not_use_a_link_up(newsroom: Newsroom):
    """GET and HEAD do not use a link up, since mail programs open links."""
    link = invitation(newsroom)
    for _ in range(3):
        page = newsroom.reader.get(link)
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "same-origin"
        assert newsroom.reader.head(link).status_code == 200
    assert (
        submit_link(newsroom.server, link, **ADA | {"email": "once@example.org"}).status_code == 303
    )
    used = newsroom.reader.get(link)
    assert used.status_code == 410
    assert "has been used" in used.text


@pytest.mark.parametrize("secret", ["x", "x" * 43, "%00", "%FF" * 43, "x" * 3000])
def test_what_is_no_link_says_so(newsroom: Newsroom, secret: str):
    """An unknown link is answered with 410 by GET and POST."""
    link = f"{newsroom.server.url}/desk/welcome/{secret}"
    for answer in newsroom.reader.get(link), submit_link(newsroom.server, link, **ADA):
        assert answer.status_code == 410
        assert "no such link" in answer.text


@pytest.mark.parametrize(
    ("typed", "message"),
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
    newsroom: Newsroom, typed: dict[str, str], message: str
):
    """An invalid form is shown again without the password, and the link stays valid."""
    if typed.get("email", "").startswith("taken"):
        submit_link(newsroom.server, invitation(newsroom), **ADA | typed)
    link = invitation(newsroom)
    form = ADA | {"email": "<b>@example.org"} | typed
    answer = submit_link(newsroom.server, link, **form)
    assert answer.status_code in {409, 422}
    assert message in answer.text
    assert "set-cookie" not in answer.headers
    assert PASSWORD not in answer.text
    assert "<b>" not in answer.text
    assert newsroom.reader.get(link).status_code == 200


def test_another_site_takes_no_link(newsroom: Newsroom):
    """A form of another site, or without `Origin`, is refused, and the link stays valid."""
    link = invitation(newsroom)
    for headers in {"Origin": "https://elsewhere.example"}, {}:
        assert httpx.post(link, data=ADA, headers=headers).status_code == 403
    assert newsroom.reader.get(link).status_code == 200


def test_an_address_in_the_invitation_cannot_be_changed(newsroom: Newsroom):
    """The invitation's e-mail address replaces the one in the form."""
    link = invitation(newsroom, email="bound@example.org")
    assert 'value="bound@example.org"' in newsroom.reader.get(link).text
    assert (
        submit_link(newsroom.server, link, **ADA | {"email": "eve@example.org"}).status_code == 303
    )
    with sign_in(newsroom.server, "bound@example.org") as bound:
        assert "Ada" in bound.get("/desk/account").text


def test_a_link_for_a_lost_password_lets_its_person_in(
    newsroom: Newsroom, newcomer: tuple[str, str]
):
    """A link for a lost password sets a new one and signs the person in.

    The old password and its sessions end.
    """
    email, person = newcomer
    form = {"person": person}
    link = newsroom.chief.post("/v1/invitations", json=form).raise_for_status().json()["link"]
    with sign_in(newsroom.server, email) as elsewhere:
        assert submit_link(newsroom.server, link, password="short").status_code == 422
        answer = submit_link(newsroom.server, link, password="seven boats left harbour")
        assert answer.status_code == 303
        assert elsewhere.get("/desk").status_code == 303
    with httpx.Client(base_url=newsroom.server.url, cookies=answer.cookies) as signed_in:
        assert email in signed_in.get("/desk/account").text
    for password, status in (PASSWORD, 401), ("seven boats left harbour", 303):
        assert try_sign_in(newsroom.server, email, password).status_code == status
