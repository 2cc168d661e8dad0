"""`dateline person`: people, managed in the database itself."""

import json

import pytest

from app.access.audit import list_audit
from app.cli.database import in_transaction
from tests.cli.tool import Tool

PASSWORD = b"seven boats left harbour\n"


def list_people(tool: Tool) -> list[dict[str, object]]:
    """Return all people from `person list --json`."""
    return list(json.loads(tool("person", "list", "--json").out)["people"])


def add_ann(tool: Tool, role: str = "chief") -> None:
    """Add Ann."""
    result = tool(
        "person", "add", "Ann@Example.org", "--name", "Ann Ö", "--role", role, stdin=PASSWORD
    )
    assert result.text == "Ann Ö signs in as Ann@Example.org.\n"


def test_who_is_taken_in_is_listed(tool: Tool) -> None:
    """The list shows a person's address and role and no password hash."""
    add_ann(tool)
    (person,) = list_people(tool)
    assert (person["email"], person["role"]) == ("ann@example.org", "chief")
    listed = tool("person", "list").text
    assert "ann@example.org" in listed
    assert "argon2" not in listed


@pytest.mark.parametrize(
    ("email", "name", "password", "error"),
    [
        ("ann@example.org", "Ann", b"short\n", "12 characters"),
        ("ann@example.org", "Ann", b"passwordpassword\n", "easily guessed"),
        ("ann@example.org", "Ann", b"", "12 characters"),
        ("nobody", "Ann", PASSWORD, "the email must be an e-mail address"),
        ("ann@example.org", " ", PASSWORD, "the name must not be empty"),
    ],
)
def test_what_cannot_be_taken_in_is_one_line(
    tool: Tool, email: str, name: str, password: bytes, error: str
) -> None:
    """An invalid person is refused in one line, and nobody is added."""
    result = tool("person", "add", email, "--name", name, stdin=password)
    assert error in result.complaint
    assert list_people(tool) == []


def test_an_address_is_taken_once(tool: Tool) -> None:
    """An address is taken regardless of case."""
    add_ann(tool)
    result = tool("person", "add", "ANN@example.org", "--name", "Other", stdin=PASSWORD)
    assert "already has the address ann@example.org" in result.complaint


def test_access_is_taken_but_not_from_the_last_chief(tool: Tool) -> None:
    """A person can be disabled, except for the only chief; an unknown address is reported."""
    add_ann(tool)
    tool("person", "add", "bob@example.org", "--name", "Bob", stdin=PASSWORD)
    assert tool("person", "disable", "bob@example.org").text == "Bob has no access.\n"
    assert [bool(person["disabled_at"]) for person in list_people(tool)] == [False, True]
    assert "only chief" in tool("person", "disable", "ann@example.org").complaint
    assert "no person" in tool("person", "disable", "eve@example.org").complaint
    assert "no access" in tool("person", "invite", "bob@example.org").complaint


def test_a_link_is_all_that_is_printed(tool: Tool) -> None:
    """`person invite` prints a link, for a new person and for one who has lost their password."""
    add_ann(tool)
    links = [
        tool("person", "invite").text,
        tool("person", "invite", "eve@example.org", "--role", "contributor").text,
        tool("person", "invite", "ANN@example.org").text,
    ]
    assert all(link.startswith("http://127.0.0.1:8000/desk/welcome/") for link in links)
    assert len({link.strip() for link in links}) == 3
    assert "such coverage" in tool("person", "invite", "--coverage", "nowhere").complaint
    assert "e-mail address" in tool("person", "invite", "nobody").complaint


def test_what_the_command_does_is_in_the_audit(tool: Tool) -> None:
    """Untraced privileges: changes to people, invitations and keys are audited as `operator`."""
    add_ann(tool)
    tool("person", "invite", "ben@example.org", "--role", "chief")
    tool("person", "invite", "ann@example.org")
    key = json.loads(tool("key", "create", "wire", "--role", "chief", "--json").out)
    tool("key", "revoke", key["id"])
    tool("person", "add", "eve@example.org", "--name", "Eve", "--role", "chief", stdin=PASSWORD)
    tool("person", "disable", "eve@example.org")
    audit = in_transaction(lambda session: list_audit(session, 100))
    assert {line.caller for line in audit} == {"operator"}
    assert [line.action for line in audit[::-1]] == [
        "addPerson",
        "createInvitation",
        "createInvitation",
        "createKey",
        "revokeKey",
        "addPerson",
        "changePerson",
    ]
    invited = [line.detail for line in audit[::-1] if line.action == "createInvitation"]
    assert (invited[0]["role"], invited[0]["person"]) == ("chief", None)
    assert invited[1]["person"] == list_people(tool)[0]["id"]
    assert all(line.thing for line in audit)
