"""Entries of a time are found by the times of the journal, net changes by their own events."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

FIND_ORDER = """
UPDATE coverage SET is_in_order = false WHERE EXISTS (
  SELECT 1 FROM entry
  LEFT JOIN journal ON journal.coverage = entry.coverage AND journal.seq = entry.seq
  WHERE entry.coverage = coverage.slug AND entry.seq IS NOT NULL
    AND (journal.at IS NULL OR journal.at <> entry.published_at))
"""
# Columns and condition of each partial index, of the events that net changes are computed from.
PARTIAL = {
    "journal_of_changes": (
        ["coverage", "seq", "entry_id", "type", "marks"],
        "type <> 'entry.published' AND entry_id IS NOT NULL",
    ),
    "journal_of_key_events": (["coverage", "seq"], "type = 'entry.published' AND marks & 1 = 1"),
}


def upgrade() -> None:
    op.add_column(
        "coverage",
        sa.Column("is_in_order", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.execute(FIND_ORDER)
    op.drop_index("journal_by_seq", "journal")
    for name, (columns, condition) in PARTIAL.items():
        where = sa.text(condition)
        op.create_index(name, "journal", columns, sqlite_where=where, postgresql_where=where)
    _create_last()


def _create_last() -> None:
    """Create the index of tombstones again.

    Of two indexes that it takes to be equally good, SQLite uses the one that was created last.
    """
    where = sa.text("status = 'retracted'")
    columns = ["coverage", "updated_at", "id"]
    op.drop_index("entry_of_tombstones", "entry")
    op.create_index(
        "entry_of_tombstones", "entry", columns, sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    for name in reversed(PARTIAL):
        op.drop_index(name, "journal")
    columns = ["coverage", "seq", "entry_id", "type", "marks"]
    op.create_index("journal_by_seq", "journal", columns)
    op.drop_column("coverage", "is_in_order")
