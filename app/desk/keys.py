"""API keys, for chiefs only."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.keys import Key, UnknownKey, create_key, list_keys
from app.access.people import LastChief
from app.access.revocation import Ended, revoke_key, revoke_made
from app.access.roles import Caller
from app.desk import examples
from app.framing.history import dump_json, format_time
from app.newsroom.forms import KeyForm
from app.newsroom.write import Act, Answer, answer_once
from app.store.coverages import find_coverage
from app.timeline.errors import UnknownCoverage
from app.web import schemas
from app.web.addresses import KeyId
from app.web.caching import PRIVATE
from app.web.callers import Chief
from app.web.headers import IDEMPOTENCY_KEY, LOCATION
from app.web.house import House, TheHouse
from app.web.openapi import takes
from app.web.payload import json_body
from app.web.problems import InvalidQuery
from app.web.responses import NEWSROOM, PAYLOAD, WRITING, refuses, returns

routes = APIRouter(prefix="/v1/keys", tags=["chief"])

Made = Annotated[bool, Query(description="End what it made too: keys, links and people.")]


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
    return await answer_once(request, house, chief, making(house, chief, form))


def making(house: House, chief: Caller, form: KeyForm) -> Act:
    """The making of a key, as the API and the page of keys carry it out."""

    async def act(session: AsyncSession) -> Answer:
        if form.coverage is not None:
            await find_coverage(session, form.coverage)
        key, secret = await create_key(
            session, form.name, form.role, house.now(), form.coverage, made_by=chief.id
        )
        record = key_record(key)
        shown, kept = dump_json(record | {"key": secret}), dump_json(record | {"key": None})
        told = {"name": key.name, "role": key.role, "coverage": key.coverage}
        return Answer(201, shown, {"Location": f"/v1/keys/{key.id}"}, kept=kept, detail=told)

    return act


@routes.delete(
    "/{key_id}",
    operation_id="revokeKey",
    responses=returns(schemas.RevokedKey) | refuses(*WRITING, UnknownKey, LastChief, InvalidQuery),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_key(
    request: Request, house: TheHouse, chief: Chief, key_id: KeyId, made: Made = False
) -> Response:
    """End a key at once, and the open links that it gave out.

    It stays in the list with the time of its end; ending it again changes nothing. With `made=true`
    the keys that it made end too, the people whom it invited lose their access, and so on from
    there; `ended` names them. Whoever asks keeps their own access.
    """
    return await answer_once(request, house, chief, revoking(house, chief, key_id, made=made))


def revoking(house: House, chief: Caller, key_id: str, *, made: bool = False) -> Act:
    """The end of a key, as the API and the page of keys carry it out."""

    async def act(session: AsyncSession) -> Answer:
        now = house.now()
        key = await revoke_key(session, key_id, now)
        ended = Ended()
        if made:
            ended = await revoke_made(session, f"key:{key.id}", chief, now)
        return Answer(200, dump_json(key_record(key) | {"ended": asdict(ended)}))

    return act
