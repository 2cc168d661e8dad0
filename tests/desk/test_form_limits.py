"""Promises of forms that anybody may send: what is bounded is still enough for people."""

from app.access.passwords import MAX_LENGTH
from tests.conftest import Newsroom


def test_the_longest_password_fits(newsroom: Newsroom):
    """Of characters that take twelve bytes each in a form: it is wrong, and not too long."""
    typed = {"email": "nobody@example.org", "password": "\N{FIRE}" * MAX_LENGTH, "next": "/desk"}
    origin = {"Origin": newsroom.server.url}
    assert newsroom.reader.post("/desk/sign-in", data=typed, headers=origin).status_code == 401
