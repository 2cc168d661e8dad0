"""Tests of API keys: creation and revocation by a chief."""

from typing import Any

import pytest

from tests.conftest import Newsroom
from tests.contract.newsrooms import client_of, new_key
from tests.contract.problem import check_problem, pointers


@pytest.mark.parametrize("role", ["contributor", "editor", "chief"])
def test_a_new_key_works_at_once(newsroom: Newsroom, slug: str, role: str) -> None:
    """A new key is a 201 with `Location`, and its secret has the permissions of its role."""
    answer = newsroom.chief.post("/v1/keys", json={"name": "The tool", "role": role})
    assert answer.status_code == 201
    assert answer.headers["location"]
    key = answer.json()
    assert (key["name"], key["role"]) == ("The tool", role)
    with client_of(newsroom.server, key["key"]) as client:
        assert client.get(f"/v1/coverages/{slug}/drafts").status_code == 200
        entry = {"headline": "By the tool"}
        published = client.post(f"/v1/coverages/{slug}/entries", json=entry)
        assert published.status_code == (403 if role == "contributor" else 201)
        form = {"name": "x", "role": "contributor"}
        assert client.post("/v1/keys", json=form).status_code == (201 if role == "chief" else 403)


def test_the_secret_is_shown_once(newsroom: Newsroom) -> None:
    """The secret is in no list, and no cache stores the response that has it."""
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
    """A repeated creation with an `Idempotency-Key` makes one key and does not show its secret."""
    form, headers = {"name": "Twice", "role": "editor"}, {"Idempotency-Key": "one-key-only"}
    first, repeated = (
        newsroom.chief.post("/v1/keys", json=form, headers=headers) for _ in range(2)
    )
    assert (first.status_code, repeated.status_code) == (201, 201)
    assert first.json()["id"] == repeated.json()["id"]
    assert first.json()["key"] not in repeated.text
    keys = newsroom.chief.get("/v1/keys").json()["keys"]
    assert [key["name"] for key in keys].count("Twice") == 1


def test_a_revoked_key_opens_nothing(newsroom: Newsroom) -> None:
    """A revoked key is a 401 at once, for reading and writing."""
    key = newsroom.chief.post("/v1/keys", json={"name": "Leaver", "role": "chief"}).json()
    with client_of(newsroom.server, key["key"]) as client:
        assert client.get("/v1/keys").status_code == 200
        answer = newsroom.chief.delete(f"/v1/keys/{key['id']}")
        assert answer.status_code == 200
        assert answer.json()["id"] == key["id"]
        refused = client.get("/v1/keys")
        check_problem(refused, 401)
        assert refused.headers["www-authenticate"]
        check_problem(client.post("/v1/coverages", json={"slug": "x", "title": "x"}), 401)


@pytest.mark.parametrize("key_id", ["nobody", "00000000", "%00", "%FF", "x" * 300])
def test_an_unknown_key_cannot_be_revoked(newsroom: Newsroom, key_id: str) -> None:
    """Revoking an unknown key is a 404."""
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
    """An invalid form is a 422 with a pointer, and no key is created."""
    before = newsroom.chief.get("/v1/keys").json()
    answer = newsroom.chief.post("/v1/keys", json=sent)
    assert where in pointers(check_problem(answer, 422))
    assert newsroom.chief.get("/v1/keys").json() == before


def test_two_keys_are_never_the_same(newsroom: Newsroom) -> None:
    """Keys are unique, even with the same name and role."""
    assert len({new_key(newsroom.chief, "contributor") for _ in range(5)}) == 5


def test_what_a_stolen_key_made_ends_with_it_if_that_is_asked(newsroom: Newsroom) -> None:
    """With `made=true` the revocation ends the key's keys and links, and names the ended keys."""
    stolen = newsroom.chief.post("/v1/keys", json={"name": "stolen", "role": "chief"}).json()
    with client_of(newsroom.server, stolen["key"]) as thief:
        created = thief.post("/v1/keys", json={"name": "made", "role": "chief"}).json()
        link = thief.post("/v1/invitations", json={"role": "chief"}).json()
    assert created["made_by"] == f"key:{stolen['id']}"
    ended = newsroom.chief.delete(f"/v1/keys/{stolen['id']}", params={"made": "true"}).json()
    assert ended["ended"]["keys"] == [created["id"]]
    with client_of(newsroom.server, created["key"]) as thief:
        check_problem(thief.get("/v1/keys"), 401)
    assert newsroom.reader.get(link["link"]).status_code == 410


def test_what_a_stolen_key_has_scheduled_does_not_go_out(newsroom: Newsroom, slug: str) -> None:
    """With `made=true` entries that the key scheduled or changed become drafts, and are audited."""
    entries = f"/v1/coverages/{slug}/entries"
    later = {"embargo_until": "2100-01-01T00:00:00Z"}
    stolen = newsroom.chief.post("/v1/keys", json={"name": "stolen", "role": "editor"}).json()
    unrelated, changed = (
        newsroom.editor.post(entries, json={"headline": "Ours", **later}).json()["id"]
        for _ in range(2)
    )
    with client_of(newsroom.server, stolen["key"]) as thief:
        own = thief.post(entries, json={"headline": "Planted", **later}).json()["id"]
        form = {"headline": "Not so"}
        thief.patch(f"{entries}/{changed}", json=form, headers={"If-Match": "*"})
    path = f"/v1/keys/{stolen['id']}"
    ended = newsroom.chief.delete(path, params={"made": "true"}).json()["ended"]
    assert set(ended["unscheduled"]) == {f"{slug}/{own}", f"{slug}/{changed}"}
    drafts = newsroom.editor.get(f"/v1/coverages/{slug}/drafts").json()["drafts"]
    assert {draft["id"]: (draft["status"], draft["embargo_until"]) for draft in drafts} == {
        unrelated: ("scheduled", "2100-01-01T00:00:00.000Z"),
        own: ("draft", None),
        changed: ("draft", None),
    }
    audit = newsroom.chief.get("/v1/audit", params={"coverage": slug}).json()["audit"]
    unscheduled = [entry["thing"] for entry in audit if entry["action"] == "unscheduleEntry"]
    assert set(unscheduled) == {own, changed}


def test_a_revoked_keys_link_makes_nobody_a_chief(newsroom: Newsroom) -> None:
    """A revoked key's link cannot be accepted, while its keys stay without `made`."""
    stolen = newsroom.chief.post("/v1/keys", json={"name": "stolen", "role": "chief"}).json()
    with client_of(newsroom.server, stolen["key"]) as thief:
        created = thief.post("/v1/keys", json={"name": "made", "role": "chief"}).json()
        link = thief.post("/v1/invitations", json={"role": "chief"}).json()["link"]
    ended = newsroom.chief.delete(f"/v1/keys/{stolen['id']}").json()["ended"]
    assert ended == {
        part: [] for part in ("keys", "invitations", "people", "signed_out", "unscheduled")
    }
    form = {"name": "Eve", "email": "eve@example.net", "password": "wort kiesel mauer"}
    answer = newsroom.reader.post(link, data=form, headers={"Origin": newsroom.server.url})
    assert answer.status_code == 410
    assert "set-cookie" not in answer.headers
    with client_of(newsroom.server, created["key"]) as client:
        assert client.get("/v1/keys").status_code == 200


@pytest.mark.parametrize("made", ["perhaps", "", "2"])
def test_what_is_no_choice_ends_nothing(newsroom: Newsroom, made: str) -> None:
    """A `made` that is neither true nor false is a 422, and the key stays valid."""
    key = newsroom.chief.post("/v1/keys", json={"name": "x", "role": "editor"}).json()
    answer = newsroom.chief.delete(f"/v1/keys/{key['id']}", params={"made": made})
    check_problem(answer, 422)
    with client_of(newsroom.server, key["key"]) as tool:
        assert tool.get("/v1/coverages").status_code == 200
