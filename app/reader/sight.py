"""What a reader may know of: a planned coverage is there for the newsroom only."""

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.store.coverages import find_coverage
from app.timeline.coverage import Coverage
from app.timeline.errors import UnknownCoverage
from app.web.caching import PRIVATE


async def find_visible(session: AsyncSession, slug: str, caller: Caller | None = None) -> Coverage:
    """A coverage that the caller may know of.

    Raises:
        UnknownCoverage: there is none, or it is planned and the caller a reader.
    """
    coverage = await find_coverage(session, slug)
    if not coverage.is_public and caller is None:
        raise UnknownCoverage(f"There is no coverage {slug}.")
    return coverage


def cache_control(coverage: Coverage, public: str) -> str:
    """What caches may do with what is made of a coverage: with a plan, nothing."""
    return public if coverage.is_public else PRIVATE
