"""Visibility: planned and withdrawn coverages exist only for the newsroom."""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.hub.replay import Start, resume_at
from app.store.coverages import find_coverage
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.errors import UnknownCoverage, WithdrawnCoverage
from app.web.conditional import PRIVATE
from app.web.services import Services


async def find_visible(session: AsyncSession, slug: str, caller: Caller | None = None) -> Coverage:
    """Find a coverage that is visible to the caller.

    Raises:
        UnknownCoverage: there is none, or it is planned and the caller has no role in it.
        WithdrawnCoverage: it is withdrawn, and the caller has no role in it.
    """
    coverage = await find_coverage(session, slug)
    if coverage.is_public or (caller is not None and caller.role_in(slug) is not None):
        return coverage
    if coverage.withdrawn is not None:
        raise WithdrawnCoverage(coverage.withdrawn.note)
    raise UnknownCoverage


async def find_start(
    services: Services, slug: str, caller: Caller | None, cursor: str | None
) -> tuple[Cursor, Start]:
    """Find the head of a coverage's journal, and where a stream of it starts.

    This needs no database query if this process follows the journal and the cursor is valid in it,
    so that thousands of clients that reconnect at once cause none.

    Args:
        services: the application's services.
        slug: the coverage's slug.
        caller: the caller of the newsroom; None for a reader.
        cursor: the client's cursor; None to start now.

    Raises:
        UnknownCoverage: there is none that is visible to the caller.
        WithdrawnCoverage: it is withdrawn: no stream of it goes out, to the newsroom neither.
    """
    head = await services.hub.follower.find_head(slug)
    if head is not None and head.seq:  # its first event is the one that makes it public
        start = resume_at(cursor, head, services.hub.config.replay_limit)
        if start.reset is None:
            return head, start
    async with services.store.reading() as session:
        coverage = await find_visible(session, slug, caller)
    if coverage.withdrawn is not None:
        raise WithdrawnCoverage(coverage.withdrawn.note)
    head = coverage.cursor
    return head, resume_at(cursor, head, services.hub.config.replay_limit)


def cache_control(coverage: Coverage, public: str) -> str:
    """Return `Cache-Control` for a response about a coverage; only a public one may be cached."""
    return public if coverage.is_public else PRIVATE
