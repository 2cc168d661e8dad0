"""Imports: a coverage from an archive, all of it or nothing."""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import PublicJson, dump_json
from app.intake.archive import Archive
from app.newsroom.written import Thing, Written
from app.store.journal import record_journal


async def import_coverage(session: AsyncSession, form: PublicJson, archive: Archive) -> Written:
    """Store a journal that was read whole, and what it adds up to.

    What it retracts, it holds as tombstones only: nothing of it has been answered here before.

    Raises:
        SlugTaken: there is a coverage of that slug.
    """
    coverage = archive.coverage
    assert coverage is not None
    everything = [*archive.entries.values(), *archive.drafts]
    await record_journal(session, coverage, everything, archive.events)
    record = {
        "coverage": form.coverage(coverage),
        "events": len(archive.events),
        "entries": len(archive.entries),
        "drafts": len(archive.drafts),
    }
    thing = Thing("coverage", coverage.slug, coverage.slug)
    # Without its events: nobody follows a coverage that was not there.
    return Written(dump_json(record), thing, is_new=True)
