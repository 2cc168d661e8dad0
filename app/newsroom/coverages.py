"""Plan, open, change and close coverages, in the caller's transaction."""

import secrets
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.media.copies import copy_withdrawn
from app.newsroom.fields import coverage_fields
from app.newsroom.forms import CoverageChangeForm, NewCoverageForm
from app.store.coverages import add_coverage
from app.store.journal import lock_coverage, record_change
from app.timeline import change as rules
from app.timeline.change import Change
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor


def new_epoch() -> str:
    """Generate the epoch of a new journal."""
    return secrets.token_hex(4)


async def create_coverage(
    session: AsyncSession, form: NewCoverageForm, caller: Caller, now: datetime
) -> Change:
    """Create a coverage; open it unless the form asks for a planned one.

    Raises:
        SlugTaken: a coverage with that slug exists.
    """
    fields = await coverage_fields(session, form, caller)
    plan = Coverage(
        slug=form.slug,
        title=form.title,
        status="planned",
        language=form.language,
        created_at=now,
        updated_at=now,
        cursor=Cursor(new_epoch(), 0),
    )
    plan = replace(plan, **fields)
    plan = replace(plan, languages=plan.languages or (plan.language,))
    await add_coverage(session, plan)
    change = Change(plan) if form.status == "planned" else rules.open_coverage(plan, now)
    await record_change(session, change)
    return change


async def change_coverage(
    session: AsyncSession, slug: str, form: CoverageChangeForm, caller: Caller, now: datetime
) -> Change:
    """Change a coverage's head matter and status."""
    coverage = await lock_coverage(session, slug)
    fields = await coverage_fields(session, form, caller, coverage.lead_image)
    lead = fields.get("lead_image", coverage.lead_image)
    if lead and not coverage.is_public and form.status not in {None, "planned"}:
        # The image may have been retracted elsewhere while the coverage was planned: it then needs
        # a copy with files of its own.
        (fields["lead_image"],) = await copy_withdrawn(session, [lead], now, slug)
    change = rules.change_coverage(coverage, fields, form.status, now)
    await record_change(session, change)
    return change
