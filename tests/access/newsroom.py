"""Helpers that add people and coverages to a store."""

from datetime import timedelta

from app.access.people import Person, add_person
from app.access.roles import Role
from app.store.coverages import add_coverage
from app.store.engine import Store
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from tests.strategies import START

HOUR = timedelta(hours=1)


async def take_in(store: Store, name: str, role: Role | None = "editor") -> Person:
    """Add a person, whose password hash matches no password."""
    async with store.writing() as session:
        return await add_person(
            session, f"{name}@example.org", name.title(), role, START, password="none"
        )


async def open_coverage(store: Store, slug: str = "fire") -> str:
    """Add a live coverage; returns its slug."""
    coverage = Coverage(slug, slug.title(), "live", "en", START, START, Cursor("e", 0))
    async with store.writing() as session:
        await add_coverage(session, coverage)
    return slug
