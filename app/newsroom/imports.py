"""Imports: store the coverage of an archive, all of it or nothing."""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import PublicJson, dump_json
from app.intake.archive import Archive
from app.newsroom.written import Thing, Written
from app.store.journal import record_journal


async def import_coverage(session: AsyncSession, form: PublicJson, archive: Archive) -> Written:
    """Store a journal that was read completely, and the coverage and entries that it folds to.

    Retracted entries are in it as tombstones only. Nothing of it has been served here before, so
    there is nothing to redact.

    Raises:
        SlugTaken: a coverage with that slug exists.
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
    # Without events to announce: nobody can follow a coverage that did not exist.
    return Written(dump_json(record), thing, is_new=True)
