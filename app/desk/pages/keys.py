"""The page of API keys, for chiefs."""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from app.access.keys import UnknownKey, list_keys
from app.access.names import names_of
from app.access.people import LastChief
from app.access.sessions import Session
from app.desk.api.writes import answer_write
from app.desk.pages.layout import SignedInChief, check_token, render_desk, see_other
from app.formats.public_json import dump_json
from app.newsroom.keys import key_creation, key_revocation
from app.newsroom.people_forms import KeyForm
from app.store.coverages import list_coverages
from app.timeline.errors import UnknownCoverage
from app.web.json_body import parse_form
from app.web.problems import InvalidPayload, kind_of
from app.web.services import Services, ServicesDep

routes = APIRouter(prefix="/desk/keys", include_in_schema=False)

_COVERAGES = 100


@routes.get("")
async def show_keys(request: Request, services: ServicesDep, chief: SignedInChief) -> Response:
    """List all keys, valid ones first."""
    return await _page(request, services, chief)


@routes.post("", operation_id="createKey")
async def make_key_by_form(
    request: Request, services: ServicesDep, chief: SignedInChief
) -> Response:
    """Create a key; its secret is shown only this once."""
    fields = await check_token(request, chief)
    payload = {
        "name": fields.get("name", ""),
        "role": fields.get("role", ""),
        "coverage": fields.get("coverage", "").strip() or None,
    }
    try:
        form = parse_form(KeyForm, dump_json(payload), services.limits)
        caller = chief.person.caller
        answer = await answer_write(request, services, caller, key_creation(services, caller, form))
    except (InvalidPayload, UnknownCoverage) as refusal:
        return await _page(request, services, chief, refusal)
    return await _page(request, services, chief, created=orjson.loads(answer.body))


@routes.post("/{key_id}/revoke", operation_id="revokeKey")
async def revoke_by_form(
    request: Request, services: ServicesDep, chief: SignedInChief, key_id: str
) -> Response:
    """Revoke a key at once and, if asked, what it made."""
    fields = await check_token(request, chief)
    caller = chief.person.caller
    try:
        act = key_revocation(services, caller, key_id, cascade="made" in fields)
        await answer_write(request, services, caller, act)
    except (UnknownKey, LastChief) as refusal:
        return await _page(request, services, chief, refusal)
    return see_other("/desk/keys")


async def _page(
    request: Request,
    services: Services,
    chief: Session,
    refusal: Exception | None = None,
    created: dict[str, Any] | None = None,
) -> Response:
    async with services.store.reading() as session:
        keys = await list_keys(session)
        coverages = await list_coverages(session, {"planned", "live", "paused"}, _COVERAGES)
        names = await names_of(session, [key.made_by for key in keys])
    return render_desk(
        request,
        services,
        "keys.html",
        session=chief,
        status=kind_of(refusal).status if refusal else 200,
        keys=sorted(keys, key=lambda key: key.revoked_at is not None),
        coverages=coverages,
        names=names,
        made=created,
        refusal=refusal,
    )
