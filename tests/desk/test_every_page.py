"""Promises of what all pages of the desk have in common."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from tests.dateline import DatelineServer
from tests.desk.desks import open_coverage, running_desk
from tests.routes import all_routes
from tests.signed_in import PASSWORD, try_sign_in

ELSEWHERE = [
    "https://elsewhere.example/desk",
    "//elsewhere.example/desk",
    "/\\elsewhere.example",
    "/desk\\..\\..\\elsewhere",
    "/deskelsewhere.example",
    "javascript:alert(1)",
    "/desk/\r\nLocation: https://elsewhere.example",
    "/desk/\u2028x",
    "\t//elsewhere.example",
    "",
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DatelineServer, httpx.Client]]:
    """A server and its chief, who is signed in."""
    with running_desk(tmp_path_factory.mktemp("pages")) as running:
        open_coverage(running[1], "c")
        yield running


def _pages(chief: httpx.Client) -> dict[str, httpx.Response]:
    """Every page of the desk that a chief is shown, by its address."""
    places = (route.removeprefix("GET ") for route in all_routes() if route.startswith("GET /desk"))
    answers = {place: chief.get(place.replace("{slug}", "c")) for place in places}
    return {
        place: answer
        for place, answer in answers.items()
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    }


def test_every_page_has_the_way_out(desk: tuple[DatelineServer, httpx.Client]):
    """A button that signs out stands on each, but for those that are there to come in by."""
    pages = _pages(desk[1])
    assert len(pages) >= 7
    for place, page in pages.items():
        comes_in = place.startswith(("/desk/sign-in", "/desk/welcome"))
        assert ('action="/desk/sign-out"' in page.text) is not comes_in, place


def test_a_password_is_hidden_and_left_to_password_managers(
    desk: tuple[DatelineServer, httpx.Client],
):
    """On each page that asks for one: masked, named for the browser's store, and free to paste."""
    _, chief = desk
    link = chief.post("/v1/invitations", json={"role": "editor"}).json()["link"]
    pages = _pages(chief) | {"welcome": httpx.get(link, timeout=120)}
    asked = {place: re.findall(r"<input\b[^>]*>", page.text) for place, page in pages.items()}
    fields = {
        place: [one for one in inputs if re.search(r'name="(?:password|old)"', one)]
        for place, inputs in asked.items()
    }
    assert {place for place, found in fields.items() if found} >= {
        "/desk/sign-in",
        "/desk/account",
        "/desk/account/second-factor",
        "welcome",
    }
    for one in (field for found in fields.values() for field in found):
        assert 'type="password"' in one
        assert re.search(r'autocomplete="(?:current|new)-password"', one)
        assert "onpaste" not in one


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_on_to_another_site(desk: tuple[DatelineServer, httpx.Client], address: str):
    """Whatever the address of the form named, a sign-in leads on to a page of the desk."""
    server, _ = desk
    form = httpx.get(f"{server.url}/desk/sign-in?next={quote(address)}", timeout=120)
    assert 'name="next" value="/desk"' in form.text
    typed = {"email": "chief@example.org", "password": PASSWORD, "next": address}
    origin = {"Origin": server.url}
    answer = httpx.post(f"{server.url}/desk/sign-in", data=typed, headers=origin, timeout=120)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")


def test_no_page_comes_out_of_a_cache(desk: tuple[DatelineServer, httpx.Client]):
    """Neither the browser's, after somebody has signed out, nor anybody else's."""
    server, chief = desk
    for place, answer in _pages(chief).items():
        assert "no-store" in answer.headers["cache-control"], place
    assert "no-store" in try_sign_in(server, "chief@example.org").headers["cache-control"]
