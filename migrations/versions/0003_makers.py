"""Who made a key, and who invited a person."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("api_key") as table:
        table.add_column(sa.Column("made_by", sa.String()))
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("invited_by", sa.String()))


def downgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.drop_column("invited_by")
    with op.batch_alter_table("api_key") as table:
        table.drop_column("made_by")
