"""The audit, for chiefs: as JSON and as a page of the desk."""

import re
from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, field_validator, model_validator
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import AuditEntry, list_audit
from app.access.directory import list_people
from app.access.roles import Caller, NotAllowed
from app.desk.pages.layout import SignedIn, render_desk
from app.formats.public_json import dump_json
from app.formats.rfc3339 import format_time
from app.store.coverages import find_coverage, list_titles
from app.store.entries import find_entries
from app.timeline.errors import UnknownCoverage
from app.web.authentication import AnyChief
from app.web.conditional import private_json
from app.web.identifiers import CoverageRef
from app.web.openapi import schemas
from app.web.openapi.responses import NEWSROOM, refuses, returns
from app.web.problems import InvalidQuery
from app.web.services import Services, ServicesDep
from app.web.text_types import Line

routes = APIRouter(prefix="/v1/audit", tags=["chief"])
pages = APIRouter(prefix="/desk/audit", include_in_schema=False)


_OLDEST = 2**63 - 1  # no entry has a greater id
_LAST_DAY = date(9998, 12, 31)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class AuditQuery(BaseModel):
    """The part of the audit that is asked for."""

    coverage: Annotated[
        CoverageRef | None, Field(description="Only the actions in this coverage.")
    ] = None
    caller: Annotated[
        Annotated[Line, Field(max_length=200)] | None,
        Field(description="Only the actions of the caller with this id."),
    ] = None
    action: Annotated[
        Annotated[Line, Field(max_length=100)] | None,
        Field(description="Only actions of this kind."),
    ] = None
    day: Annotated[
        Annotated[date, Field(le=_LAST_DAY)] | None,
        Field(description="Only the actions of this day in the newsroom's zone."),
    ] = None
    before: Annotated[
        int | None, Field(ge=1, le=_OLDEST, description="Only lines older than this id.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 50

    @field_validator("day", mode="before")
    @classmethod
    def _check_day(cls, value: object) -> object:
        # A number would be taken for seconds since 1970.
        if isinstance(value, str) and not _DAY.fullmatch(value):
            raise ValueError("must be a date as in 1969-07-20")
        return value

    def older(self, path: str, entries: list[AuditEntry]) -> str | None:
        """Return the address of the next page; None at the end of the audit."""
        if len(entries) <= self.limit:
            return None
        query = self.model_dump(exclude_none=True) | {"before": entries[self.limit - 1].id}
        if self.limit == AuditQuery().limit:
            del query["limit"]
        return f"{path}?{urlencode(query)}"

    def times(self, zone: tzinfo) -> tuple[datetime, datetime] | None:
        """Return the beginning and the end of the day; None without one."""
        if self.day is None:
            return None
        first, last = (
            datetime.combine(day, time(), zone) for day in (self.day, self.day + timedelta(days=1))
        )
        return first, last


class AuditForm(AuditQuery):
    """The same as a form of the page sends it: what is not chosen is empty."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_empty(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value != ""}


@routes.get(
    "",
    operation_id="listAudit",
    responses=returns(schemas.Audit) | refuses(*NEWSROOM, InvalidQuery, UnknownCoverage),
)
async def get_audit(
    services: ServicesDep, chief: AnyChief, query: Annotated[AuditQuery, Query()]
) -> Response:
    """List who did what, newest first; chiefs of single coverages see the actions in those."""
    await services.refusals.flush()
    async with services.store.reading() as session:
        entries = await _read(session, services, chief, query)
    older = query.older(f"{services.form.base_url}/v1/audit", entries)
    audit = [
        asdict(entry) | {"id": str(entry.id), "at": format_time(entry.at)}
        for entry in entries[: query.limit]
    ]
    body = dump_json({"audit": audit, "next": older})
    return private_json(body)


@pages.get("")
async def show_audit(
    request: Request,
    services: ServicesDep,
    signed_in: SignedIn,
    query: Annotated[AuditForm, Query()],
) -> Response:
    """Show the audit as a page.

    Raises:
        NotAllowed: the person is not a chief of the newsroom or of any coverage.
    """
    caller = signed_in.person.caller
    if not caller.may_somewhere("chief"):
        caller.check("chief")
    await services.refusals.flush()
    async with services.store.reading() as session:
        entries = await _read(session, services, caller, query)
        lines = entries[: query.limit]
        slugs = {line.coverage for line in lines if line.coverage}
        titles = await list_titles(session, slugs)
        things = {(line.coverage, line.thing) for line in lines if line.coverage and line.thing}
        named = await find_entries(session, things)
        people = await list_people(session) if caller.may("chief") else []
    names = {line.caller: line.name for line in lines}
    names |= {person.caller.id: person.name for person in people}
    return render_desk(
        request,
        services,
        "audit.html",
        session=signed_in,
        lines=lines,
        query=query,
        older=query.older("/desk/audit", entries),
        titles=titles,
        entries={(entry.coverage, entry.id): entry for entry in named},
        names=dict(sorted(names.items(), key=lambda each: each[1].casefold())),
        people={person.id: person.name for person in people},
    )


async def _read(
    session: AsyncSession, services: Services, chief: Caller, query: AuditQuery
) -> list[AuditEntry]:
    """Read one entry more than was asked for, which shows whether there is a next page."""
    own = [slug for slug in chief.coverages if chief.within(slug).may("chief")]
    coverages: Collection[str] | None = None if chief.may("chief") else own
    if query.coverage is not None:
        if not chief.within(query.coverage).may("chief"):
            raise NotAllowed("This needs the role chief in the coverage.")
        await find_coverage(session, query.coverage)
        coverages = [query.coverage]
    return await list_audit(
        session,
        query.limit + 1,
        before=query.before,
        coverages=coverages,
        caller=query.caller,
        action=query.action,
        times=query.times(services.html_renderer.zone),
    )
