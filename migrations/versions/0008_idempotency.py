"""Idempotent requests keep what they have written, apart from how HTTP said it."""

import json
import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CREATED = 201
SAME = ("caller", "path", "key", "digest", "role", "body", "at")
# The end of an address: a coverage, what is in one, or something of the whole newsroom.
THING = re.compile(
    r"/v1/(?:coverages/(?P<coverage>[^/]+)(?:/(?P<inner>entries|drafts)/(?P<id>[^/]+))?"
    r"|(?P<outer>media|keys|invitations)/(?P<own>[^/]+))"
)
KINDS = {"entries": "entry", "drafts": "draft", "keys": "key", "invitations": "invitation"}


def upgrade() -> None:
    requests = op.create_table(
        "idempotency",
        *_name(),
        sa.Column("role", sa.String()),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String()),
        sa.Column("coverage", sa.String(100)),
        sa.Column("thing", sa.String()),
        sa.Column("version", sa.String()),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    connection = op.get_bind()
    # One at a time: an import's answer may be large.
    names = connection.execute(sa.text("SELECT caller, path, key FROM answer")).all()
    one = sa.text("SELECT * FROM answer WHERE caller = :c AND path = :p AND key = :k")
    for caller, path, key in names:
        row = connection.execute(one, {"c": caller, "p": path, "k": key}).mappings().one()
        connection.execute(requests.insert().values(_written(row)))
    op.drop_table("answer")
    op.create_index("idempotency_by_age", "idempotency", ["at"])
    op.create_index("idempotency_by_thing", "idempotency", ["kind", "coverage", "thing"])


def _name() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("caller", sa.String(), primary_key=True),
        sa.Column("path", sa.String(), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
    )


def _written(row: Mapping[Any, Any]) -> dict[str, Any]:
    headers = json.loads(row["headers"])
    kind, coverage, thing = _thing(headers.get("Location") or row["path"].split(" ")[-1])
    if row["entry_id"] is not None and thing != row["entry_id"]:
        kind, thing = "entry", row["entry_id"]
    etag = headers.get("ETag")
    return {
        **{name: row[name] for name in SAME},
        "is_new": row["status"] == CREATED,
        "kind": kind,
        "coverage": coverage,
        "thing": thing,
        "version": etag and etag.strip('"'),
    }


def _thing(address: str) -> tuple[str | None, str | None, str | None]:
    found = THING.match(address)
    if found is None:
        return None, None, None
    if outer := found["outer"]:
        return KINDS.get(outer, outer), None, found["own"]
    if inner := found["inner"]:
        return KINDS[inner], found["coverage"], found["id"]
    return "coverage", found["coverage"], found["coverage"]


def downgrade() -> None:
    # What was kept is not written back: it is good for a day only.
    op.drop_table("idempotency")
    op.create_table(
        "answer",
        *_name(),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.String(100)),
        sa.Column("role", sa.String()),
    )
    op.create_index("answer_by_age", "answer", ["at"])
    op.create_index("answer_by_entry", "answer", ["entry_id"])
