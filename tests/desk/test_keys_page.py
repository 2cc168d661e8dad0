"""Tests of the page of API keys, used without scripts."""

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import client_of
from tests.desk.forms import secret_shown, send

PAGE = "/desk/keys"


def test_a_key_is_shown_once_and_works(newsroom: Newsroom, desk_chief: httpx.Client, slug: str):
    """A key's secret is shown once; the key works for its coverage until it is revoked."""
    answer = send(desk_chief, PAGE, PAGE, name="Wire <b>", role="editor", coverage=slug)
    assert answer.headers["cache-control"] == "no-store"
    secret = secret_shown(answer)
    listed = desk_chief.get(PAGE).text
    assert "Wire &lt;b&gt;" in listed
    assert secret not in listed
    with client_of(newsroom.server, secret) as tool:
        path = f"/v1/coverages/{slug}/entries"
        assert tool.post(path, json={"body": "By the tool"}).status_code == 201
        assert tool.post("/v1/coverages", json={"slug": "x", "title": "x"}).status_code == 403
        assert send(desk_chief, PAGE, f"{PAGE}/{secret.split('_')[1]}/revoke").status_code == 303
        assert tool.post(path, json={"body": "Too late"}).status_code == 401


@pytest.mark.parametrize(
    ("typed", "status"),
    [({"name": ""}, 422), ({"role": "king"}, 422), ({"coverage": "nowhere"}, 404)],
)
def test_a_key_that_cannot_be_made_is_told(
    newsroom: Newsroom, desk_chief: httpx.Client, typed: dict[str, str], status: int
):
    """An invalid form is shown with an error, and no key is created."""
    before = newsroom.chief.get("/v1/keys").json()
    answer = send(desk_chief, PAGE, PAGE, **{"name": "x", "role": "editor"} | typed)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert newsroom.chief.get("/v1/keys").json() == before


def test_a_key_that_is_not_there_cannot_be_revoked(desk_chief: httpx.Client):
    """Revoking an unknown key is answered with a 404 page."""
    page = desk_chief.get("/desk/account").text
    token = page.partition('name="token" value="')[2][:32]
    answer = desk_chief.post(f"{PAGE}/00000000/revoke", data={"token": token})
    assert answer.status_code == 404
    assert "no such key" in answer.text


def test_the_page_shows_who_made_a_key_and_ends_what_it_made(
    newsroom: Newsroom, desk_chief: httpx.Client
):
    """The page shows who created a key, and can also revoke the keys that a key created."""
    secret = secret_shown(send(desk_chief, PAGE, PAGE, name="Outer", role="chief"))
    with client_of(newsroom.server, secret) as outer:
        inner = outer.post("/v1/keys", json={"name": "Inner", "role": "editor"}).json()
    assert "by <bdi>Outer</bdi>" in desk_chief.get(PAGE).text
    send(desk_chief, PAGE, f"{PAGE}/{secret.split('_')[1]}/revoke", made="yes")
    with client_of(newsroom.server, inner["key"]) as tool:
        assert tool.post("/v1/coverages", json={}).status_code == 401
