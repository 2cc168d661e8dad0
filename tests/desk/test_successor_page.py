"""Tests of the page that opens the next day's coverage."""

import httpx

from tests.conftest import Newsroom
from tests.contract.newsrooms import new_slug, new_timeline
from tests.desk.forms import send


def test_a_chief_opens_the_next_day(newsroom: Newsroom, desk_chief: httpx.Client) -> None:
    """The form proposes a title and an address; sent twice, it leads to the same desk."""
    today = new_timeline(newsroom, new_slug(), title=f"Storm {new_slug()}")
    page = f"/desk/coverages/{today.slug}/successor"
    assert today.read()["title"] in desk_chief.get(page).text
    slug = new_slug()
    for _ in range(2):
        answer = send(desk_chief, page, page, title="The next day", slug=slug)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            f"/desk/coverages/{slug}",
        )
    assert today.read()["status"] == "closed"


def test_a_taken_address_is_said_beside_it(newsroom: Newsroom, desk_chief: httpx.Client) -> None:
    """An address that is taken is a 422 with the fields as they were sent."""
    today = new_timeline(newsroom, new_slug())
    page = f"/desk/coverages/{today.slug}/successor"
    answer = send(desk_chief, page, page, title="The next day", slug=today.slug)
    assert answer.status_code == 422
    assert 'id="slug-wrong"' in answer.text
    assert 'value="The next day"' in answer.text
    assert today.read()["status"] == "live"
