"""Offer templates of entries; create, change and delete them, for chiefs."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from app.access.roles import Caller, Role
from app.formats.languages import has_words, interface_language
from app.formats.public_json import dump_json
from app.formats.rfc3339 import format_time
from app.newsroom.default_templates import list_default_templates
from app.newsroom.template_forms import TemplateChangeForm, TemplateForm
from app.newsroom.write import UnitOfWork
from app.newsroom.written import Thing, Written
from app.store.coverages import find_coverage
from app.store.templates import (
    TemplateRow,
    UnknownTemplate,
    add_template,
    change_template,
    delete_template,
    find_template,
)
from app.web.services import Services

MOST_TEMPLATES = 200  # of a newsroom

Json = dict[str, Any]


def encode_template(row: TemplateRow) -> Json:
    """Encode a template as JSON."""
    times = {"created_at": format_time(row.created_at), "updated_at": format_time(row.updated_at)}
    return row.model_dump() | times


def offer_templates(rows: Iterable[TemplateRow], languages: Sequence[str]) -> list[Json]:
    """Encode templates in the order in which they are offered, and then those of the program.

    Those of the coverage come first. A template with a `default_key` takes the place of that one of
    the program, in its own language or, without one, in every language.

    Args:
        rows: the newsroom's own templates.
        languages: the languages (BCP 47) in which templates of the program are offered.
    """
    own = sorted(rows, key=lambda row: (row.coverage is None, row.name.casefold(), row.id))
    replaced = {(row.default_key, row.language and interface_language(row.language)) for row in own}
    spoken = dict.fromkeys(interface_language(each) for each in languages if has_words(each))
    unstored = dict.fromkeys(("id", "coverage", "created_at", "updated_at"))
    defaults = [
        unstored | asdict(default)
        for language in spoken
        for default in list_default_templates(language)
        if not replaced & {(default.default_key, None), (default.default_key, language)}
    ]
    return [encode_template(row) for row in own] + defaults


def template_creation(services: Services, caller: Caller, form: TemplateForm) -> UnitOfWork:
    """Return the action that creates a template, for the API and the desk's page.

    Raises:
        NotAllowed: the caller is no chief of the coverage, or of the newsroom if it has none.
    """
    (caller if form.coverage is None else caller.within(form.coverage)).check("chief")

    async def act(session: AsyncSession) -> Written:
        if form.coverage is not None:
            await find_coverage(session, form.coverage)
        now = services.now()
        row = TemplateRow(
            id=secrets.token_hex(8), **form.model_dump(), created_at=now, updated_at=now
        )
        await add_template(session, row, MOST_TEMPLATES)
        return _written(row, is_new=True)

    return act


def template_change(
    services: Services, caller: Caller, template_id: str, form: TemplateChangeForm
) -> UnitOfWork:
    """Return the action that changes a template, for the API and the desk's page."""

    async def act(session: AsyncSession) -> Written:
        row = await find_visible(session, template_id, caller, "chief")
        changes = form.model_dump(include=form.model_fields_set)
        await change_template(session, row, changes | {"updated_at": services.now()})
        return _written(row)

    return act


def template_deletion(caller: Caller, template_id: str) -> UnitOfWork:
    """Return the action that deletes a template, for the API and the desk's page."""

    async def act(session: AsyncSession) -> Written:
        row = await find_visible(session, template_id, caller, "chief")
        written = _written(row)
        await delete_template(session, row.id)
        return written

    return act


async def find_visible(
    session: AsyncSession, template_id: str, caller: Caller, role: Role
) -> TemplateRow:
    """Find a template for which the caller has at least a role.

    Raises:
        UnknownTemplate: there is none of that id, or the caller has no role in its coverage.
        NotAllowed: the caller's role is too low.
    """
    row = await find_template(session, template_id)
    if row.coverage is not None:
        caller = caller.within(row.coverage)
        if caller.role is None:
            raise UnknownTemplate("There is no such template.")
    elif role == "contributor" and caller.may_somewhere(role):
        return row
    caller.check(role)
    return row


def _written(row: TemplateRow, *, is_new: bool = False) -> Written:
    thing = Thing("template", row.id, row.coverage)
    return Written(dump_json(encode_template(row)), thing, is_new, detail={"name": row.name})
