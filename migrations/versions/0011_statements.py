"""Claims and figures of published entries, each with the part of the journal in which it stood."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "figure",
        *_key(),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
    )
    series = ["coverage", "metric", "group", "source", "rank"]
    op.create_index("figure_by_series", "figure", series)
    op.create_index("figure_by_since", "figure", ["coverage", "since"])
    op.create_index("figure_by_until", "figure", ["coverage", "until"])
    op.create_table(
        "claim",
        *_key(),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
    )
    op.create_index("claim_by_time", "claim", ["coverage", "at"])


def _key() -> tuple[sa.Column[object], ...]:
    slug = sa.ForeignKey("coverage.slug")
    return (
        sa.Column("coverage", sa.String(100), slug, primary_key=True),
        sa.Column("entry_id", sa.String(100), primary_key=True),
        sa.Column("since", sa.BigInteger(), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("until", sa.BigInteger()),
    )


def downgrade() -> None:
    op.drop_table("claim")
    op.drop_table("figure")
