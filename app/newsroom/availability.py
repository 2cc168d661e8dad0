"""Availability: withdraw a coverage, bring it back, and take it from the index.

Neither is an event: the journal, its log and archives of it stay as they are, so that a coverage
that is brought back is the same to the byte. While it is withdrawn, one check hides it
(`reader/visibility.py`), the lists leave it out, and the hub follows it no longer.
"""

from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import dump_json
from app.formats.rfc3339 import format_time
from app.newsroom.editions import lock_editions, update_editions
from app.newsroom.write import Operation, write
from app.newsroom.written import Thing, Written
from app.store.coverages import save_availability
from app.store.journal import lock_coverage
from app.timeline.coverage import Coverage
from app.timeline.errors import CoveragePlanned
from app.timeline.withdrawal import Withdrawal
from app.web.services import Services


async def withdraw(services: Services, operation: Operation, slug: str, note: str) -> Written:
    """Take a coverage from the public, with a note in its place.

    The other editions of its story no longer name it. One that is withdrawn gets the new note.

    Raises:
        UnknownCoverage: there is none of that slug.
        CoveragePlanned: it is not public yet.
    """
    withdrawal = Withdrawal(services.now(), operation.caller.name, note)
    return await _change(services, operation, slug, withdrawal)


async def bring_back(services: Services, operation: Operation, slug: str) -> Written:
    """Give a withdrawn coverage back to the public, as it was.

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
        family = await lock_editions(session, slug)
        if family[slug].status == "planned":
            raise CoveragePlanned("Readers do not see the coverage yet.")
        family[slug] = replace(family[slug], withdrawn=withdrawal)
        await save_availability(session, family[slug])
        others = await update_editions(session, family, services.now())
        events = tuple(event for change in others for event in change.events)
        return replace(_written(family[slug]), events=events)

    written = await write(services, operation, act)
    if withdrawal is not None:
        await services.announce_withdrawal(slug)
    return written


def _written(coverage: Coverage) -> Written:
    thing = Thing("coverage", coverage.slug, coverage.slug)
    return Written(encode_availability(coverage), thing)
