"""The second factor of people. Everybody signs in once more, so that it is known how they did."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("totp_secret", sa.String()))
        table.add_column(sa.Column("totp_since", sa.BigInteger()))
        table.add_column(sa.Column("totp_step", sa.BigInteger()))
        table.add_column(sa.Column("totp_wrong", sa.Integer()))
        table.add_column(sa.Column("totp_wrong_at", sa.BigInteger()))
    op.execute("UPDATE person SET totp_wrong = 0")
    with op.batch_alter_table("person") as table:
        table.alter_column("totp_wrong", nullable=False, existing_type=sa.Integer())
    op.execute("DELETE FROM session")
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("second_factor", sa.Boolean(), nullable=False))
    op.create_table(
        "recovery_code",
        sa.Column("person", sa.String(), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
    )
    op.create_table(
        "challenge",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("person", sa.String(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("onward", sa.String(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_challenge_person", "challenge", ["person"])


def downgrade() -> None:
    op.drop_table("challenge")
    op.drop_table("recovery_code")
    with op.batch_alter_table("session") as table:
        table.drop_column("second_factor")
    with op.batch_alter_table("person") as table:
        for column in ("totp_wrong_at", "totp_wrong", "totp_step", "totp_since", "totp_secret"):
            table.drop_column(column)
