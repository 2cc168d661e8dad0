"""Events have the marks that net changes are ordered by, and indexes for those and for faults."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FAULTS = "type IN ('entry.retracted', 'entry.corrected', 'entry.assessed', 'entry.outdated')"


def upgrade() -> None:
    op.add_column(
        "journal", sa.Column("marks", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    # A quotation mark in a text is escaped, so this is the field and not a quotation of it. Claims
    # and figures, which have the other mark, came with the revision before, which was not released.
    update = sa.text(
        "UPDATE journal SET marks = 1 WHERE entry_id IS NOT NULL AND state LIKE :field"
    )
    op.execute(update.bindparams(field='%"key_event":true%'))
    columns = ["coverage", "seq", "entry_id", "type", "marks"]
    op.create_index("journal_by_seq", "journal", columns)
    for name, of in (
        ("journal_of_faults", ["coverage", "seq"]),
        ("journal_of_faults_by_time", ["at", "coverage", "seq"]),
    ):
        where = sa.text(FAULTS)
        op.create_index(name, "journal", of, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in ("journal_of_faults_by_time", "journal_of_faults", "journal_by_seq"):
        op.drop_index(name, "journal")
    op.drop_column("journal", "marks")
