"""Create and revoke API keys, for chiefs."""

from dataclasses import asdict

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.keys import create_key, encode_key
from app.access.revocation import Ended, revoke_key, revoke_made
from app.access.roles import Caller
from app.formats.public_json import dump_json
from app.newsroom.people_forms import KeyForm
from app.newsroom.write import UnitOfWork
from app.newsroom.written import Thing, Written
from app.store.coverages import find_coverage
from app.web.services import Services


def key_creation(services: Services, chief: Caller, form: KeyForm) -> UnitOfWork:
    """Return the action that creates a key, for the API and the page of keys."""

    async def act(session: AsyncSession) -> Written:
        if form.coverage is not None:
            await find_coverage(session, form.coverage)
        key, secret = await create_key(
            session, form.name, form.role, services.now(), form.coverage, made_by=chief.id
        )
        record = encode_key(key)
        body, redacted = dump_json(record | {"key": secret}), dump_json(record | {"key": None})
        detail = {"name": key.name, "role": key.role, "coverage": key.coverage}
        thing = Thing("key", key.id)
        return Written(body, thing, is_new=True, redacted_body=redacted, detail=detail)

    return act


def key_revocation(
    services: Services, chief: Caller, key_id: str, *, cascade: bool = False
) -> UnitOfWork:
    """Return the action that revokes a key, for the API and the page of keys.

    With `cascade`, the action also ends everything that the key has made.
    """

    async def act(session: AsyncSession) -> Written:
        now = services.now()
        key = await revoke_key(session, key_id, now)
        ended = Ended()
        if cascade:
            ended = await revoke_made(session, f"key:{key.id}", chief, now)
        body = dump_json(encode_key(key) | {"ended": asdict(ended)})
        return Written(body, Thing("key", key.id), drafts_of=ended.coverages)

    return act
