"""Templates in the database, on SQLite and PostgreSQL."""

import pytest

from app.store.engine import Store
from app.store.templates import (
    TemplateRow,
    TooManyTemplates,
    add_template,
    delete_template,
    list_templates,
)
from tests.record import Record
from tests.strategies import START


def _template(number: int, coverage: str | None) -> TemplateRow:
    return TemplateRow(
        id=f"{number:016x}",
        coverage=coverage,
        name="A goal",
        language=None,
        headline=None,
        body="{player} scores.",
        key_event=False,
        default_key=None,
        created_at=START,
        updated_at=START,
    )


async def test_a_newsroom_has_only_so_many_templates(store: Store) -> None:
    """Those of coverages count as well; after one is deleted there is room for another."""
    record = await Record(store).open()
    async with store.writing() as session:
        present = len(await list_templates(session, record.slug))
        await add_template(session, _template(1, None), present + 2)
        await add_template(session, _template(2, record.slug), present + 2)
        with pytest.raises(TooManyTemplates, match="templates already"):
            await add_template(session, _template(3, record.slug), present + 2)
        await delete_template(session, _template(2, None).id)
        await add_template(session, _template(3, record.slug), present + 2)
        await delete_template(session, _template(1, None).id)
        ids = {row.id for row in await list_templates(session, record.slug)}
    assert _template(3, None).id in ids
