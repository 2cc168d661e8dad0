"""The OpenAPI document by itself: whole, readable, and true to the settings."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from app.access.invitations import InvitationEnded
from app.access.passkeys import UnknownPasskey
from app.access.passwords import TooManySignIns, WeakPassword
from app.formats.public_json import dump_json
from app.main import create_app
from app.settings import Settings
from app.web.openapi import document as openapi
from app.web.problems import KINDS, HeadTooLarge, NotHttp, RequestTooSlow
from tests.dateline import running_server
from tests.openapi.conftest import Described


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_every_operation_can_be_told_from_the_others(described: Described) -> None:
    """Each has an id like a function's name, a summary of its own and a tag that is explained."""
    operations = _operations(described.document)
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)+", name) for name in ids)
    assert len({operation["summary"] for operation in operations}) == len(operations)
    tags = {tag["name"] for tag in described.document["tags"] if tag["description"]}
    assert all(set(operation["tags"]) <= tags and operation["tags"] for operation in operations)


def test_every_parameter_and_answer_is_explained(described: Described) -> None:
    """No name stands there without a word on what it means."""
    for operation in _operations(described.document):
        for part in (*operation.get("parameters", ()), *operation["responses"].values()):
            assert part["description"].strip(), operation["operationId"]


AT_THE_DOOR = (NotHttp, HeadTooLarge, RequestTooSlow)
ON_PAGES = (InvitationEnded, WeakPassword, TooManySignIns, UnknownPasskey)


def test_every_problem_is_promised_by_an_operation(described: Described) -> None:
    """What can be refused is documented where it is, and the table of problems has it."""
    promised = {
        kind
        for operation in _operations(described.document)
        for answer in operation["responses"].values()
        for kind in _problem_types(answer)
    }
    expected = {f"/problems/{kind.slug}" for kind in KINDS.values()}
    # What is refused at the door belongs to no operation: no request was made yet. Passwords and
    # links are taken by pages alone.
    elsewhere = {f"/problems/{KINDS[kind].slug}" for kind in (*AT_THE_DOOR, *ON_PAGES)}
    assert promised == expected - elsewhere
    assert all(kind in described.document["info"]["description"] for kind in expected)


def _problem_types(answer: dict[str, Any]) -> list[str]:
    content = answer.get("content", {}).get("application/problem+json", {})
    types: list[str] = content.get("schema", {}).get("properties", {}).get("type", {}).get("enum")
    return types or []


def test_a_problem_tells_its_meaning_where_its_type_points(described: Described) -> None:
    """The address that a problem's type names can be read."""
    for refusal in KINDS:
        kind = KINDS[refusal]
        answer = httpx.get(f"{described.server.url}/problems/{kind.slug}").json()
        assert (answer["status"], answer["title"]) == (kind.status, kind.title)
        assert answer["detail"]


def test_every_shape_has_an_example_that_fits(described: Described) -> None:
    """The examples of answers and of problems are what the schemas beside them ask for."""
    components = described.document["components"]
    checked = 0
    for name, schema in components["schemas"].items():
        validator = jsonschema_rs.validator_for(
            {"$ref": f"#/components/schemas/{name}", "components": components}
        )
        for example in schema.get("examples", ()):
            validator.validate(example)
            checked += 1
    for operation in _operations(described.document):
        for answer in operation["responses"].values():
            content = answer.get("content", {}).get("application/problem+json", {})
            schema = {**content.get("schema", {}), "components": components}
            for example in content.get("examples", {}).values():
                jsonschema_rs.validator_for(schema).validate(example["value"])
                checked += 1
    assert checked > 100


@pytest.mark.parametrize(
    "operation_id", ["openCoverage", "publishEntry", "createKey", "createInvitation"]
)
def test_the_examples_of_requests_are_taken(described: Described, operation_id: str) -> None:
    """A newcomer may send what the document shows."""
    path = next(
        path
        for path, operations in described.document["paths"].items()
        if operations.get("post", {}).get("operationId") == operation_id
    )
    body = described.document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    assert body["examples"]
    with described.client() as client:
        for example in body["examples"].values():
            answer = client.post(path.format(slug="moon-landing"), json=example["value"])
            assert answer.status_code == 201, answer.text


def test_a_limit_in_the_document_is_the_operators(tmp_path: Path) -> None:
    """A setting shows in the schema and in the description, and no mark of it is left."""
    with running_server(tmp_path, headline_limit="40", tags_limit="3", body_limit="999") as server:
        text = httpx.get(f"{server.url}/openapi.json").text
    document = httpx.Response(200, text=text).json()
    form = document["components"]["schemas"]["NewEntryForm"]["properties"]
    assert form["headline"]["anyOf"][0]["maxLength"] == 40
    assert form["body"]["anyOf"][0]["maxLength"] == 999
    assert form["tags"]["maxItems"] == 3
    assert "A headline has 40 characters at most" in document["info"]["description"]
    assert "x-limit" not in text


async def test_the_document_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask for it at once, and with whatever headers; one condition holds for all.

    Security, resource exhaustion: it takes a second to make.
    """
    made: list[object] = []

    def dump(document: object) -> bytes:
        made.append(document)
        return dump_json(document)

    monkeypatch.setattr(openapi, "dump_json", dump)
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/dateline.db"))
    headers = [{}, {"Accept": "text/html"}, {"Accept-Language": "x," * 15_000}] * 5
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client,
    ):
        asked = (client.get("/openapi.json", headers=sent) for sent in headers)
        answers = await asyncio.gather(*asked)
        etag = answers[0].headers["etag"]
        known = await client.get("/openapi.json", headers={"If-None-Match": etag})
    assert len(made) == 1
    assert len({(a.status_code, a.headers["etag"], a.content) for a in answers}) == 1
    assert (known.status_code, known.content) == (304, b"")


def test_a_change_promises_no_defaults(described: Described) -> None:
    """What a change leaves out stays as it is, so its schema must not name a value for it."""
    schemas = described.document["components"]["schemas"]
    for name in ("AmendmentForm", "CorrectionForm", "CoverageChangeForm"):
        assert not [p for p, s in schemas[name]["properties"].items() if "default" in s]
