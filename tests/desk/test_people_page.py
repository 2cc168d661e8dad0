"""Promises of the page of people, used without scripts."""

import httpx
import pytest

from tests.audit import newest_deeds
from tests.conftest import Newsroom
from tests.desk.forms import secret_shown, send
from tests.signed_in import sign_in

PAGE = "/desk/people"


def person_of(newsroom: Newsroom, person_id: str) -> dict[str, object]:
    """Somebody as the API lists them."""
    people = newsroom.chief.get("/v1/people").json()["people"]
    return next(person for person in people if person["id"] == person_id)


def test_pages_of_chiefs_are_for_chiefs(newsroom: Newsroom, newcomer: tuple[str, str]):
    """An editor is not shown the way, and is refused at the address and at what its forms do."""
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
    """In the newsroom and in a coverage, and takes them back."""
    action = f"/desk/people/{newcomer[1]}"
    given = {"name": "Zoë <i>", "role": "", "new_coverage": slug, "new_role": "chief"}
    answer = send(desk_chief, PAGE, action, **given)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    person = person_of(newsroom, newcomer[1])
    assert (person["name"], person["role"], person["coverages"]) == (
        "Zoë <i>",
        None,
        {slug: "chief"},
    )
    assert "Zoë &lt;i&gt;" in desk_chief.get(PAGE).text
    back = {"name": "Zoë", "role": "contributor", f"coverage:{slug}": ""}
    assert send(desk_chief, PAGE, action, **back).status_code == 303
    person = person_of(newsroom, newcomer[1])
    assert (person["role"], person["coverages"]) == ("contributor", {})


def test_taking_access_signs_out(
    newsroom: Newsroom, desk_chief: httpx.Client, newcomer: tuple[str, str]
):
    """The page tells who has none, and gives it again."""
    action = f"/desk/people/{newcomer[1]}"
    with sign_in(newsroom.server, newcomer[0]) as client:
        assert send(desk_chief, PAGE, action, disabled="yes").status_code == 303
        assert client.get("/desk").status_code == 303
    assert "no access" in desk_chief.get(PAGE).text
    assert send(desk_chief, PAGE, action, disabled="no").status_code == 303
    assert person_of(newsroom, newcomer[1])["disabled_at"] is None


@pytest.mark.parametrize(
    ("typed", "status", "told"),
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
    told: str,
):
    """And nothing is changed."""
    before = person_of(newsroom, newcomer[1])
    fields = {"name": "Other", "role": "editor", "new_role": "editor"}
    answer = send(desk_chief, PAGE, f"/desk/people/{newcomer[1]}", **fields | typed)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert told in answer.text
    assert person_of(newsroom, newcomer[1]) == before


def test_a_form_without_its_token_does_nothing(
    newsroom: Newsroom, desk_chief: httpx.Client, newcomer: tuple[str, str]
):
    """Nor one of another session, one from another site, or what is no form."""
    action, sent = f"/desk/people/{newcomer[1]}", {"disabled": "yes"}
    for token in {}, {"token": ""}, {"token": "0" * 32}:
        assert desk_chief.post(action, data=sent | token).status_code == 403
    assert desk_chief.post(action, json=sent).status_code == 415
    many = "&".join(f"a{n}=1" for n in range(5000))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert desk_chief.post(action, content=many, headers=form).status_code == 422
    assert desk_chief.post(action, content=b"\xff\xfe", headers=form).status_code == 422
    assert desk_chief.post(action, content="a" * 1024 * 1025, headers=form).status_code == 413
    assert person_of(newsroom, newcomer[1])["disabled_at"] is None


def test_an_invitation_is_shown_once_and_can_be_ended(newsroom: Newsroom, desk_chief: httpx.Client):
    """The link stands in the answer alone; ended, it leads nowhere."""
    made = send(desk_chief, PAGE, "/desk/invitations", role="editor", email="soon@example.org")
    link = secret_shown(made)
    assert newsroom.reader.get(link).status_code == 200
    listed = desk_chief.get(PAGE).text
    assert "soon@example.org" in listed
    assert link not in listed
    found = newsroom.chief.get("/v1/invitations").json()["invitations"]
    (invitation,) = [i for i in found if i["email"] == "soon@example.org"]
    assert send(desk_chief, PAGE, f"/desk/invitations/{invitation['id']}/end").status_code == 303
    assert newsroom.reader.get(link).status_code == 410
    assert "soon@example.org" not in desk_chief.get(PAGE).text


def test_a_link_for_a_new_password_is_shown(
    newsroom: Newsroom, desk_chief: httpx.Client, newcomer: tuple[str, str]
):
    """Its page greets the person."""
    link = secret_shown(send(desk_chief, PAGE, f"/desk/people/{newcomer[1]}/link"))
    assert "Welcome back" in newsroom.reader.get(link).text


def test_what_a_chief_does_here_is_in_the_audit(
    newsroom: Newsroom, desk_chief: httpx.Client, newcomer: tuple[str, str]
):
    """By form as by request: who did what to whom; and that a link was taken."""
    send(desk_chief, PAGE, f"/desk/people/{newcomer[1]}", role="contributor", name="Nora")
    link = secret_shown(send(desk_chief, PAGE, "/desk/invitations", role="editor"))
    lines = newest_deeds(newsroom.chief, 2)
    assert [line["action"] for line in lines] == ["createInvitation", "changePerson"]
    assert lines[1]["thing"] == newcomer[1]
    assert lines[1]["detail"]["role"] == "contributor"
    assert {line["name"] for line in lines} == {"Desk-Chief"}
    assert link.rpartition("/")[2] not in newsroom.chief.get("/v1/audit").text
