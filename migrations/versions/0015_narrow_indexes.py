"""Every filter of entries, and an entry's tags and media, have indexes of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Name, columns and condition of each index of some of the entries.
PARTIAL = (
    ("entry_of_drafts", ["coverage", "updated_at", "id"], "seq IS NULL"),
    ("entry_of_tombstones", ["coverage", "updated_at", "id"], "status = 'retracted'"),
    ("entry_of_key_events", ["coverage", "seq"], "key_event"),
)
TABLES = ("entry_tag", "entry_media")


def upgrade() -> None:
    for name, columns, condition in PARTIAL:
        where = sa.text(condition)
        op.create_index(name, "entry", columns, sqlite_where=where, postgresql_where=where)
    op.execute("UPDATE entry SET language = lower(language)")
    op.create_index("entry_by_language", "entry", ["coverage", "language", "seq"])
    _number_tags()
    for table in TABLES:
        op.create_index(f"{table}_by_entry", table, ["coverage", "entry_id"])


def _number_tags() -> None:
    op.add_column("entry_tag", sa.Column("seq", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE entry_tag SET seq = (SELECT entry.seq FROM entry"
        " WHERE entry.coverage = entry_tag.coverage AND entry.id = entry_tag.entry_id)"
    )
    op.execute("DELETE FROM entry_tag WHERE seq IS NULL")  # of entries that are not public
    with op.batch_alter_table("entry_tag") as table:
        table.alter_column("seq", existing_type=sa.BigInteger(), nullable=False)
    op.create_index("entry_tag_by_seq", "entry_tag", ["coverage", "tag", "seq"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"{table}_by_entry", table)
    op.drop_index("entry_tag_by_seq", "entry_tag")
    op.drop_column("entry_tag", "seq")
    op.drop_index("entry_by_language", "entry")
    for name, _, _ in PARTIAL:
        op.drop_index(name, "entry")
