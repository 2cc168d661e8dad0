"""Availability: withdraw a coverage, bring it back, and take it from the index.

Neither is an event: the journal, its log and archives of it stay as they are, so that a coverage
that is brought back is the same to the byte. While it is withdrawn, one check hides it
(`reader/visibility.py`), the lists leave it out, and the hub follows it no longer.
"""

from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import dump_json
from app.formats.rfc3339 import format_time
from app.newsroom.editions import Family, lock_editions, outdate_behind, update_editions
from app.newsroom.write import Operation, write
from app.newsroom.written import Thing, Written
from app.store.coverages import find_coverage, find_editions, find_linking, save_availability
from app.store.journal import lock_coverage, record_change
from app.timeline import change as rules
from app.timeline.change import Change
from app.timeline.coverage import MOST_LINKS, Coverage, Related
from app.timeline.errors import CoveragePlanned
from app.timeline.withdrawal import Withdrawal
from app.web.services import Services


async def withdraw(services: Services, operation: Operation, slug: str, note: str) -> Written:
    """Take a coverage from the public, with a note in its place.

    The other editions of its story no longer name it, and other coverages, such as those of the
    days before and after, no longer link to it. One that is withdrawn gets the new note.

    Raises:
        UnknownCoverage: there is none of that slug.
        CoveragePlanned: it is not public yet.
    """
    withdrawal = Withdrawal(services.now(), operation.caller.name, note)
    return await _change(services, operation, slug, withdrawal)


async def bring_back(services: Services, operation: Operation, slug: str) -> Written:
    """Give a withdrawn coverage back to the public, as it was, with the links to it.

    Translations of what was corrected or assessed meanwhile become outdated now.

    Raises:
        UnknownCoverage: there is none of that slug.
    """
    return await _change(services, operation, slug, None)


async def archive(
    services: Services, operation: Operation, slug: str, *, is_archived: bool
) -> Written:
    """Take a coverage from the index and the news sitemap while it is closed, or list it again.

    Raises:
        UnknownCoverage: there is none of that slug.
    """

    async def act(session: AsyncSession) -> Written:
        coverage = replace(await lock_coverage(session, slug), is_archived=is_archived)
        await save_availability(session, coverage)
        return _written(coverage)

    return await write(services, operation, act)


def encode_availability(coverage: Coverage) -> bytes:
    """Encode for the newsroom whether a coverage is withdrawn, and whether it is archived."""
    withdrawal = coverage.withdrawn
    record = withdrawal and {
        "at": format_time(withdrawal.at),
        "by": withdrawal.by,
        "note": withdrawal.note,
    }
    return dump_json({"withdrawn": record, "archived": coverage.is_archived})


async def _change(
    services: Services, operation: Operation, slug: str, withdrawal: Withdrawal | None
) -> Written:
    async def act(session: AsyncSession) -> Written:
        now, address = services.now(), services.form.coverage_url(slug)
        before = (await find_coverage(session, slug)).withdrawn
        linked = {*await find_linking(session, address), *(before.linked_from if before else ())}
        # All rows in the order of their slugs, as everywhere else.
        for each in sorted({*linked, *await find_editions(session, slug)}):
            await lock_coverage(session, each)
        family = await lock_editions(session, slug)
        if family[slug].status == "planned":
            raise CoveragePlanned("Readers do not see the coverage yet.")
        ending = withdrawal and replace(withdrawal, linked_from=tuple(sorted(linked - {slug})))
        family[slug] = replace(family[slug], withdrawn=ending)
        await save_availability(session, family[slug])
        title = family[slug].title if withdrawal is None else None
        changes = [
            await _link(session, family, each, address, title, now)
            for each in sorted(linked - {slug})
        ]
        if withdrawal is None:
            changes += await outdate_behind(session, family, slug, now)
        changes += await update_editions(session, family, now)
        events = tuple(event for change in changes for event in change.events)
        # The streams of desks ended with the withdrawal; this tells them to go on.
        return replace(_written(family[slug]), events=events, drafts_of=(slug,))

    written = await write(services, operation, act)
    if withdrawal is not None:
        await services.announce_withdrawal(slug)
    return written


async def _link(
    session: AsyncSession,
    family: Family,
    linking: str,
    address: str,
    title: str | None,
    now: datetime,
) -> Change:
    """Link a coverage to the address, unless it does already; without a title, take links away."""
    coverage = family.get(linking) or await lock_coverage(session, linking)
    related = coverage.related
    if title is None:
        related = tuple(each for each in related if each.url != address)
    elif address not in {each.url for each in related} and len(related) < MOST_LINKS:
        related = (Related.titled(title, address), *related)
    change = rules.change_coverage(coverage, {"related": related}, None, now)
    if change.coverage != coverage:
        await record_change(session, change)
    if linking in family:
        family[linking] = change.coverage
    return change


def _written(coverage: Coverage) -> Written:
    thing = Thing("coverage", coverage.slug, coverage.slug)
    return Written(encode_availability(coverage), thing)
