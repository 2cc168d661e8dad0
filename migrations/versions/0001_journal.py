"""The journal, coverages, entries, media, API keys and idempotent answers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEDULED = sa.text("status = 'scheduled'")


def upgrade() -> None:
    op.create_table(
        "coverage",
        sa.Column("slug", sa.String(100), primary_key=True),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
    )
    op.create_index("coverage_by_age", "coverage", ["created_at", "slug"])
    op.create_table(
        "entry",
        _coverage(),
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger()),
        sa.Column("key_event", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("author", sa.String()),
        sa.Column("published_at", sa.BigInteger()),
        sa.Column("embargo_until", sa.BigInteger()),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
    )
    op.create_index("entry_by_seq", "entry", ["coverage", "seq"])
    op.create_index(
        "entry_by_embargo",
        "entry",
        ["embargo_until"],
        sqlite_where=SCHEDULED,
        postgresql_where=SCHEDULED,
    )
    op.create_table(
        "entry_tag",
        _coverage(),
        sa.Column("tag", sa.String(), primary_key=True),
        sa.Column("entry_id", sa.String(100), primary_key=True),
    )
    op.create_table(
        "journal",
        _coverage(),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.String(100)),
        sa.Column("state", sa.Text(), nullable=False),
    )
    op.create_index("journal_by_entry", "journal", ["coverage", "entry_id", "seq"])
    op.create_index("journal_by_time", "journal", ["coverage", "at"])
    op.create_table(
        "media",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
    )
    op.create_table(
        "answer",
        sa.Column("caller", sa.String(), primary_key=True),
        sa.Column("path", sa.String(), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("answer_by_age", "answer", ["at"])


def _coverage() -> sa.Column[str]:
    return sa.Column("coverage", sa.String(100), sa.ForeignKey("coverage.slug"), primary_key=True)


def downgrade() -> None:
    for table in ("answer", "api_key", "media", "journal", "entry_tag", "entry", "coverage"):
        op.drop_table(table)
