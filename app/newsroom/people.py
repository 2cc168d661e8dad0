"""Change the newsroom's people, for chiefs."""

from dataclasses import asdict

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.directory import change_person
from app.access.people import encode_person, find_person
from app.access.revocation import Ended, reset_factor, revoke_made
from app.access.roles import Caller, NotAllowed
from app.formats.public_json import dump_json
from app.newsroom.people_forms import PersonChangeForm
from app.newsroom.write import UnitOfWork
from app.newsroom.written import Written
from app.web.services import Services


def second_factor_reset(chief: Caller, person_id: str) -> UnitOfWork:
    """Return the action that resets a second factor, for the API and the people page."""

    async def act(session: AsyncSession) -> Written:
        person = await find_person(session, person_id)
        if person.caller.id == chief.id:
            raise NotAllowed("Remove your own second factor on your account page.")
        await reset_factor(session, person.id)
        session.expire_all()
        return Written(dump_json(encode_person(await find_person(session, person_id))))

    return act


def person_change(
    services: Services,
    chief: Caller,
    person_id: str,
    form: PersonChangeForm,
    *,
    cascade: bool = False,
) -> UnitOfWork:
    """Return the action that changes a person, for the API and the people page.

    With `cascade`, the action also ends everything that the person has made.
    """

    async def act(session: AsyncSession) -> Written:
        person = await change_person(session, person_id, form.fields(), services.now())
        ended = Ended()
        if cascade:
            ended = await revoke_made(session, person.caller.id, chief, services.now())
        record = encode_person(person)
        detail = {name: record[name] for name in ("role", "coverages", "disabled_at")}
        body = dump_json(record | {"ended": asdict(ended)})
        return Written(body, drafts_of=ended.coverages, detail=detail)

    return act
