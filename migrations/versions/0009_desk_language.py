"""A person may choose the language of the desk; null follows the browser."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("language", sa.String()))


def downgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.drop_column("language")
