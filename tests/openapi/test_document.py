"""The OpenAPI document: complete, described, and consistent with the settings."""

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
from app.web.problems import KINDS, HeadTooLarge, InvalidDatetime, NotHttp, RequestTooSlow
from tests.dateline import running_server
from tests.openapi.conftest import Described


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_every_operation_can_be_told_from_the_others(described: Described) -> None:
    """Each operation has a unique camelCase id, a unique summary, and a described tag."""
    operations = _operations(described.document)
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)+", name) for name in ids)
    assert len({operation["summary"] for operation in operations}) == len(operations)
    tags = {tag["name"] for tag in described.document["tags"] if tag["description"]}
    assert all(set(operation["tags"]) <= tags and operation["tags"] for operation in operations)


def test_every_parameter_and_answer_is_explained(described: Described) -> None:
    """Every parameter and every response has a description."""
    for operation in _operations(described.document):
        for part in (*operation.get("parameters", ()), *operation["responses"].values()):
            assert part["description"].strip(), operation["operationId"]


OF_THE_PROTOCOL = (NotHttp, HeadTooLarge, RequestTooSlow)
ON_PAGES = (InvitationEnded, WeakPassword, TooManySignIns, UnknownPasskey, InvalidDatetime)


def test_every_problem_is_promised_by_an_operation(described: Described) -> None:
    """Each problem type is documented at an operation, and in the table of problems."""
    documented = {
        kind
        for operation in _operations(described.document)
        for answer in operation["responses"].values()
        for kind in _problem_types(answer)
    }
    expected = {f"/problems/{kind.slug}" for kind in KINDS.values()}
    # Problems of the protocol layer belong to no operation, as there is no request yet. Passwords
    # and links are accepted by pages only, and TimeGates belong to pages.
    elsewhere = {f"/problems/{KINDS[kind].slug}" for kind in (*OF_THE_PROTOCOL, *ON_PAGES)}
    assert documented == expected - elsewhere
    assert all(kind in described.document["info"]["description"] for kind in expected)


def _problem_types(answer: dict[str, Any]) -> list[str]:
    content = answer.get("content", {}).get("application/problem+json", {})
    types: list[str] = content.get("schema", {}).get("properties", {}).get("type", {}).get("enum")
    return types or []


def test_a_problem_tells_its_meaning_where_its_type_points(described: Described) -> None:
    """A problem's type is an address that explains it."""
    for refusal in KINDS:
        kind = KINDS[refusal]
        answer = httpx.get(f"{described.server.url}/problems/{kind.slug}").json()
        assert (answer["status"], answer["title"]) == (kind.status, kind.title)
        assert answer["detail"]


def test_every_shape_has_an_example_that_fits(described: Described) -> None:
    """The examples of schemas and of problems are valid."""
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
    """The server accepts the documented examples of requests."""
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
    """Limits in the document follow the settings, and no internal marker is left."""
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
    """The document is generated once, for concurrent requests and whatever their headers.

    Security, resource exhaustion: generating it takes a second.
    """
    dumped: list[object] = []

    def dump(document: object) -> bytes:
        dumped.append(document)
        return dump_json(document)

    monkeypatch.setattr(openapi, "dump_json", dump)
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/dateline.db"))
    headers = [{}, {"Accept": "text/html"}, {"Accept-Language": "x," * 15_000}] * 5
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client,
    ):
        requests = (
            client.get("/openapi.json", headers=request_headers) for request_headers in headers
        )
        answers = await asyncio.gather(*requests)
        etag = answers[0].headers["etag"]
        unchanged = await client.get("/openapi.json", headers={"If-None-Match": etag})
    assert len(dumped) == 1
    assert len({(a.status_code, a.headers["etag"], a.content) for a in answers}) == 1
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_change_promises_no_defaults(described: Described) -> None:
    """The schemas of changes have no defaults, since an omitted field stays as it is."""
    schemas = described.document["components"]["schemas"]
    for name in ("AmendmentForm", "CorrectionForm", "CoverageChangeForm"):
        assert not [p for p, s in schemas[name]["properties"].items() if "default" in s]
