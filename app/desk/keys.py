"""API keys, for chiefs only."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.keys import Key, UnknownKey, create_key, list_keys, revoke_key
from app.desk import examples
from app.desk.forms import KeyForm
from app.framing.history import dump_json, format_time
from app.store.coverages import find_coverage
from app.timeline.errors import UnknownCoverage
from app.web import schemas
from app.web.addresses import KeyId
from app.web.caching import PRIVATE
from app.web.callers import Chief
from app.web.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.house import House, TheHouse
from app.web.idempotency import Act, Answer, answer_once
from app.web.openapi import takes
from app.web.payload import json_body
from app.web.responses import NEWSROOM, PAYLOAD, WRITING, refuses, returns

routes = APIRouter(prefix="/v1/keys", tags=["chief"])


def key_record(key: Key) -> dict[str, Any]:
    """A key as JSON, without its secret."""
    times = {
        "created_at": format_time(key.created_at),
        "revoked_at": key.revoked_at and format_time(key.revoked_at),
    }
    return asdict(key) | times


@routes.get("", operation_id="listKeys", responses=returns(schemas.Keys) | refuses(*NEWSROOM))
async def get_keys(house: TheHouse, _chief: Chief) -> Response:
    """All keys, revoked ones too."""
    async with house.store.reading() as session:
        keys = await list_keys(session)
    body = dump_json({"keys": [key_record(key) for key in keys]})
    return Response(body, 200, {"Cache-Control": PRIVATE}, "application/json")


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
    house: TheHouse,
    chief: Chief,
    form: Annotated[KeyForm, Depends(json_body(KeyForm))],
) -> Response:
    """Make a key; the secret, `key`, is shown this once, and not in a repeated answer."""
    return await answer_once(request, house, chief, making(house, form))


def making(house: House, form: KeyForm) -> Act:
    """The making of a key, as the API and the page of keys carry it out."""

    async def act(session: AsyncSession) -> Answer:
        if form.coverage is not None:
            await find_coverage(session, form.coverage)
        key, secret = await create_key(session, form.name, form.role, house.now(), form.coverage)
        record = key_record(key)
        shown, kept = dump_json(record | {"key": secret}), dump_json(record | {"key": None})
        told = {"name": key.name, "role": key.role, "coverage": key.coverage}
        return Answer(201, shown, {"Location": f"/v1/keys/{key.id}"}, kept=kept, detail=told)

    return act


@routes.delete(
    "/{key_id}",
    operation_id="revokeKey",
    responses=returns(schemas.Key) | refuses(*WRITING, UnknownKey),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_key(request: Request, house: TheHouse, chief: Chief, key_id: KeyId) -> Response:
    """End a key at once.

    It stays in the list with the time of its end; ending it again changes nothing.
    """
    return await answer_once(request, house, chief, revoking(house, key_id))


def revoking(house: House, key_id: str) -> Act:
    """The end of a key, as the API and the page of keys carry it out."""

    async def act(session: AsyncSession) -> Answer:
        key = await revoke_key(session, key_id, house.now())
        return Answer(200, dump_json(key_record(key)))

    return act
