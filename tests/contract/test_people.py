"""Tests of people and invitations, which a chief manages."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.problem import check_problem, pointers
from tests.dateline import DatelineServer, running_server
from tests.signed_in import sign_in, take_in


def person_of(newsroom: Newsroom, email: str) -> dict[str, Any]:
    """Return a person as the API lists them."""
    listed = newsroom.chief.get("/v1/people").raise_for_status().json()["people"]
    (matching,) = [person for person in listed if person["email"] == email]
    return dict(matching)


@pytest.fixture
def new_editor(newsroom: Newsroom, slug: str) -> dict[str, Any]:
    """A new editor with a password, as the API lists them."""
    take_in(newsroom.server, f"{slug}@example.org", slug.title(), "editor")
    return person_of(newsroom, f"{slug}@example.org")


def test_people_are_for_chiefs(newsroom: Newsroom, new_editor: dict[str, Any]) -> None:
    """Only chiefs list or change people and invitations; the list is `private`."""
    path = f"/v1/people/{new_editor['id']}"
    for client, status in (
        (newsroom.editor, 403),
        (newsroom.contributor, 403),
        (newsroom.reader, 401),
    ):
        check_problem(client.get("/v1/people"), status)
        check_problem(client.patch(path, json={"role": "chief"}), status)
        check_problem(client.get("/v1/invitations"), status)
        check_problem(client.post("/v1/invitations", json={"role": "chief"}), status)
        check_problem(client.delete("/v1/invitations/0000000000000000"), status)
    assert "private" in newsroom.chief.get("/v1/people").headers["cache-control"]
    assert person_of(newsroom, new_editor["email"]) == new_editor


def test_a_chief_of_one_coverage_is_none_of_people(
    newsroom: Newsroom, new_editor: dict[str, Any], slug: str
) -> None:
    """A chief of one coverage cannot list people."""
    change = {"role": None, "coverages": {slug: "chief"}}
    newsroom.chief.patch(f"/v1/people/{new_editor['id']}", json=change).raise_for_status()
    with sign_in(newsroom.server, new_editor["email"]) as client:
        check_problem(client.get("/v1/people"), 403)
        entry = client.post(f"/v1/coverages/{slug}/entries", json={"body": "Mine"})
        assert entry.status_code == 201


def test_a_change_answers_the_person(
    newsroom: Newsroom, new_editor: dict[str, Any], slug: str
) -> None:
    """A change returns the person; fields that are not given stay.

    No response has a password hash.
    """
    path = f"/v1/people/{new_editor['id']}"
    answer = newsroom.chief.patch(path, json={"coverages": {slug: "chief"}})
    assert answer.status_code == 200
    nothing_ended: dict[str, list[str]] = {
        part: [] for part in ("keys", "invitations", "people", "signed_out", "unscheduled")
    }
    assert answer.json() == new_editor | {"coverages": {slug: "chief"}, "ended": nothing_ended}
    assert newsroom.chief.patch(path, json={}).json() == answer.json()
    assert "argon2" not in newsroom.chief.get("/v1/people").text


def test_who_is_disabled_is_signed_out_at_once(
    newsroom: Newsroom, new_editor: dict[str, Any]
) -> None:
    """Disabling a person ends their sessions; they can sign in once they are enabled again."""
    path = f"/v1/people/{new_editor['id']}"
    with sign_in(newsroom.server, new_editor["email"]) as client:
        assert client.get("/desk").status_code == 200
        answer = newsroom.chief.patch(path, json={"disabled": True})
        assert answer.json()["disabled_at"] is not None
        assert client.get("/desk").status_code == 303
        assert client.get("/v1/people").status_code == 401
        newsroom.chief.patch(path, json={"disabled": False}).raise_for_status()
        assert client.get("/desk").status_code == 303
    with sign_in(newsroom.server, new_editor["email"]) as new_client:
        assert new_client.get("/desk").status_code == 200


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ("/name", {"name": ""}),
        ("/name", {"name": "two\nlines"}),
        ("/name", {"name": None}),
        ("/role", {"role": "king"}),
        ("/coverages/x", {"coverages": {"x": "king"}}),
        ("/coverages", {"coverages": ["x"]}),
        ("/disabled", {"disabled": "yes"}),
        ("/email", {"email": "x@example.org"}),
        ("/password", {"password": "seven boats left"}),
    ],
)
def test_a_change_of_the_wrong_shape_is_refused(
    newsroom: Newsroom, new_editor: dict[str, Any], where: str, sent: dict[str, Any]
) -> None:
    """An invalid change is a 422 with a pointer, and nothing is changed."""
    answer = newsroom.chief.patch(f"/v1/people/{new_editor['id']}", json={"role": "chief"} | sent)
    assert where in pointers(check_problem(answer, 422))
    assert person_of(newsroom, new_editor["email"]) == new_editor


def test_a_role_in_an_unknown_coverage_is_refused_whole(
    newsroom: Newsroom, new_editor: dict[str, Any]
) -> None:
    """A role in an unknown coverage is a 404, and nothing is changed."""
    change = {"name": "Other", "coverages": {"nowhere": "editor"}}
    check_problem(newsroom.chief.patch(f"/v1/people/{new_editor['id']}", json=change), 404)
    assert person_of(newsroom, new_editor["email"]) == new_editor


@pytest.mark.parametrize("wrong", ["nobody", "0" * 16, "%00", "%FF", "x" * 300])
def test_who_is_not_there_is_unknown(newsroom: Newsroom, wrong: str) -> None:
    """An unknown person or invitation is a 404."""
    check_problem(newsroom.chief.patch(f"/v1/people/{wrong}", json={"name": "x"}), 404)
    check_problem(newsroom.chief.delete(f"/v1/invitations/{wrong}"), 404)
    if "%" not in wrong:
        check_problem(newsroom.chief.post("/v1/invitations", json={"person": wrong}), 404)


@pytest.fixture(scope="module")
def server_with_one_chief(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A server with one chief."""
    with running_server(tmp_path_factory.mktemp("small")) as server:
        take_in(server, "ann@example.org", "Ann", "chief")
        yield server


@pytest.mark.parametrize("change", [{"role": "editor"}, {"role": None}, {"disabled": True}])
def test_the_last_chief_stays(
    server_with_one_chief: DatelineServer, change: dict[str, Any]
) -> None:
    """The last chief cannot be demoted or disabled, even by themselves (409)."""
    with sign_in(server_with_one_chief, "ann@example.org") as ann:
        (person,) = ann.get("/v1/people").json()["people"]
        answer = ann.patch(f"/v1/people/{person['id']}", json={"name": "Anna"} | change)
        assert check_problem(answer, 409)["type"] == "/problems/last-chief"
        assert ann.get("/v1/people").json()["people"] == [person]


def test_an_invitation_answers_its_link_once(newsroom: Newsroom, slug: str) -> None:
    """An invitation is a 201 with its link; no list and no repeated response has the link."""
    form = {"role": "editor", "coverage": slug, "email": f"New-{slug}@Example.org"}
    headers = {"Idempotency-Key": f"invite-{slug}"}
    first, repeated = (
        newsroom.chief.post("/v1/invitations", json=form, headers=headers) for _ in range(2)
    )
    assert (first.status_code, repeated.status_code) == (201, 201)
    invitation = first.json()
    assert first.headers["location"] == f"/v1/invitations/{invitation['id']}"
    assert invitation["link"].startswith(f"{newsroom.server.url}/desk/welcome/")
    assert (invitation["role"], invitation["coverage"]) == ("editor", slug)
    assert invitation["email"] == form["email"].lower()
    assert repeated.json() == invitation | {"link": None}
    listing = newsroom.chief.get("/v1/invitations")
    assert invitation["link"].rpartition("/")[2] not in listing.text
    (listed,) = [i for i in listing.json()["invitations"] if i["id"] == invitation["id"]]
    assert listed | {"link": None} == invitation | {"link": None}


def test_an_ended_invitation_opens_nothing(newsroom: Newsroom) -> None:
    """An ended invitation's link is a 410; ending it again returns the same."""
    invitation = newsroom.chief.post("/v1/invitations", json={"role": "editor"}).json()
    assert newsroom.reader.get(invitation["link"]).status_code == 200
    ended = newsroom.chief.delete(f"/v1/invitations/{invitation['id']}")
    assert ended.status_code == 200
    assert newsroom.chief.delete(f"/v1/invitations/{invitation['id']}").json() == ended.json()
    assert newsroom.reader.get(invitation["link"]).status_code == 410


def test_who_is_here_is_not_invited_again(newsroom: Newsroom, new_editor: dict[str, Any]) -> None:
    """An invitation to a known e-mail address is a 409; a link by person id is created."""
    form = {"role": "editor", "email": new_editor["email"].upper()}
    answer = newsroom.chief.post("/v1/invitations", json=form)
    assert check_problem(answer, 409)["type"] == "/problems/email-taken"
    answer = newsroom.chief.post("/v1/invitations", json={"person": new_editor["id"]})
    assert answer.status_code == 201
    assert (answer.json()["person"], answer.json()["role"]) == (new_editor["id"], None)


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ("", {}),
        ("/role", {"role": "king"}),
        ("/role", {"role": ""}),
        ("/email", {"role": "editor", "email": "nobody"}),
        ("/email", {"role": "editor", "email": "a@b\x00"}),
        ("/email", {"role": "editor", "email": "é@example.org"}),
        ("/email", {"role": "editor", "email": "x" * 300 + "@example.org"}),
        ("", {"role": "editor", "person": "0" * 16}),
        ("", {"person": "0" * 16, "email": "a@example.org"}),
        ("/link", {"role": "editor", "link": "x"}),
    ],
)
def test_an_invitation_of_the_wrong_shape_is_refused(
    newsroom: Newsroom, where: str, sent: dict[str, Any]
) -> None:
    """An invalid invitation is a 422 with a pointer, and none is created."""
    before = newsroom.chief.get("/v1/invitations").json()
    answer = newsroom.chief.post("/v1/invitations", json=sent)
    assert where in pointers(check_problem(answer, 422))
    assert newsroom.chief.get("/v1/invitations").json() == before


def test_an_invitation_into_an_unknown_coverage_is_refused(newsroom: Newsroom) -> None:
    """An invitation to an unknown coverage is a 404."""
    form = {"role": "editor", "coverage": "nowhere"}
    check_problem(newsroom.chief.post("/v1/invitations", json=form), 404)


def test_a_session_of_a_chief_may_do_the_same(server_with_one_chief: DatelineServer) -> None:
    """A chief's session can create invitations, with the server's own `Origin` only."""
    with sign_in(server_with_one_chief, "ann@example.org") as ann:
        assert ann.post("/v1/invitations", json={"role": "editor"}).status_code == 201
        elsewhere = {"Origin": "https://elsewhere.example"}
        answer = ann.post("/v1/invitations", json={"role": "editor"}, headers=elsewhere)
        check_problem(answer, 403)
    with httpx.Client(base_url=server_with_one_chief.url) as anonymous:
        check_problem(anonymous.post("/v1/invitations", json={"role": "editor"}), 401)
