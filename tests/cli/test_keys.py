"""`dateline key`: API keys, managed in the database itself."""

import json

import httpx

from tests.cli.conftest import Remote
from tests.cli.tool import Tool


def test_a_key_is_all_that_is_printed(tool: Tool) -> None:
    """`key create` prints only the key, for use in scripts."""
    result = tool("key", "create", "The desk", "--role", "chief")
    assert result.text.startswith("dateline_")
    assert len(result.text.split()) == 1
    assert result.err == ""


def test_a_revoked_key_is_listed_as_such(tool: Tool) -> None:
    """The list shows a key with its revocation and without its secret."""
    created = json.loads(tool("key", "create", "Ann Ö", "--json").out)
    assert created["role"] == "editor"
    assert "Ann Ö" in tool("key", "list").text
    assert "is revoked" in tool("key", "revoke", created["id"]).text
    listed = tool("key", "list", "--json")
    (key,) = json.loads(listed.out)["keys"]
    assert key["revoked_at"] is not None
    assert created["key"].rsplit("_", 1)[1] not in listed.text


def test_what_is_no_role_or_name_makes_no_key(tool: Tool) -> None:
    """An unknown role is refused with the valid ones, and an invalid name in one line."""
    result = tool("key", "create", "x", "--role", "boss")
    assert result.code == 2
    assert all(role in result.err for role in ("contributor", "editor", "chief"))
    for name in ("", " ", "two\nlines", "x" * 201):
        assert "name" in tool("key", "create", name).complaint
    assert tool("key", "revoke", "nobody").complaint == "There is no such key."
    assert json.loads(tool("key", "list", "--json").out) == {"keys": []}


def test_a_key_may_be_of_one_coverage(operator: Tool, remote: Remote) -> None:
    """A key for one coverage writes only there; for an unknown coverage no key is created."""
    command = ["key", "create", "One page", "--coverage"]
    secret = operator(*command, remote.slug).text.strip()
    with httpx.Client(headers={"Authorization": f"Bearer {secret}"}) as client:
        coverages = f"{remote.url}/v1/coverages"
        response = client.post(f"{coverages}/{remote.slug}/entries", json={"body": "Here"})
        assert response.status_code == 201
        assert client.post(coverages, json={"slug": "other", "title": "x"}).status_code == 403
    assert operator(*command, "nowhere").complaint == "there is no coverage nowhere"


def test_what_a_key_made_ends_with_it_if_that_is_asked(operator: Tool, remote: Remote) -> None:
    """`revoke --made` revokes the keys that a key created; the audit has a line for each."""
    key = json.loads(operator("key", "create", "Outer", "--role", "chief", "--json").out)
    assert key["made_by"] == "operator"
    with httpx.Client(headers={"Authorization": f"Bearer {key['key']}"}) as outer:
        inner_key = outer.post(
            f"{remote.url}/v1/keys", json={"name": "Inner", "role": "chief"}
        ).json()
    result = operator("key", "revoke", key["id"], "--made").text
    assert "is revoked" in result
    assert "1 keys" in result
    with httpx.Client(headers={"Authorization": f"Bearer {inner_key['key']}"}) as inner:
        assert inner.get(f"{remote.url}/v1/keys").status_code == 401
    audit = remote.newsroom.chief.get("/v1/audit").json()["audit"]
    actions = {(line["caller"], line["action"], line["thing"]) for line in audit}
    assert {("operator", "revokeKey", i) for i in (key["id"], inner_key["id"])} < actions
