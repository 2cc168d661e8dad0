"""API keys, for chiefs only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access.keys import UnknownKey, encode_key, list_keys
from app.access.people import LastChief
from app.desk.api import examples
from app.desk.api.writes import answer_write
from app.formats.public_json import dump_json
from app.newsroom.keys import key_creation, key_revocation
from app.newsroom.people_forms import KeyForm
from app.timeline.errors import UnknownCoverage
from app.web.authentication import Chief
from app.web.conditional import private_json
from app.web.json_body import json_body
from app.web.openapi import schemas
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.openapi.responses import NEWSROOM, PAYLOAD, WRITING, refuses, returns
from app.web.params import KeyId
from app.web.problems import InvalidQuery
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/keys", tags=["chief"])

Made = Annotated[bool, Query(description="Also end what it made: keys, links and people.")]


@routes.get("", operation_id="listKeys", responses=returns(schemas.Keys) | refuses(*NEWSROOM))
async def get_keys(services: ServicesDep, _chief: Chief) -> Response:
    """List all keys, including revoked ones."""
    async with services.store.reading() as session:
        keys = await list_keys(session)
    body = dump_json({"keys": [encode_key(key) for key in keys]})
    return private_json(body)


@routes.post(
    "",
    status_code=201,
    operation_id="createKey",
    responses=returns(schemas.NewKey, LOCATION, status=201)
    | refuses(*WRITING, *PAYLOAD, UnknownCoverage),
    openapi_extra=takes(IDEMPOTENCY_KEY, form=KeyForm, examples=examples.NEW_KEY),
)
async def post_key(
    request: Request,
    services: ServicesDep,
    chief: Chief,
    form: Annotated[KeyForm, Depends(json_body(KeyForm))],
) -> Response:
    """Create a key; the secret, `key`, is shown only this once, not in a repeated response."""
    return await answer_write(request, services, chief, key_creation(services, chief, form))


@routes.delete(
    "/{key_id}",
    operation_id="revokeKey",
    responses=returns(schemas.RevokedKey) | refuses(*WRITING, UnknownKey, LastChief, InvalidQuery),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_key(
    request: Request, services: ServicesDep, chief: Chief, key_id: KeyId, made: Made = False
) -> Response:
    """Revoke a key and its open links at once.

    The key stays in the list with the time of its end; revoking it again changes nothing. With
    `made=true`, the keys that it made end too, the people whom it invited lose their access, and so
    on recursively; `ended` lists them. The caller keeps their own access.
    """
    return await answer_write(
        request, services, chief, key_revocation(services, chief, key_id, cascade=made)
    )
