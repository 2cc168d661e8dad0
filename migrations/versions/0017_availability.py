"""A coverage may be withdrawn, with a note, and archived."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("coverage", sa.Column("withdrawn", sa.Text()))
    op.add_column(
        "coverage",
        sa.Column("is_archived", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("coverage", "is_archived")
    op.drop_column("coverage", "withdrawn")
