"""The newsroom's people, for chiefs only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.access.directory import list_people
from app.access.people import LastChief, UnknownPerson
from app.desk.api import examples
from app.desk.api.writes import answer_write
from app.formats.public_json import dump_json
from app.newsroom.people import changing, encode_person, resetting
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

Made = Annotated[bool, Query(description="End what they made too: keys, links and people.")]


@routes.get("", operation_id="listPeople", responses=returns(schemas.People) | refuses(*NEWSROOM))
async def get_people(services: ServicesDep, _chief: Chief) -> Response:
    """Everybody, also those who lost their access."""
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
    """Change a name, roles or access; what is left out stays as it is.

    A role counts from the next request on. Who loses their access is signed out everywhere at once,
    and the links that they gave out end, as those of a chief do who is none any more. The last
    chief keeps role and access. With `made=true` the keys that they made end too, the people whom
    they invited lose their access, and so on from there; `ended` names them.
    """
    act = changing(services, chief, person_id, form, made=made)
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
    """Take the second factor from somebody who has lost it, and sign them out everywhere.

    App, passkeys and recovery codes end, the password goes on. Nobody does this to themselves: at
    `/desk/account` a code or a passkey is asked for.
    """
    return await answer_write(request, services, chief, resetting(chief, person_id))
