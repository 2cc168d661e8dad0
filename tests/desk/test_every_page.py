"""Tests of what all pages of the desk have in common."""

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
    """A server and its signed-in chief."""
    with running_desk(tmp_path_factory.mktemp("pages")) as running:
        open_coverage(running[1], "c")
        yield running


def _pages(chief: httpx.Client) -> dict[str, httpx.Response]:
    """Return every HTML page of the desk that a chief gets, by its path."""
    paths = (route.removeprefix("GET ") for route in all_routes() if route.startswith("GET /desk"))
    answers = {path: chief.get(path.replace("{slug}", "c")) for path in paths}
    return {
        path: answer
        for path, answer in answers.items()
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    }


def test_every_page_has_the_way_out(desk: tuple[DatelineServer, httpx.Client]):
    """Every page has a sign-out form, except those for signing in."""
    pages = _pages(desk[1])
    assert len(pages) >= 7
    for path, page in pages.items():
        is_sign_in = path.startswith(("/desk/sign-in", "/desk/welcome"))
        assert ('action="/desk/sign-out"' in page.text) is not is_sign_in, path


def test_a_password_is_hidden_and_left_to_password_managers(
    desk: tuple[DatelineServer, httpx.Client],
):
    """Password fields are masked, have `autocomplete` and allow pasting."""
    _, chief = desk
    link = chief.post("/v1/invitations", json={"role": "editor"}).json()["link"]
    pages = _pages(chief) | {"welcome": httpx.get(link, timeout=120)}
    inputs_by_path = {
        path: re.findall(r"<input\b[^>]*>", page.text) for path, page in pages.items()
    }
    fields = {
        path: [tag for tag in inputs if re.search(r'name="(?:password|old)"', tag)]
        for path, inputs in inputs_by_path.items()
    }
    assert {path for path, matches in fields.items() if matches} >= {
        "/desk/sign-in",
        "/desk/account",
        "/desk/account/second-factor",
        "welcome",
    }
    for tag in (field for matches in fields.values() for field in matches):
        assert 'type="password"' in tag
        assert re.search(r'autocomplete="(?:current|new)-password"', tag)
        assert "onpaste" not in tag


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_on_to_another_site(desk: tuple[DatelineServer, httpx.Client], address: str):
    """A sign-in redirects to a page of the desk, whatever `next` was."""
    server, _ = desk
    form = httpx.get(f"{server.url}/desk/sign-in?next={quote(address)}", timeout=120)
    assert 'name="next" value="/desk"' in form.text
    sign_in_form = {"email": "chief@example.org", "password": PASSWORD, "next": address}
    origin = {"Origin": server.url}
    answer = httpx.post(
        f"{server.url}/desk/sign-in", data=sign_in_form, headers=origin, timeout=120
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")


def test_no_page_comes_out_of_a_cache(desk: tuple[DatelineServer, httpx.Client]):
    """Every page of the desk is answered with `Cache-Control: no-store`."""
    server, chief = desk
    for path, answer in _pages(chief).items():
        assert "no-store" in answer.headers["cache-control"], path
    assert "no-store" in try_sign_in(server, "chief@example.org").headers["cache-control"]
