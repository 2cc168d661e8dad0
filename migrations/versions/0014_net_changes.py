"""Events have the marks that net changes are ordered by, and indexes for those and for faults."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BATCH = 200  # rows
KEY_EVENT, CONTESTED, OUTDATED = 1, 2, 4
DOUBTS = {"disputed", "false", "withdrawn"}
# The fields of which a record with a mark has one; few others have. A text can quote none of them,
# since that escapes the quotation marks.
FIELDS = {
    "key_event": '%"key_event":true%',
    "disputed": '%"status":"disputed"%',
    "false": '%"status":"false"%',
    "withdrawn": '%"status":"withdrawn"%',
    "outdated": '%"outdated":{%',
}
MARKED = sa.text(
    "SELECT seq, state FROM journal WHERE coverage = :slug AND seq > :seq AND entry_id IS NOT NULL"
    " AND (state LIKE :key_event OR state LIKE :disputed OR state LIKE :false"
    " OR state LIKE :withdrawn OR state LIKE :outdated) ORDER BY seq LIMIT :batch"
)
FAULTS = "type IN ('entry.retracted', 'entry.corrected', 'entry.assessed', 'entry.outdated')"


def upgrade() -> None:
    op.add_column(
        "journal", sa.Column("marks", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    _mark_events(op.get_bind())
    columns = ["coverage", "seq", "entry_id", "type", "marks"]
    op.create_index("journal_by_seq", "journal", columns)
    for name, of in (
        ("journal_of_faults", ["coverage", "seq"]),
        ("journal_of_faults_by_time", ["at", "coverage", "seq"]),
    ):
        where = sa.text(FAULTS)
        op.create_index(name, "journal", of, sqlite_where=where, postgresql_where=where)


def _mark_events(connection: sa.Connection) -> None:
    """Compute the marks from the records, which the log commits to and which stay as they are."""
    save = sa.text("UPDATE journal SET marks = :marks WHERE coverage = :slug AND seq = :seq")
    slugs = connection.execute(sa.text("SELECT slug FROM coverage ORDER BY slug")).scalars().all()
    for slug in slugs:
        values = {"slug": slug, "seq": 0, "batch": BATCH, **FIELDS}
        while rows := connection.execute(MARKED, values).all():
            marks = [{"slug": slug, "seq": seq, "marks": _marks(state)} for seq, state in rows]
            connection.execute(save, marks)
            values["seq"] = rows[-1][0]


def _marks(state: str) -> int:
    record = json.loads(state)
    statements = (*record.get("claims", ()), *record.get("figures", ()))
    is_contested = any(each["status"] in DOUBTS for each in statements)
    is_outdated = bool((record.get("translation_of") or {}).get("outdated"))
    return (
        KEY_EVENT * bool(record.get("key_event"))
        | CONTESTED * is_contested
        | OUTDATED * is_outdated
    )


def downgrade() -> None:
    for name in ("journal_of_faults_by_time", "journal_of_faults", "journal_by_seq"):
        op.drop_index(name, "journal")
    op.drop_column("journal", "marks")
