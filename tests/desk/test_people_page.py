"""Tests of the page of people, used without scripts."""

import httpx
import pytest

from tests.audit import newest_actions
from tests.conftest import Newsroom
from tests.desk.forms import secret_shown, send
from tests.signed_in import sign_in

PAGE = "/desk/people"


def person_of(newsroom: Newsroom, person_id: str) -> dict[str, object]:
    """Return a person as the API lists them."""
    people = newsroom.chief.get("/v1/people").json()["people"]
    return next(person for person in people if person["id"] == person_id)


def test_pages_of_chiefs_are_for_chiefs(newsroom: Newsroom, newcomer: tuple[str, str]):
    """An editor has no link to the chiefs' pages, and gets a 403 for them and their forms."""
    with sign_in(newsroom.server, newcomer[0]) as editor:
        page = editor.get("/desk").text
        assert "/desk/account" in page
        assert "/desk/people" not in page
        for path in "/desk/people", "/desk/keys":
            assert editor.get(path).status_code == 403
        for path in (f"/desk/people/{newcomer[1]}", "/desk/invitations", "/desk/keys"):
            assert editor.post(path, data={"role": "chief"}).status_code == 403
    assert person_of(newsroom, newcomer[1])["role"] == "editor"


def test_a_chief_gives_roles_by_a_form(
    newsroom: Newsroom, desk_chief: httpx.Client, newcomer: tuple[str, str], slug: str
):
    """A chief gives and removes roles in the newsroom and in a coverage by a form."""
    action = f"/desk/people/{newcomer[1]}"
    fields = {"name": "Zoë <i>", "role": "", "new_coverage": slug, "new_role": "chief"}
    answer = send(desk_chief, PAGE, action, **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    person = person_of(newsroom, newcomer[1])
    assert (person["name"], person["role"], person["coverages"]) == (
        "Zoë <i>",
        None,
        {slug: "chief"},
    )
    assert "Zoë &lt;i&gt;" in desk_chief.get(PAGE).text
    removal = {"name": "Zoë", "role": "contributor", f"coverage:{slug}": ""}
    assert send(desk_chief, PAGE, action, **removal).status_code == 303
    person = person_of(newsroom, newcomer[1])
    assert (person["role"], person["coverages"]) == ("contributor", {})


def test_taking_access_signs_out(
    newsroom: Newsroom, desk_chief: httpx.Client, newcomer: tuple[str, str]
):
    """Disabling a person ends their session; the page shows it and can enable them again."""
    action = f"/desk/people/{newcomer[1]}"
    with sign_in(newsroom.server, newcomer[0]) as client:
        assert send(desk_chief, PAGE, action, disabled="yes").status_code == 303
        assert client.get("/desk").status_code == 303
    assert "no access" in desk_chief.get(PAGE).text
    assert send(desk_chief, PAGE, action, disabled="no").status_code == 303
    assert person_of(newsroom, newcomer[1])["disabled_at"] is None


@pytest.mark.parametrize(
    ("typed", "status", "message"),
    [
        ({"name": " "}, 422, "Name: must not be empty"),
        ({"role": "king"}, 422, "Role"),
        ({"new_coverage": "nowhere"}, 404, "no such coverage"),
        ({"new_coverage": "a\x00b"}, 404, "no such coverage"),
    ],
)
def test_what_cannot_be_done_is_told_on_the_page(
    newsroom: Newsroom,
    desk_chief: httpx.Client,
    newcomer: tuple[str, str],
    typed: dict[str, str],
    status: int,
    message: str,
):
    """An invalid form is shown with an error, and nothing is changed."""
    before = person_of(newsroom, newcomer[1])
    fields = {"name": "Other", "role": "editor", "new_role": "editor"}
    answer = send(desk_chief, PAGE, f"/desk/people/{newcomer[1]}", **fields | typed)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert message in answer.text
    assert person_of(newsroom, newcomer[1]) == before


def test_a_form_without_its_token_does_nothing(
    newsroom: Newsroom, desk_chief: httpx.Client, newcomer: tuple[str, str]
):
    """A form without the session's token is a 403; a malformed or oversized form is refused."""
    action, fields = f"/desk/people/{newcomer[1]}", {"disabled": "yes"}
    for token in {}, {"token": ""}, {"token": "0" * 32}:
        assert desk_chief.post(action, data=fields | token).status_code == 403
    assert desk_chief.post(action, json=fields).status_code == 415
    many = "&".join(f"a{n}=1" for n in range(5000))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert desk_chief.post(action, content=many, headers=form).status_code == 422
    assert desk_chief.post(action, content=b"\xff\xfe", headers=form).status_code == 422
    assert desk_chief.post(action, content="a" * 1024 * 1025, headers=form).status_code == 413
    assert person_of(newsroom, newcomer[1])["disabled_at"] is None


def test_an_invitation_is_shown_once_and_can_be_ended(newsroom: Newsroom, desk_chief: httpx.Client):
    """An invitation's link is shown once; an ended invitation's link is a 410."""
    answer = send(desk_chief, PAGE, "/desk/invitations", role="editor", email="soon@example.org")
    link = secret_shown(answer)
    assert newsroom.reader.get(link).status_code == 200
    listed = desk_chief.get(PAGE).text
    assert "soon@example.org" in listed
    assert link not in listed
    invitations = newsroom.chief.get("/v1/invitations").json()["invitations"]
    (invitation,) = [i for i in invitations if i["email"] == "soon@example.org"]
    assert send(desk_chief, PAGE, f"/desk/invitations/{invitation['id']}/end").status_code == 303
    assert newsroom.reader.get(link).status_code == 410
    assert "soon@example.org" not in desk_chief.get(PAGE).text


def test_a_link_for_a_new_password_is_shown(
    newsroom: Newsroom, desk_chief: httpx.Client, newcomer: tuple[str, str]
):
    """A link for a new password is shown, and its page greets the person."""
    link = secret_shown(send(desk_chief, PAGE, f"/desk/people/{newcomer[1]}/link"))
    assert "Welcome back" in newsroom.reader.get(link).text


def test_what_a_chief_does_here_is_in_the_audit(
    newsroom: Newsroom, desk_chief: httpx.Client, newcomer: tuple[str, str]
):
    """Changes by the page are in the audit log with the chief's name, without the link."""
    send(desk_chief, PAGE, f"/desk/people/{newcomer[1]}", role="contributor", name="Nora")
    link = secret_shown(send(desk_chief, PAGE, "/desk/invitations", role="editor"))
    audit = newest_actions(newsroom.chief, 2)
    assert [entry["action"] for entry in audit] == ["createInvitation", "changePerson"]
    assert audit[1]["thing"] == newcomer[1]
    assert audit[1]["detail"]["role"] == "contributor"
    assert {entry["name"] for entry in audit} == {"Desk-Chief"}
    assert link.rpartition("/")[2] not in newsroom.chief.get("/v1/audit").text
