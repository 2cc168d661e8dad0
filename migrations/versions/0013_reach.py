"""How many open streams of each process a retraction has reached."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reach",
        sa.Column("coverage", sa.String(100), sa.ForeignKey("coverage.slug"), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True),
        sa.Column("process", sa.String(32), primary_key=True),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_reach_at", "reach", ["at"])


def downgrade() -> None:
    op.drop_table("reach")
