"""What a reader may know of: a planned coverage is there for the newsroom only."""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.hub.replay import Start, resume_at
from app.store.coverages import find_coverage
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.errors import UnknownCoverage
from app.web.conditional import PRIVATE
from app.web.services import Services


async def find_visible(session: AsyncSession, slug: str, caller: Caller | None = None) -> Coverage:
    """A coverage that the caller may know of.

    Raises:
        UnknownCoverage: there is none, or it is planned and the caller has no role in it.
    """
    coverage = await find_coverage(session, slug)
    if not coverage.is_public and (caller is None or caller.role_in(slug) is None):
        raise UnknownCoverage
    return coverage


async def find_start(
    services: Services, slug: str, caller: Caller | None, asked: str | None
) -> tuple[Cursor, Start]:
    """The head of a coverage's journal, and where a stream of it starts.

    Without a look at the database where this process follows the journal and the cursor is one of
    its own: so thousands who come back at once cost none.

    Args:
        services: the rooms.
        slug: which coverage.
        caller: of the newsroom; None for a reader.
        asked: the client's cursor; None to start now.

    Raises:
        UnknownCoverage: there is none that the caller may know of.
    """
    head = await services.hub.follower.find_head(slug)
    if head is not None and head.seq:  # the first event is that it became public
        start = resume_at(asked, head, services.hub.config.replay_limit)
        if start.reset is None:
            return head, start
    async with services.store.reading() as session:
        head = (await find_visible(session, slug, caller)).cursor
    return head, resume_at(asked, head, services.hub.config.replay_limit)


def cache_control(coverage: Coverage, public: str) -> str:
    """What caches may do with what is made of a coverage: with a plan, nothing."""
    return public if coverage.is_public else PRIVATE
