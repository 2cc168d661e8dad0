"""Promises of signing in: who is let in, and what their browser keeps."""

import pytest

from tests.conftest import Newsroom
from tests.signed_in import PASSWORD, sign_in, take_in


@pytest.fixture(scope="module", autouse=True)
def _editor(newsroom: Newsroom) -> None:
    take_in(newsroom.server, "Ed@example.org", "Ed", "editor")


def test_who_signs_in_sees_the_desk(newsroom: Newsroom):
    """The address may be written in other letters; the page knows who they are."""
    with sign_in(newsroom.server, "ED@example.org") as ed:
        page = ed.get("/desk")
        assert page.status_code == 200
        assert "Ed" in page.text
        assert page.headers["cache-control"] == "no-store"


def test_who_is_not_signed_in_is_sent_to_sign_in_and_comes_back(newsroom: Newsroom):
    """The desk's address leads to the form, which leads on to where they wanted to go."""
    answer = newsroom.reader.get("/desk/coverages/x")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk/sign-in?next=/desk/coverages/x"


def test_a_wrong_password_and_an_unknown_address_are_told_alike(newsroom: Newsroom):
    """The refusal does not say who works here."""
    headers = {"Origin": newsroom.server.url}
    for email, password in ("ed@example.org", "wrong"), ("no@example.org", PASSWORD):
        answer = newsroom.reader.post(
            "/desk/sign-in", data={"email": email, "password": password}, headers=headers
        )
        assert answer.status_code == 401
        assert "No one signs in with this address and this password." in answer.text
        assert "set-cookie" not in answer.headers


def test_a_session_writes_only_from_our_own_pages(newsroom: Newsroom, slug: str):
    """A page of another site, or one that does not say where it is, changes nothing."""
    with sign_in(newsroom.server, "ed@example.org") as ed:
        path = f"/v1/coverages/{slug}/entries"
        assert ed.post(path, json={"body": "From our own page"}).status_code == 201
        for origin in "https://elsewhere.example", "null", "":
            answer = ed.post(path, json={"body": "From there"}, headers={"Origin": origin})
            assert answer.status_code == 403
        assert "From there" not in newsroom.reader.get(path).text
