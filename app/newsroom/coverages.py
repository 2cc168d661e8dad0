"""Plan, open, change and close coverages, in the caller's transaction."""

import secrets
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller
from app.media.copies import copy_withdrawn
from app.newsroom.editions import (
    Family,
    join_editions,
    list_editions,
    lock_editions,
    update_editions,
)
from app.newsroom.fields import coverage_fields
from app.newsroom.forms import CoverageChangeForm, NewCoverageForm
from app.store.coverages import add_coverage
from app.store.journal import record_change
from app.timeline import change as rules
from app.timeline.change import Change
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.web.problems import InvalidPayload


def new_epoch() -> str:
    """Generate the epoch of a new journal."""
    return secrets.token_hex(4)


async def create_coverage(
    session: AsyncSession, form: NewCoverageForm, caller: Caller, now: datetime
) -> tuple[Change, tuple[Change, ...]]:
    """Create a coverage; open it unless the form asks for a planned one.

    Returns:
        Its change, and those of the other editions of its story.

    Raises:
        SlugTaken: a coverage with that slug exists.
        InvalidPayload: it cannot be an edition of the coverage that the form names.
    """
    fields = await coverage_fields(session, form, caller)
    family: Family = {}
    if form.edition_of is not None:
        family = await join_editions(session, form.slug, form.edition_of, family)
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
    if form.status == "planned":
        change = Change(plan)
    else:
        family[plan.slug] = replace(plan, status="live")
        change = rules.open_coverage(replace(plan, editions=list_editions(family)), now)
    await record_change(session, change)
    family[plan.slug] = change.coverage
    return change, await update_editions(session, family, now)


async def change_coverage(
    session: AsyncSession, slug: str, form: CoverageChangeForm, caller: Caller, now: datetime
) -> tuple[Change, tuple[Change, ...]]:
    """Change a coverage's head matter and status.

    Returns:
        Its change, and those of the other editions of its story.
    """
    family = await lock_editions(session, slug)
    coverage = family[slug]
    fields = await coverage_fields(session, form, caller, coverage.lead_image)
    if "edition_of" in fields and fields["edition_of"] != coverage.edition_of:
        if fields["edition_of"] is None:
            raise InvalidPayload([("/edition_of", "cannot be changed: this has editions")])
        family |= await join_editions(session, slug, fields["edition_of"], family)
    lead = fields.get("lead_image", coverage.lead_image)
    if lead and not coverage.is_public and form.status not in {None, "planned"}:
        # The image may have been retracted elsewhere while the coverage was planned: it then needs
        # a copy with files of its own.
        (fields["lead_image"],) = await copy_withdrawn(session, [lead], now, slug)
    if coverage.withdrawn is None:
        # What it will be decides what the list of editions says of it, and one event has both.
        after = rules.change_coverage(coverage, fields, form.status, now).coverage
        fields["editions"] = list_editions({**family, slug: after})
    change = rules.change_coverage(coverage, fields, form.status, now)
    await record_change(session, change)
    family[slug] = change.coverage
    return change, await update_editions(session, family, now)
