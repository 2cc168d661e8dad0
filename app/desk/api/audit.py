"""The audit, for chiefs: as JSON and as a page of the desk."""

from dataclasses import asdict
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.audit import AuditEntry, list_audit
from app.access.roles import Caller, NotAllowed
from app.desk.pages.layout import SignedIn, render_desk
from app.formats.public_json import dump_json
from app.formats.rfc3339 import format_time
from app.store.coverages import find_coverage
from app.timeline.errors import UnknownCoverage
from app.web.authentication import requires
from app.web.conditional import private_json
from app.web.openapi import schemas
from app.web.openapi.responses import NEWSROOM, refuses, returns
from app.web.params import CoverageRef
from app.web.problems import InvalidQuery
from app.web.services import ServicesDep

routes = APIRouter(prefix="/v1/audit", tags=["chief"])
pages = APIRouter(prefix="/desk/audit", include_in_schema=False)

AnyChief = Annotated[Caller, Depends(requires("chief", somewhere=True))]

_OLDEST = 2**63 - 1  # no entry has a greater id


class AuditQuery(BaseModel):
    """The part of the audit that is asked for."""

    coverage: Annotated[
        CoverageRef | None, Field(description="Only the actions in this coverage.")
    ] = None
    before: Annotated[
        int | None, Field(ge=1, le=_OLDEST, description="Only lines older than this id.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 50

    def older(self, path: str, entries: list[AuditEntry]) -> str | None:
        """Return the address of the next page; None at the end of the audit."""
        if len(entries) <= self.limit:
            return None
        query = self.model_dump(exclude_defaults=True) | {"before": entries[self.limit - 1].id}
        return f"{path}?{urlencode(query)}"


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
        entries = await _read(session, chief, query)
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
    query: Annotated[AuditQuery, Query()],
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
        entries = await _read(session, caller, query)
    return render_desk(
        request,
        services,
        "audit.html",
        session=signed_in,
        lines=entries[: query.limit],
        query=query,
        older=query.older("/desk/audit", entries),
    )


async def _read(session: AsyncSession, chief: Caller, query: AuditQuery) -> list[AuditEntry]:
    """Read one entry more than was asked for, which shows whether there is a next page."""
    own = [slug for slug in chief.coverages if chief.within(slug).may("chief")]
    coverages = None if chief.may("chief") else own
    if query.coverage is not None:
        if not chief.within(query.coverage).may("chief"):
            raise NotAllowed("This needs the role chief in the coverage.")
        await find_coverage(session, query.coverage)
        coverages = [query.coverage]
    return await list_audit(session, query.limit + 1, before=query.before, coverages=coverages)
