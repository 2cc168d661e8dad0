"""Templates of entries: texts with placeholders, which the desk offers while somebody writes."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Text, delete, func, insert, or_, update
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.store.tables import Timestamp

_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class UnknownTemplate(Exception):
    """There is no template of that id, or the caller may not see it."""


class TooManyTemplates(Exception):
    """The newsroom has as many templates as it can have."""


class TemplateRow(SQLModel, table=True):
    """A template of one coverage, or of the whole newsroom if `coverage` is None.

    `default_key` names the template of the program in whose place it is offered; None for none.
    """

    __tablename__ = "template"

    id: str = Field(primary_key=True, max_length=16)
    coverage: str | None = Field(foreign_key="coverage.slug", max_length=100, index=True)
    name: str
    language: str | None
    headline: str | None
    body: str = Field(sa_type=Text)
    key_event: bool
    default_key: str | None
    created_at: datetime = Field(sa_type=Timestamp)
    updated_at: datetime = Field(sa_type=Timestamp)


async def add_template(session: AsyncSession, row: TemplateRow, most: int) -> None:
    """Store a new template.

    Args:
        session: the transaction.
        row: the template.
        most: how many templates a newsroom may have, those of all coverages included.

    Raises:
        TooManyTemplates: there are so many already.
    """
    stored = (await session.exec(select(func.count()).select_from(TemplateRow))).one()
    if stored >= most:
        raise TooManyTemplates(f"There are {most} templates already: delete one first.")
    await session.exec(insert(TemplateRow).values(row.model_dump()))


async def find_template(session: AsyncSession, template_id: str) -> TemplateRow:
    """A template by its id.

    Raises:
        UnknownTemplate: there is none of that id.
    """
    # Text that cannot be an id is not queried: PostgreSQL refuses a NUL, for example.
    row = await session.get(TemplateRow, template_id) if _ID.fullmatch(template_id) else None
    if row is None:
        raise UnknownTemplate("There is no such template.")
    return row


async def list_templates(session: AsyncSession, coverage: str | None) -> Sequence[TemplateRow]:
    """The templates of the whole newsroom and, unless it is None, of a coverage."""
    of_all = col(TemplateRow.coverage).is_(None)
    which = of_all if coverage is None else or_(of_all, col(TemplateRow.coverage) == coverage)
    return (await session.exec(select(TemplateRow).where(which))).all()


async def change_template(
    session: AsyncSession, row: TemplateRow, values: Mapping[str, object]
) -> None:
    """Change a template, and refresh its row.

    Raises:
        UnknownTemplate: it has been deleted in the meantime.
    """
    own = col(TemplateRow.id) == row.id
    if not (await session.exec(update(TemplateRow).where(own).values(**values))).rowcount:
        raise UnknownTemplate("There is no such template.")
    await session.refresh(row)


async def delete_template(session: AsyncSession, template_id: str) -> None:
    """Delete a template."""
    await session.exec(delete(TemplateRow).where(col(TemplateRow.id) == template_id))
