"""Templates of entries, of the whole newsroom or of one coverage."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "template",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("coverage", sa.String(100), sa.ForeignKey("coverage.slug")),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String()),
        sa.Column("headline", sa.String()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("key_event", sa.Boolean(), nullable=False),
        sa.Column("default_key", sa.String()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_template_coverage", "template", ["coverage"])


def downgrade() -> None:
    op.drop_table("template")
