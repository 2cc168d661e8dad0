"""Coverages are editions of others, and entries translations of others."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("coverage", sa.Column("edition_of", sa.String(100)))
    op.create_index("ix_coverage_edition_of", "coverage", ["edition_of"])
    op.add_column("entry", sa.Column("original_coverage", sa.String(100)))
    op.add_column("entry", sa.Column("original_id", sa.String(100)))
    op.create_index("entry_by_original", "entry", ["original_coverage", "original_id"])


def downgrade() -> None:
    op.drop_index("entry_by_original", "entry")
    op.drop_column("entry", "original_id")
    op.drop_column("entry", "original_coverage")
    op.drop_index("ix_coverage_edition_of", "coverage")
    op.drop_column("coverage", "edition_of")
