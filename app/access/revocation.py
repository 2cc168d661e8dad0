"""Revocation: end the access of a key or a person and, on request, of everything that they made.

Their open links end in any case, since a link has no more permissions than its maker. Keys and
people that they made keep their access unless a chief asks otherwise, for instance after a theft.
Then the entries that the maker has scheduled become drafts as well. The newsroom is never left
without a chief.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import record_audit
from app.access.challenges import end_challenges
from app.access.keys import Key, UnknownKey, key_from
from app.access.passkeys import remove_passkeys
from app.access.people import LastChief, lock_chiefs, set_password
from app.access.roles import Caller
from app.access.second_factor import remove_factor
from app.access.sessions import end_sessions
from app.store import keys as keys_record
from app.store import people as people_record
from app.store.entries import find_entry, list_scheduled_by, save_entry
from app.store.invitations import end_links_by, end_links_for, list_recovered
from app.store.journal import lock_coverage
from app.store.second_factors import has_app
from app.timeline.embargo import reschedule

_KEY_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ended:
    """What ended together with a key or a person, by id.

    `signed_out` are people who still have access, but had signed in by a link of an ended maker.
    `unscheduled` are entries that became drafts again, as `COVERAGE/ID`.
    """

    keys: list[str] = field(default_factory=list)
    invitations: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    signed_out: list[str] = field(default_factory=list)
    unscheduled: list[str] = field(default_factory=list)

    @property
    def coverages(self) -> tuple[str, ...]:
        """The slugs of the coverages in which entries became drafts again."""
        return tuple(dict.fromkeys(each.partition("/")[0] for each in self.unscheduled))


async def revoke_key(session: AsyncSession, key_id: str, now: datetime) -> Key:
    """Revoke a key and its open links at once; revoking it again changes nothing.

    Raises:
        UnknownKey: no key has that id.
    """
    if not _KEY_ID.fullmatch(key_id):
        raise UnknownKey("There is no such key.")
    await keys_record.revoke_key(session, key_id, now)
    row = await keys_record.find_key(session, key_id)
    if row is None:
        raise UnknownKey("There is no such key.")
    await end_links_by(session, f"key:{key_id}", now)
    return key_from(row)


async def disable_person(session: AsyncSession, person_id: str, now: datetime) -> None:
    """Revoke a person's access, sessions and links at once; repeating it changes nothing.

    The caller has to check that a chief remains.
    """
    await people_record.disable_person(session, person_id, now)
    await end_sessions(session, person_id)
    await end_challenges(session, person_id)
    await end_links_by(session, f"person:{person_id}", now)
    await end_links_for(session, person_id, now)


async def reset_factor(
    session: AsyncSession, person_id: str, since: datetime | None = None
) -> None:
    """Remove a person's app, passkeys and recovery codes, and sign them out everywhere.

    Args:
        session: the transaction.
        person_id: the person.
        since: only what was set up at this time or later; None for all.
    """
    await remove_passkeys(session, person_id, since)
    if since is None or await has_app(session, person_id, since):
        await remove_factor(session, person_id)
    await end_challenges(session, person_id)
    await end_sessions(session, person_id)


async def revoke_made(session: AsyncSession, source: str, asker: Caller, now: datetime) -> Ended:
    """End what a key or a person made, what those made in turn, and so on.

    Keys are revoked, open links end, and invited people lose their access. People who were here
    before and signed in by a personal link of one of the makers are signed out and need a new
    password, since whoever controlled the maker may have used the link; an app and passkeys that
    they have set up since then end as well. Scheduled entries that one of the makers worked on
    become drafts, so that an editor reads them before they are published. Each has an audit line.

    Args:
        session: the transaction, in which the source itself has ended.
        source: the maker, by a caller's id.
        asker: the caller who asks for it; they and what they made are left alone.
        now: the current time.

    Raises:
        LastChief: the newsroom would be left without a chief.
    """
    chiefs = await lock_chiefs(session)
    ended = Ended()
    let_back: dict[str, datetime] = {}  # person id to the first use of such a link
    seen, makers = {source, asker.id}, [source]
    while makers:
        maker = makers.pop()
        ended.invitations.extend(await end_links_by(session, maker, now))
        keys = await keys_record.list_made_by(session, maker)
        people = await people_record.list_invited_by(session, maker)
        new_keys = [key for key in keys if f"key:{key.id}" not in seen]
        newcomers = [person for person in people if f"person:{person.id}" not in seen]
        # Ended makers are followed too: a thief may have ended one to hide what it made.
        new_makers = [f"key:{key.id}" for key in new_keys] + [f"person:{p.id}" for p in newcomers]
        seen.update(new_makers)
        makers.extend(new_makers)
        ended.keys.extend(key.id for key in new_keys if key.revoked_at is None)
        ended.people.extend(each.id for each in newcomers if each.disabled_at is None)
        for person_id, used_at in await list_recovered(session, maker):
            let_back[person_id] = min(used_at, let_back.get(person_id, used_at))
        for key in new_keys:
            await revoke_key(session, key.id, now)
    if chiefs and chiefs <= set(ended.people):
        raise LastChief("This would leave the newsroom without a chief: appoint another one first.")
    for person_id in ended.people:
        await disable_person(session, person_id, now)
    returned = let_back.keys() - set(ended.people) - {asker.id.removeprefix("person:")}
    ended.signed_out.extend(sorted(returned))
    for person_id in ended.signed_out:
        await set_password(session, person_id, None)
        await reset_factor(session, person_id, let_back[person_id])
    ended.unscheduled.extend(await _unschedule(session, seen - {asker.id}))
    await _record(session, ended, source, asker, now)
    session.expire_all()
    return ended


async def _unschedule(session: AsyncSession, callers: Collection[str]) -> list[str]:
    unscheduled = []
    for slug, entry_id in await list_scheduled_by(session, callers):
        await lock_coverage(session, slug)
        entry = await find_entry(session, slug, entry_id)
        if entry.status == "scheduled":  # it may have been published since it was listed
            await save_entry(session, reschedule(entry, None))
            unscheduled.append(f"{slug}/{entry_id}")
    return unscheduled


async def _record(
    session: AsyncSession, ended: Ended, source: str, asker: Caller, now: datetime
) -> None:
    lines = {
        "revokeKey": ended.keys,
        "endInvitation": ended.invitations,
        "changePerson": ended.people,
        "signOutPerson": ended.signed_out,
    }
    detail = {"made_by": source}
    for action, things in lines.items():
        for thing in things:
            await record_audit(session, asker, action, now, thing=thing, detail=detail)
    for entry in ended.unscheduled:
        slug, _, thing = entry.partition("/")
        await record_audit(
            session, asker, "unscheduleEntry", now, coverage=slug, thing=thing, detail=detail
        )
