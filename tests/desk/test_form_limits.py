"""Tests of the size limits of public forms."""

from app.access.passwords import MAX_LENGTH
from tests.conftest import Newsroom


def test_the_longest_password_fits(newsroom: Newsroom):
    """The longest password passes the size limit: the response is 401, not 413."""
    form = {"email": "nobody@example.org", "password": "\N{FIRE}" * MAX_LENGTH, "next": "/desk"}
    origin = {"Origin": newsroom.server.url}
    assert newsroom.reader.post("/desk/sign-in", data=form, headers=origin).status_code == 401
