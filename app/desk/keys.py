"""API keys, for chiefs only."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.keys import Key, create_key, list_keys, revoke_key
from app.desk.forms import KeyForm
from app.framing.history import dump_json, format_time
from app.web.caching import PRIVATE
from app.web.callers import Chief
from app.web.house import TheHouse
from app.web.idempotency import Answer, answer_once
from app.web.openapi import refusals, returns
from app.web.payload import documents, json_body

routes = APIRouter(prefix="/v1/keys", tags=["newsroom"])


def key_record(key: Key) -> dict[str, Any]:
    """A key as JSON, without its secret."""
    times = {
        "created_at": format_time(key.created_at),
        "revoked_at": key.revoked_at and format_time(key.revoked_at),
    }
    return asdict(key) | times


@routes.get("", responses=returns("Keys") | refusals(401, 403, 429))
async def get_keys(house: TheHouse, _chief: Chief) -> Response:
    """All keys, revoked ones too."""
    async with house.store.reading() as session:
        keys = await list_keys(session)
    body = dump_json({"keys": [key_record(key) for key in keys]})
    return Response(body, 200, {"Cache-Control": PRIVATE}, "application/json")


@routes.post(
    "",
    status_code=201,
    responses=returns("NewKey", 201) | refusals(400, 401, 403, 409, 413, 415, 422, 429),
    openapi_extra=documents(KeyForm),
)
async def post_key(
    request: Request,
    house: TheHouse,
    chief: Chief,
    form: Annotated[KeyForm, Depends(json_body(KeyForm))],
) -> Response:
    """Make a key; the secret, `key`, is shown this once, and not in a repeated answer."""

    async def act(session: AsyncSession) -> Answer:
        key, secret = await create_key(session, form.name, form.role, house.now())
        record = key_record(key)
        shown, kept = dump_json(record | {"key": secret}), dump_json(record | {"key": None})
        return Answer(201, shown, {"Location": f"/v1/keys/{key.id}"}, kept=kept)

    return await answer_once(request, house, chief, act)


@routes.delete("/{key_id}", responses=returns("Key") | refusals(401, 403, 404, 429))
async def delete_key(request: Request, house: TheHouse, chief: Chief, key_id: str) -> Response:
    """End a key at once."""

    async def act(session: AsyncSession) -> Answer:
        key = await revoke_key(session, key_id, house.now())
        return Answer(200, dump_json(key_record(key)))

    return await answer_once(request, house, chief, act)
