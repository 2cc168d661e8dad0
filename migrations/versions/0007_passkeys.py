"""Passkeys. Everybody signs in once more, so that it is known by which second factor."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("credential", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("person", sa.String(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("rp_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
    )
    op.create_index("ix_passkey_person", "passkey", ["person"])
    op.create_table(
        "used_challenge",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_used_challenge_ends_at", "used_challenge", ["ends_at"])
    op.create_table(
        "server_key",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("key", sa.LargeBinary(), nullable=False),
    )
    op.execute("DELETE FROM session")
    with op.batch_alter_table("session") as table:
        table.drop_column("second_factor")
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("second_factor", sa.String()))
        table.add_column(sa.Column("passkey", sa.String()))
        table.create_index("ix_session_passkey", ["passkey"])


def downgrade() -> None:
    op.execute("DELETE FROM session")
    with op.batch_alter_table("session") as table:
        table.drop_index("ix_session_passkey")
        table.drop_column("passkey")
        table.drop_column("second_factor")
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("second_factor", sa.Boolean(), nullable=False))
    op.drop_table("server_key")
    op.drop_table("used_challenge")
    op.drop_table("passkey")
