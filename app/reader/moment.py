"""The page as it stood at a moment: the journal, folded up to then."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.journal import read_until
from app.timeline.coverage import Coverage
from app.timeline.fold import Page, fold


async def page_as_of(session: AsyncSession, coverage: Coverage, moment: datetime) -> Page | None:
    """The coverage and its entries as readers saw them then; None before it was opened.

    What has been retracted since is gone from then, too.
    """
    events = await read_until(session, coverage.slug, coverage.cursor.epoch, moment)
    return fold(None, events)
