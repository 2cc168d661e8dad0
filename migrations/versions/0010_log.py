"""Each event of a journal is committed to; the coverage has the frontier of the tree of leaves."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import rfc8785
import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BATCH = 200  # rows
DERIVED = ("updated_at", "entry_count", "pinned", "key_events")
START = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.add_column("journal", sa.Column("commitment", sa.LargeBinary()))
    op.add_column("journal", sa.Column("salt", sa.LargeBinary()))
    op.add_column("coverage", sa.Column("frontier", sa.LargeBinary()))
    connection = op.get_bind()
    slugs = connection.execute(sa.text("SELECT slug FROM coverage ORDER BY slug")).scalars().all()
    save = sa.text("UPDATE coverage SET frontier = :frontier WHERE slug = :slug")
    for slug in slugs:
        connection.execute(save, {"slug": slug, "frontier": _commit_to_journal(connection, slug)})
    with op.batch_alter_table("journal") as table:
        table.alter_column("commitment", existing_type=sa.LargeBinary(), nullable=False)


def _commit_to_journal(connection: sa.Connection, slug: str) -> bytes:
    query = sa.text(
        "SELECT seq, type, at, entry_id, state FROM journal"
        " WHERE coverage = :slug AND seq > :seq ORDER BY seq LIMIT :batch"
    )
    save = sa.text(
        "UPDATE journal SET commitment = :commitment, salt = :salt"
        " WHERE coverage = :slug AND seq = :seq"
    )
    frontier: list[bytes] = []
    seq = 0
    while rows := connection.execute(query, {"slug": slug, "seq": seq, "batch": BATCH}).all():
        commitments = []
        for seq, event_type, at, entry_id, state in rows:
            salt = secrets.token_bytes(16)
            commitment = _commitment(salt, json.loads(state))
            leaf = {
                "seq": seq,
                "type": event_type,
                "at": _format_time(at),
                "entry": entry_id,
                "commitment": commitment.hex(),
            }
            _append(frontier, seq - 1, rfc8785.dumps(leaf))
            values = {"slug": slug, "seq": seq, "commitment": commitment, "salt": salt}
            commitments.append(values)
        connection.execute(save, commitments)
    return b"".join(frontier)


def _commitment(salt: bytes, record: dict[str, Any]) -> bytes:
    if "entry_count" in record:
        record = {name: value for name, value in record.items() if name not in DERIVED}
    return sha256(salt + rfc8785.dumps(record)).digest()


def _format_time(milliseconds: int) -> str:
    time = START + timedelta(milliseconds=milliseconds)
    return time.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _append(frontier: list[bytes], size: int, leaf: bytes) -> None:
    node = sha256(b"\x00" + leaf).digest()
    while size & 1:
        node = sha256(b"\x01" + frontier.pop() + node).digest()
        size >>= 1
    frontier.append(node)


def downgrade() -> None:
    op.drop_column("coverage", "frontier")
    op.drop_column("journal", "salt")
    op.drop_column("journal", "commitment")
