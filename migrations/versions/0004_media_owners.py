"""Who sent a picture or video, and the coverage that it belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("media") as table:
        table.add_column(sa.Column("taken_by", sa.String()))
        table.add_column(sa.Column("coverage", sa.String(100)))
        table.create_foreign_key("media_coverage", "coverage", ["coverage"], ["slug"])
    op.execute(
        "UPDATE media SET coverage = (SELECT min(entry_media.coverage) FROM entry_media"
        " WHERE entry_media.media = media.id)"
    )


def downgrade() -> None:
    with op.batch_alter_table("media") as table:
        table.drop_constraint("media_coverage", type_="foreignkey")
        table.drop_column("coverage")
        table.drop_column("taken_by")
