"""Promises of forms that anybody may send: memory by one client is bounded before it is known."""

import pytest

from app.access.passwords import LONGEST
from tests.conftest import Newsroom

STRANGERS = ("/desk/sign-in", "/desk/sign-in/code", "/desk/welcome/no-such-link")


@pytest.mark.parametrize("path", STRANGERS)
def test_a_stranger_sends_no_more_than_a_form_needs(newsroom: Newsroom, path: str):
    """Else a thousand connections would each hold a request's whole limit in memory."""
    body = b"email=" + b"x" * 20_000
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": newsroom.server.url,
    }
    answer = newsroom.reader.post(path, content=body, headers=headers)
    assert answer.status_code == 413
    unannounced = newsroom.reader.post(path, content=iter([body]), headers=headers)
    assert unannounced.status_code == 413


def test_the_longest_password_fits(newsroom: Newsroom):
    """Of characters that take twelve bytes each in a form."""
    typed = {"email": "nobody@example.org", "password": "\N{FIRE}" * LONGEST, "next": "/desk"}
    origin = {"Origin": newsroom.server.url}
    assert newsroom.reader.post("/desk/sign-in", data=typed, headers=origin).status_code == 401
