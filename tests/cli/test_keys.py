"""`dateline key`: keys in the database itself."""

import json

import httpx

from tests.cli.conftest import Remote
from tests.cli.tool import Tool


def test_a_key_is_all_that_is_printed(tool: Tool) -> None:
    """A script takes stdout for the key."""
    said = tool("key", "create", "The desk", "--role", "chief")
    assert said.text.startswith("dateline_")
    assert len(said.text.split()) == 1
    assert said.err == ""


def test_a_revoked_key_is_listed_as_such(tool: Tool) -> None:
    """The list shows who has which role since when, and what has ended; never a secret."""
    made = json.loads(tool("key", "create", "Ann Ö", "--json").out)
    assert made["role"] == "editor"
    assert "Ann Ö" in tool("key", "list").text
    assert "is revoked" in tool("key", "revoke", made["id"]).text
    listed = tool("key", "list", "--json")
    (key,) = json.loads(listed.out)["keys"]
    assert key["revoked_at"] is not None
    assert made["key"].rsplit("_", 1)[1] not in listed.text


def test_what_is_no_role_or_name_makes_no_key(tool: Tool) -> None:
    """A mistyped role names those that there are; a key has a name on one line."""
    said = tool("key", "create", "x", "--role", "boss")
    assert said.code == 2
    assert all(role in said.err for role in ("contributor", "editor", "chief"))
    for name in ("", " ", "two\nlines", "x" * 201):
        assert "name" in tool("key", "create", name).complaint
    assert tool("key", "revoke", "nobody").complaint == "There is no such key."
    assert json.loads(tool("key", "list", "--json").out) == {"keys": []}


def test_a_key_may_be_of_one_coverage(operator: Tool, remote: Remote) -> None:
    """It writes there and nowhere else; of a coverage that is not there none is made."""
    made = ["key", "create", "One page", "--coverage"]
    secret = operator(*made, remote.slug).text.strip()
    with httpx.Client(headers={"Authorization": f"Bearer {secret}"}) as client:
        coverages = f"{remote.url}/v1/coverages"
        own = client.post(f"{coverages}/{remote.slug}/entries", json={"body": "Here"})
        assert own.status_code == 201
        assert client.post(coverages, json={"slug": "other", "title": "x"}).status_code == 403
    assert operator(*made, "nowhere").complaint == "there is no coverage nowhere"


def test_what_a_key_made_ends_with_it_if_that_is_asked(operator: Tool, remote: Remote) -> None:
    """`revoke --made` counts what ended; the list shows who made which key, the audit the deed."""
    key = json.loads(operator("key", "create", "Outer", "--role", "chief", "--json").out)
    assert key["made_by"] == "operator"
    with httpx.Client(headers={"Authorization": f"Bearer {key['key']}"}) as outer:
        made = outer.post(f"{remote.url}/v1/keys", json={"name": "Inner", "role": "chief"}).json()
    said = operator("key", "revoke", key["id"], "--made").text
    assert "is revoked" in said
    assert "1 keys" in said
    with httpx.Client(headers={"Authorization": f"Bearer {made['key']}"}) as inner:
        assert inner.get(f"{remote.url}/v1/keys").status_code == 401
    audit = remote.newsroom.chief.get("/v1/audit").json()["audit"]
    deeds = {(line["caller"], line["action"], line["thing"]) for line in audit}
    assert {("operator", "revokeKey", i) for i in (key["id"], made["id"])} < deeds
