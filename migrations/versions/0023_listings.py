"""Lists of coverages are read by the list that each is in, and sitemaps by parts."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# A planned coverage has no event; the time of its last save is in its record only.
FILL = """
UPDATE coverage SET
  listing = CASE WHEN withdrawn IS NOT NULL THEN 'withdrawn'
    WHEN status = 'closed' AND is_archived THEN 'archived' ELSE status END,
  updated_at = coalesce(
    (SELECT max(at) FROM journal WHERE journal.coverage = coverage.slug), created_at)
"""
NUMBER = """
UPDATE coverage SET part = numbered.part
  FROM (SELECT slug, (row_number() OVER (ORDER BY created_at, slug) - 1) / 1000 AS part
    FROM coverage) AS numbered
  WHERE numbered.slug = coverage.slug
"""


def upgrade() -> None:
    for name, kind, default in (
        ("listing", sa.String(), "planned"),
        ("part", sa.Integer(), sa.text("0")),
        ("updated_at", sa.BigInteger(), sa.text("0")),
    ):
        column = sa.Column(name, kind, nullable=False, server_default=default)
        op.add_column("coverage", column)
    op.execute(FILL)
    op.execute(NUMBER)
    op.drop_index("coverage_by_age", "coverage")
    op.drop_index("coverage_by_language", "coverage")
    op.create_index("coverage_by_listing", "coverage", ["listing", "created_at", "slug"])
    columns = ["listing", "language", "created_at", "slug"]
    op.create_index("coverage_by_language", "coverage", columns)
    op.create_index("coverage_by_update", "coverage", ["updated_at"])
    op.create_index("coverage_by_part", "coverage", ["part", "updated_at"])


def downgrade() -> None:
    for name in ("part", "update", "language", "listing"):
        op.drop_index(f"coverage_by_{name}", "coverage")
    op.create_index("coverage_by_language", "coverage", ["language", "status"])
    op.create_index("coverage_by_age", "coverage", ["created_at", "slug"])
    for name in ("updated_at", "part", "listing"):
        op.drop_column("coverage", name)
