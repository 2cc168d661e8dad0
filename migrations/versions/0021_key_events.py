"""Key events are beside a coverage's record, and only the newest ones."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOST = 100
SEQS = sa.text("SELECT id, seq FROM entry WHERE coverage = :slug AND key_event AND seq IS NOT NULL")
SAVE = sa.text("UPDATE coverage SET state = :state, key_events = :key_events WHERE slug = :slug")


def upgrade() -> None:
    op.add_column(
        "coverage", sa.Column("key_events", sa.Text(), nullable=False, server_default="[]")
    )
    where = sa.text("key_event")
    op.create_index(
        "key_events_by_time",
        "entry",
        ["coverage", "published_at", "seq"],
        sqlite_where=where,
        postgresql_where=where,
    )
    connection = op.get_bind()
    for slug in _slugs(connection):
        record = _record(connection, slug)
        rows = connection.execute(SEQS, {"slug": slug})
        seqs = {entry_id: seq for entry_id, seq in rows}  # noqa: C416  a row is no pair
        listed = [
            key_event | {"seq": seqs[key_event["entry_id"]]}
            for key_event in record.pop("key_events", [])
            if key_event["entry_id"] in seqs
        ]
        listed.sort(key=lambda each: (each["published_at"], each["seq"]))
        _save(connection, slug, record, listed[-MOST:])


def downgrade() -> None:
    connection = op.get_bind()
    for slug in _slugs(connection):
        record = _record(connection, slug)
        query = sa.text("SELECT key_events FROM coverage WHERE slug = :slug")
        listed = json.loads(connection.execute(query, {"slug": slug}).scalar_one())
        for key_event in listed:
            del key_event["seq"]
        _save(connection, slug, record | {"key_events": listed}, [])
    op.drop_index("key_events_by_time", "entry")
    op.drop_column("coverage", "key_events")


def _slugs(connection: sa.Connection) -> list[str]:
    return list(connection.execute(sa.text("SELECT slug FROM coverage ORDER BY slug")).scalars())


def _record(connection: sa.Connection, slug: str) -> dict[str, Any]:
    query = sa.text("SELECT state FROM coverage WHERE slug = :slug")
    record: dict[str, Any] = json.loads(connection.execute(query, {"slug": slug}).scalar_one())
    return record


def _save(
    connection: sa.Connection, slug: str, record: dict[str, Any], key_events: list[Any]
) -> None:
    values = [
        json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in (record, key_events)
    ]
    connection.execute(SAVE, {"slug": slug, "state": values[0], "key_events": values[1]})
