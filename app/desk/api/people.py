"""The newsroom's people, for chiefs only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access.directory import list_people
from app.access.people import LastChief, UnknownPerson, encode_person
from app.desk.api import examples
from app.desk.api.writes import answer_write
from app.formats.public_json import dump_json
from app.newsroom.people import person_change, second_factor_reset
from app.newsroom.people_forms import PersonChangeForm
from app.timeline.errors import UnknownCoverage
from app.web.authentication import Chief
from app.web.conditional import private_json
from app.web.json_body import json_body
from app.web.openapi import schemas
from app.web.openapi.document import takes
from app.web.openapi.headers import IDEMPOTENCY_KEY
from app.web.openapi.responses import NEWSROOM, PAYLOAD, WRITING, refuses, returns
from app.web.params import PersonId
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/people", tags=["chief"])

Made = Annotated[bool, Query(description="Also end what they made: keys, links and people.")]


@routes.get("", operation_id="listPeople", responses=returns(schemas.People) | refuses(*NEWSROOM))
async def get_people(services: ServicesDep, _chief: Chief) -> Response:
    """List all people, including those whose access was revoked."""
    async with services.store.reading() as session:
        people = await list_people(session)
    body = dump_json({"people": [encode_person(person) for person in people]})
    return private_json(body)


@routes.patch(
    "/{person_id}",
    operation_id="changePerson",
    responses=returns(schemas.ChangedPerson)
    | refuses(*WRITING, *PAYLOAD, UnknownPerson, UnknownCoverage, LastChief),
    openapi_extra=takes(IDEMPOTENCY_KEY, form=PersonChangeForm, examples=examples.PERSON_CHANGE),
)
async def patch_person(
    request: Request,
    services: ServicesDep,
    chief: Chief,
    person_id: PersonId,
    form: Annotated[PersonChangeForm, Depends(json_body(PersonChangeForm))],
    made: Made = False,
) -> Response:
    """Change a person's name, roles or access; members that are left out stay as they are.

    A role holds from the next request on. A person whose access is revoked is signed out everywhere
    at once, and their open links end; the links also end when a chief loses that role. The last
    chief keeps role and access. With `made=true`, the keys that the person made end too, the people
    whom they invited lose their access, and so on recursively; `ended` lists them.
    """
    act = person_change(services, chief, person_id, form, cascade=made)
    return await answer_write(request, services, chief, act)


@routes.delete(
    "/{person_id}/second-factor",
    operation_id="resetSecondFactor",
    responses=returns(schemas.Person) | refuses(*WRITING, UnknownPerson),
    openapi_extra=takes(IDEMPOTENCY_KEY),
)
async def delete_second_factor(
    request: Request, services: ServicesDep, chief: Chief, person_id: PersonId
) -> Response:
    """Remove the second factor of a person who has lost it, and sign them out everywhere.

    The app, passkeys and recovery codes are removed; the password stays valid. Callers cannot do
    this to themselves: `/desk/account` does it, and asks for a code or a passkey.
    """
    return await answer_write(request, services, chief, second_factor_reset(chief, person_id))
