"""A monitor that reports statements that read a whole table, however large it has grown.

SQLite is asked for the plan of each statement before it runs, those of foreign keys included. A
plan may go through all rows (`SCAN`) only in the order that the statement asks for, up to a limit.
"""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, event

from app.store.engine import Store

MARK = "the plan of a statement:"
# Tables with a row for each coverage, entry, event, tag, medium or recent request. All others have
# a row for each person, key, session, open desk or template.
GROWING = (
    *("coverage", "idempotency", "withdrawn"),
    *("entry", "entry_media", "entry_tag", "earlier_facets", "journal", "media", "audit"),
    *("claim", "figure"),
)
_SCAN = re.compile(rf"SCAN ({'|'.join(GROWING)})\b")
# What may read a whole table, since it is rare.
_RARE = (
    # Once an hour: files that nothing shows any more.
    "UPDATE media SET task=? WHERE media.created_at IS NOT NULL",
    # When a coverage is withdrawn or brought back: which others link to it, in their records.
    "FROM coverage WHERE (coverage.state LIKE '%' || ? || '%' ESCAPE '/')",
)


def install(report: Callable[[str], None]) -> None:
    """Examine each statement on SQLite once, from the end of the first migration on.

    Args:
        report: called with each fault, as one line that contains `MARK`.
    """
    migrate = Store.migrate

    async def migrate_and_examine(store: Store) -> list[str]:
        applied = await migrate(store)
        event.listen(Engine, "before_cursor_execute", _examiner(report))
        return applied

    Store.migrate = migrate_and_examine  # type: ignore[method-assign]


def _examiner(report: Callable[[str], None]) -> Callable[..., None]:
    examined: set[str] = set()

    def examine(
        connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        if connection.dialect.name != "sqlite" or statement in examined:
            return
        if not statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH", "INSERT")):
            return
        examined.add(statement)
        one = parameters[0] if isinstance(parameters, list) else parameters
        cursor = connection.connection.cursor()
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", one)
        plan = [row[3] for row in cursor.fetchall()]
        cursor.close()
        if is_fault(plan, statement):
            report(f"{MARK} {'; '.join(plan)} in {' '.join(statement.split())}")

    return examine


def is_fault(plan: list[str], statement: str) -> bool:
    """Whether a plan reads the whole of a table that grows."""
    plainly = " ".join(statement.split())
    if not any(map(_SCAN.match, plan)) or any(rare in plainly for rare in _RARE):
        return False
    is_sorted = any(step.startswith("USE TEMP B-TREE FOR ORDER BY") for step in plan)
    return is_sorted or "ORDER BY" not in statement or "LIMIT" not in statement
