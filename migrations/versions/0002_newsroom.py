"""People, and what they did; files of media; what was withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _add_people()
    _add_deeds()
    with op.batch_alter_table("api_key") as table:
        table.add_column(sa.Column("coverage", sa.String(100)))
        table.create_foreign_key("api_key_coverage", "coverage", ["coverage"], ["slug"])
    with op.batch_alter_table("answer") as table:
        table.add_column(sa.Column("entry_id", sa.String(100)))
        table.add_column(sa.Column("role", sa.String()))
        table.create_index("answer_by_entry", ["entry_id"])
    with op.batch_alter_table("media") as table:
        table.add_column(sa.Column("created_at", sa.BigInteger()))
        table.add_column(sa.Column("task", sa.String()))
        table.add_column(sa.Column("origin", sa.String(100)))
        table.create_index("ix_media_task", ["task"])
    op.create_table(
        "entry_media",
        sa.Column("media", sa.String(100), primary_key=True),
        _coverage(primary_key=True),
        sa.Column("entry_id", sa.String(100), primary_key=True),
    )


def _add_people() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String()),
        sa.Column("password", sa.String()),
        sa.Column("subject", sa.String(), unique=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger()),
    )
    op.create_table(
        "coverage_role",
        sa.Column("person", sa.String(), sa.ForeignKey("person.id"), primary_key=True),
        _coverage(primary_key=True),
        sa.Column("role", sa.String(), nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("person", sa.String(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_session_person", "session", ["person"])
    op.create_table(
        "invitation",
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
        sa.Column("id", sa.String(), nullable=False, unique=True),
        sa.Column("email", sa.String(254)),
        sa.Column("role", sa.String()),
        _coverage(),
        sa.Column("person", sa.String(), sa.ForeignKey("person.id")),
        sa.Column("invited_by", sa.String()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
    )


def _add_deeds() -> None:
    op.create_table(
        "audit",
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("coverage", sa.String(100)),
        sa.Column("thing", sa.String()),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.create_index("audit_by_coverage", "audit", ["coverage", "id"])
    op.create_index("audit_by_thing", "audit", ["thing", "id"])
    op.create_table(
        "visit",
        _coverage(primary_key=True),
        sa.Column("visit", sa.String(64), primary_key=True),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(100)),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "withdrawn",
        _coverage(primary_key=True),
        sa.Column("entry_id", sa.String(100), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
    )
    op.create_index("ix_withdrawn_at", "withdrawn", ["at"])


def _coverage(*, primary_key: bool = False) -> sa.Column[str]:
    foreign = sa.ForeignKey("coverage.slug")
    return sa.Column("coverage", sa.String(100), foreign, primary_key=primary_key)


def downgrade() -> None:
    for table in (
        "entry_media",
        "withdrawn",
        "visit",
        "audit",
        "invitation",
        "session",
        "coverage_role",
        "person",
    ):
        op.drop_table(table)
    for table, index, columns in (
        ("media", "ix_media_task", ["task", "created_at", "origin"]),
        ("answer", "answer_by_entry", ["entry_id", "role"]),
    ):
        with op.batch_alter_table(table) as changed:
            changed.drop_index(index)
            for column in columns:
                changed.drop_column(column)
    with op.batch_alter_table("api_key") as keys:
        keys.drop_constraint("api_key_coverage", type_="foreignkey")
        keys.drop_column("coverage")
