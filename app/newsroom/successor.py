"""The successor of a coverage: the page of the next day, opened as that of today is closed."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller, NotAllowed
from app.formats.public_json import PublicJson
from app.newsroom.coverages import new_epoch
from app.newsroom.editions import lock_editions, update_editions
from app.newsroom.forms import SuccessorForm
from app.newsroom.written import Written, coverage_written
from app.store.coverages import add_coverage, find_coverage
from app.store.entries import copy_id, find_public_entry
from app.store.journal import record_change
from app.timeline import change as rules
from app.timeline.change import Change
from app.timeline.coverage import MOST_LINKS, Coverage, Related
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry
from app.timeline.errors import CoveragePlanned, UnknownCoverage, WithdrawnCoverage


def check_may_succeed(caller: Caller) -> None:
    """Refuse callers who are chiefs only of single coverages: the successor is a new one.

    Raises:
        NotAllowed: the caller is no chief of the whole newsroom.
    """
    if not caller.may_everywhere("chief"):
        raise NotAllowed("This opens another coverage, which needs a chief of the whole newsroom.")


async def open_successor(
    session: AsyncSession,
    slug: str,
    form: SuccessorForm,
    caller: Caller,
    encoder: PublicJson,
    now: datetime,
) -> Written:
    """Close a coverage, and open its successor with the same head; each links to the other.

    The summary is published again in the successor.

    A coverage that is closed already stays closed. A repeated request changes nothing: the link to
    the successor says that it was carried out.

    Raises:
        UnknownCoverage: there is none of the slug.
        CoveragePlanned: the coverage was never open.
        WithdrawnCoverage: it is withdrawn: its title and summary must not come back with another.
        SlugTaken: another coverage has the successor's slug.
        NotAllowed: the caller may not open coverages.
    """
    check_may_succeed(caller)
    family = await lock_editions(session, slug)
    today = family[slug]
    if today.status == "planned":
        raise CoveragePlanned("The coverage was never open, so nothing can follow it.")
    link = Related.titled(form.title, encoder.coverage_url(form.slug))
    if today.status == "closed" and link.url in {each.url for each in today.related}:
        # Somebody may have typed the link before there was a coverage.
        with suppress(UnknownCoverage):
            present = Change(await find_coverage(session, form.slug))
            return replace(coverage_written(encoder, present), detail=None)
    if today.withdrawn is not None:
        raise WithdrawnCoverage(today.withdrawn.note)
    back = Related.titled(today.title, encoder.coverage_url(slug))
    opened = await _open(session, today, form, back, now)
    others = (each for each in today.related if each.url != link.url)
    links = (link, *others)[:MOST_LINKS]
    closed = rules.change_coverage(today, {"related": links}, "closed", now)
    await record_change(session, closed)
    family[slug] = closed.coverage
    changes = (*opened[:-1], closed, *await update_editions(session, family, now))
    written = coverage_written(encoder, opened[-1], changes, is_new=True)
    return replace(written, detail={"coverage": form.slug})


async def _open(
    session: AsyncSession, today: Coverage, form: SuccessorForm, back: Related, now: datetime
) -> list[Change]:
    plan = Coverage(
        slug=form.slug,
        title=form.title,
        status="planned",
        language=today.language,
        created_at=now,
        updated_at=now,
        cursor=Cursor(new_epoch(), 0),
        kicker=today.kicker,
        standfirst=today.standfirst,
        languages=today.languages,
        bylines=today.bylines,
        entry_bylines=today.entry_bylines,
        lead_image=today.lead_image,
        related=(back, *today.related)[:MOST_LINKS],
    )
    await add_coverage(session, plan)
    changes = [rules.open_coverage(plan, now)]
    await record_change(session, changes[0])
    if today.summary is not None:
        changes += await _carry_summary(session, today, changes[0].coverage, now)
    return changes


async def _carry_summary(
    session: AsyncSession, today: Coverage, successor: Coverage, now: datetime
) -> tuple[Change, Change]:
    """Publish today's summary again in the successor, as an entry with a history of its own."""
    shown = await find_public_entry(session, today.slug, today.summary or "")
    copy = Entry(
        id=copy_id(today.slug, shown.id),
        coverage=successor.slug,
        status="draft",
        updated_at=now,
        language=shown.language,
        headline=shown.headline,
        body=shown.body,
        kind=shown.kind,
        bylines=shown.bylines,
        tags=shown.tags,
        place=shown.place,
        media=shown.media,
        claims=shown.claims,
        figures=shown.figures,
    )
    published = rules.publish(successor, copy, now)
    await record_change(session, published)
    summarised = rules.summarise(published.coverage, published.entry, now)
    await record_change(session, summarised)
    return published, summarised
