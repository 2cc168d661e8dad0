"""The audit's filters by caller and by action have indexes of their own."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COLUMNS = ("caller", "action")


def upgrade() -> None:
    for column in COLUMNS:
        op.create_index(f"audit_by_{column}", "audit", [column, "id"])


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_index(f"audit_by_{column}", "audit")
