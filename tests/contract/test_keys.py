"""API keys: given out and taken back by a chief."""

from typing import Any

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import client_of, new_key
from tests.contract.problem import check_problem, pointers


@pytest.mark.parametrize("role", ["contributor", "editor", "chief"])
def test_a_new_key_works_at_once(newsroom: Newsroom, role: str) -> None:
    """201, a Location, and the secret, which opens the door of its role."""
    answer = newsroom.chief.post("/v1/keys", json={"name": "The tool", "role": role})
    assert answer.status_code == 201
    assert answer.headers["location"]
    key = answer.json()
    assert (key["name"], key["role"]) == ("The tool", role)
    with client_of(newsroom.server, key["key"]) as client:
        assert client.get("/v1/coverages?status=planned").status_code == 200
        sent = {"name": "x", "role": "contributor"}
        assert client.post("/v1/keys", json=sent).is_success == (role == "chief")


def test_the_secret_is_shown_once(newsroom: Newsroom) -> None:
    """No list has it, and no cache keeps the answer that has."""
    answer = newsroom.chief.post("/v1/keys", json={"name": "Once", "role": "editor"})
    secret = answer.json()["key"]
    assert "no-store" in answer.headers["cache-control"]
    listing = newsroom.chief.get("/v1/keys")
    listed = next(key for key in listing.json()["keys"] if key["id"] == answer.json()["id"])
    assert (listed["name"], listed["role"]) == ("Once", "editor")
    assert secret not in listing.text
    assert secret.rpartition("_")[2] not in listing.text
    assert "public" not in listing.headers["cache-control"]


def test_a_repeated_request_does_not_show_the_secret_again(newsroom: Newsroom) -> None:
    """With an Idempotency-Key the key is made once, and its secret is not kept for the repeat."""
    sent, name = {"name": "Twice", "role": "editor"}, {"Idempotency-Key": "one-key-only"}
    first, again = (newsroom.chief.post("/v1/keys", json=sent, headers=name) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["key"] not in again.text
    keys = newsroom.chief.get("/v1/keys").json()["keys"]
    assert [key["name"] for key in keys].count("Twice") == 1


def test_a_revoked_key_opens_nothing(newsroom: Newsroom) -> None:
    """From the answer on it is no key any more, for reading neither."""
    made = newsroom.chief.post("/v1/keys", json={"name": "Leaver", "role": "chief"}).json()
    with client_of(newsroom.server, made["key"]) as client:
        assert client.get("/v1/keys").status_code == 200
        answer = newsroom.chief.delete(f"/v1/keys/{made['id']}")
        assert answer.status_code == 200
        assert answer.json()["id"] == made["id"]
        refused = client.get("/v1/keys")
        check_problem(refused, 401)
        assert refused.headers["www-authenticate"]
        check_problem(client.post("/v1/coverages", json={"slug": "x", "title": "x"}), 401)


@pytest.mark.parametrize("key_id", ["nobody", "00000000", "%00", "%FF", "x" * 300])
def test_an_unknown_key_cannot_be_revoked(newsroom: Newsroom, key_id: str) -> None:
    """It is a 404."""
    check_problem(newsroom.chief.delete(f"/v1/keys/{key_id}"), 404)


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ("/name", {"role": "editor"}),
        ("/role", {"name": "x"}),
        ("/role", {"name": "x", "role": "king"}),
        ("/role", {"name": "x", "role": None}),
        ("/name", {"name": "", "role": "editor"}),
        ("/name", {"name": "two\nlines", "role": "editor"}),
        ("/name", {"name": 5, "role": "editor"}),
        ("/name", {"name": "x" * 5000, "role": "editor"}),
    ],
)
def test_a_key_of_the_wrong_shape_is_refused(
    newsroom: Newsroom, where: str, sent: dict[str, Any]
) -> None:
    """A 422 names what is wrong, and no key is made."""
    before = newsroom.chief.get("/v1/keys").json()
    answer = newsroom.chief.post("/v1/keys", json=sent)
    assert where in pointers(check_problem(answer, 422))
    assert newsroom.chief.get("/v1/keys").json() == before


def test_two_keys_are_never_the_same(newsroom: Newsroom) -> None:
    """Even of the same name and role."""
    assert len({new_key(newsroom.chief, "contributor") for _ in range(5)}) == 5
