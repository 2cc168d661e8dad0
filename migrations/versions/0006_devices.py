"""What slows guessers down: known browsers, and sign-ins that have come back.

Browsers are known from the next sign-in on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("person", sa.String(), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("wrong_at", sa.BigInteger()),
    )
    op.create_index("ix_device_person", "device", ["person"])
    op.create_index("ix_device_seen_at", "device", ["seen_at"])
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("device", sa.LargeBinary()))
    op.create_table(
        "login_state",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_login_state_ends_at", "login_state", ["ends_at"])
    op.create_index("audit_by_age", "audit", ["at"])


def downgrade() -> None:
    op.drop_index("audit_by_age", "audit")
    op.drop_table("login_state")
    with op.batch_alter_table("session") as table:
        table.drop_column("device")
    op.drop_table("device")
