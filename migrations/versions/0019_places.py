"""Entries that name a place are found by an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ENTRY = sa.table("entry", sa.column("has_place", sa.Boolean()))
HAS_PLACE = {
    "sqlite": "json_extract(state, '$.place') IS NOT NULL",
    # As text: a cast would refuse every record with a NUL in it. No text contains the condition,
    # since its quotation marks are escaped.
    "postgresql": "state LIKE '%\"place\":{%'",
}


def upgrade() -> None:
    op.add_column(
        "entry", sa.Column("has_place", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    condition = HAS_PLACE[op.get_bind().dialect.name]
    op.execute(sa.update(ENTRY).where(sa.text(condition)).values(has_place=True))
    where = sa.text("has_place")
    op.create_index(
        "entry_of_places",
        "entry",
        ["coverage", "seq"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("entry_of_places", "entry")
    op.drop_column("entry", "has_place")
