"""People and invitations: seen and changed by a chief."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import Newsroom
from tests.contract.problem import check_problem, pointers
from tests.dateline import DatelineServer, running_server
from tests.signed_in import sign_in, take_in


def person_of(newsroom: Newsroom, email: str) -> dict[str, Any]:
    """Somebody as they are listed."""
    listed = newsroom.chief.get("/v1/people").raise_for_status().json()["people"]
    (found,) = [person for person in listed if person["email"] == email]
    return dict(found)


@pytest.fixture
def reporter(newsroom: Newsroom, slug: str) -> dict[str, Any]:
    """Somebody new who signs in by a password."""
    take_in(newsroom.server, f"{slug}@example.org", slug.title(), "editor")
    return person_of(newsroom, f"{slug}@example.org")


def test_people_are_for_chiefs(newsroom: Newsroom, reporter: dict[str, Any]) -> None:
    """Everybody else is refused, whatever they ask; no answer goes into a shared cache."""
    path = f"/v1/people/{reporter['id']}"
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
    assert person_of(newsroom, reporter["email"]) == reporter


def test_a_chief_of_one_coverage_is_none_of_people(
    newsroom: Newsroom, reporter: dict[str, Any], slug: str
) -> None:
    """Their role opens that coverage, and not the newsroom."""
    change = {"role": None, "coverages": {slug: "chief"}}
    newsroom.chief.patch(f"/v1/people/{reporter['id']}", json=change).raise_for_status()
    with sign_in(newsroom.server, reporter["email"]) as client:
        check_problem(client.get("/v1/people"), 403)
        entry = client.post(f"/v1/coverages/{slug}/entries", json={"body": "Mine"})
        assert entry.status_code == 201


def test_a_change_answers_the_person(
    newsroom: Newsroom, reporter: dict[str, Any], slug: str
) -> None:
    """What is left out stays; no answer has a password or a hash of one."""
    path = f"/v1/people/{reporter['id']}"
    answer = newsroom.chief.patch(path, json={"coverages": {slug: "chief"}})
    assert answer.status_code == 200
    nothing: dict[str, list[str]] = {
        part: [] for part in ("keys", "invitations", "people", "signed_out", "unscheduled")
    }
    assert answer.json() == reporter | {"coverages": {slug: "chief"}, "ended": nothing}
    assert newsroom.chief.patch(path, json={}).json() == answer.json()
    assert "argon2" not in newsroom.chief.get("/v1/people").text


def test_who_is_disabled_is_signed_out_at_once(
    newsroom: Newsroom, reporter: dict[str, Any]
) -> None:
    """In every browser, for reading and writing, until they sign in again."""
    path = f"/v1/people/{reporter['id']}"
    with sign_in(newsroom.server, reporter["email"]) as client:
        assert client.get("/desk").status_code == 200
        answer = newsroom.chief.patch(path, json={"disabled": True})
        assert answer.json()["disabled_at"] is not None
        assert client.get("/desk").status_code == 303
        assert client.get("/v1/people").status_code == 401
        newsroom.chief.patch(path, json={"disabled": False}).raise_for_status()
        assert client.get("/desk").status_code == 303
    with sign_in(newsroom.server, reporter["email"]) as again:
        assert again.get("/desk").status_code == 200


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
    newsroom: Newsroom, reporter: dict[str, Any], where: str, sent: dict[str, Any]
) -> None:
    """A 422 names what is wrong, and nothing is changed."""
    answer = newsroom.chief.patch(f"/v1/people/{reporter['id']}", json={"role": "chief"} | sent)
    assert where in pointers(check_problem(answer, 422))
    assert person_of(newsroom, reporter["email"]) == reporter


def test_a_role_in_an_unknown_coverage_is_refused_whole(
    newsroom: Newsroom, reporter: dict[str, Any]
) -> None:
    """It is a 404, and the rest of the change is not made either."""
    change = {"name": "Other", "coverages": {"nowhere": "editor"}}
    check_problem(newsroom.chief.patch(f"/v1/people/{reporter['id']}", json=change), 404)
    assert person_of(newsroom, reporter["email"]) == reporter


@pytest.mark.parametrize("wrong", ["nobody", "0" * 16, "%00", "%FF", "x" * 300])
def test_who_is_not_there_is_unknown(newsroom: Newsroom, wrong: str) -> None:
    """A 404, for people and for invitations."""
    check_problem(newsroom.chief.patch(f"/v1/people/{wrong}", json={"name": "x"}), 404)
    check_problem(newsroom.chief.delete(f"/v1/invitations/{wrong}"), 404)
    if "%" not in wrong:
        check_problem(newsroom.chief.post("/v1/invitations", json={"person": wrong}), 404)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatelineServer]:
    """A newsroom of one chief."""
    with running_server(tmp_path_factory.mktemp("small")) as server:
        take_in(server, "ann@example.org", "Ann", "chief")
        yield server


@pytest.mark.parametrize("change", [{"role": "editor"}, {"role": None}, {"disabled": True}])
def test_the_last_chief_stays(small: DatelineServer, change: dict[str, Any]) -> None:
    """Also against themselves: a 409 says who has to become one first, and they stay signed in."""
    with sign_in(small, "ann@example.org") as ann:
        (person,) = ann.get("/v1/people").json()["people"]
        answer = ann.patch(f"/v1/people/{person['id']}", json={"name": "Anna"} | change)
        assert check_problem(answer, 409)["type"] == "/problems/last-chief"
        assert ann.get("/v1/people").json()["people"] == [person]


def test_an_invitation_answers_its_link_once(newsroom: Newsroom, slug: str) -> None:
    """201 with a Location and the link; no list and no repeated answer has it."""
    sent = {"role": "editor", "coverage": slug, "email": f"New-{slug}@Example.org"}
    name = {"Idempotency-Key": f"invite-{slug}"}
    first, again = (
        newsroom.chief.post("/v1/invitations", json=sent, headers=name) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 201)
    made = first.json()
    assert first.headers["location"] == f"/v1/invitations/{made['id']}"
    assert made["link"].startswith(f"{newsroom.server.url}/desk/welcome/")
    assert (made["role"], made["coverage"]) == ("editor", slug)
    assert made["email"] == sent["email"].lower()
    assert again.json() == made | {"link": None}
    listing = newsroom.chief.get("/v1/invitations")
    assert made["link"].rpartition("/")[2] not in listing.text
    (listed,) = [i for i in listing.json()["invitations"] if i["id"] == made["id"]]
    assert listed | {"link": None} == made | {"link": None}


def test_an_ended_invitation_opens_nothing(newsroom: Newsroom) -> None:
    """From the answer on; ending it once more answers the same."""
    made = newsroom.chief.post("/v1/invitations", json={"role": "editor"}).json()
    assert newsroom.reader.get(made["link"]).status_code == 200
    ended = newsroom.chief.delete(f"/v1/invitations/{made['id']}")
    assert ended.status_code == 200
    assert newsroom.chief.delete(f"/v1/invitations/{made['id']}").json() == ended.json()
    assert newsroom.reader.get(made["link"]).status_code == 410


def test_who_is_here_is_not_invited_again(newsroom: Newsroom, reporter: dict[str, Any]) -> None:
    """Their address is taken, a 409; a link for a new password is made by their id."""
    taken = {"role": "editor", "email": reporter["email"].upper()}
    answer = newsroom.chief.post("/v1/invitations", json=taken)
    assert check_problem(answer, 409)["type"] == "/problems/email-taken"
    answer = newsroom.chief.post("/v1/invitations", json={"person": reporter["id"]})
    assert answer.status_code == 201
    assert (answer.json()["person"], answer.json()["role"]) == (reporter["id"], None)


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
    """A 422 names what is wrong, and no link is made."""
    before = newsroom.chief.get("/v1/invitations").json()
    answer = newsroom.chief.post("/v1/invitations", json=sent)
    assert where in pointers(check_problem(answer, 422))
    assert newsroom.chief.get("/v1/invitations").json() == before


def test_an_invitation_into_an_unknown_coverage_is_refused(newsroom: Newsroom) -> None:
    """A 404."""
    sent = {"role": "editor", "coverage": "nowhere"}
    check_problem(newsroom.chief.post("/v1/invitations", json=sent), 404)


def test_a_session_of_a_chief_may_do_the_same(small: DatelineServer) -> None:
    """From our own pages only."""
    with sign_in(small, "ann@example.org") as ann:
        assert ann.post("/v1/invitations", json={"role": "editor"}).status_code == 201
        elsewhere = {"Origin": "https://elsewhere.example"}
        answer = ann.post("/v1/invitations", json={"role": "editor"}, headers=elsewhere)
        check_problem(answer, 403)
    with httpx.Client(base_url=small.url) as nobody:
        check_problem(nobody.post("/v1/invitations", json={"role": "editor"}), 401)
