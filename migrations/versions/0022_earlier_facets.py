"""What filters saw of entries before a change is found without folding the journal."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHANGED = sa.text(
    "SELECT DISTINCT entry_id FROM journal WHERE coverage = :slug"
    " AND entry_id IS NOT NULL AND type <> 'entry.published' ORDER BY entry_id"
)
STATES = sa.text(
    "SELECT seq, state FROM journal WHERE coverage = :slug AND entry_id = :entry_id ORDER BY seq"
)


def upgrade() -> None:
    table = op.create_table(
        "earlier_facets",
        sa.Column("coverage", sa.String(100), sa.ForeignKey("coverage.slug"), primary_key=True),
        sa.Column("entry_id", sa.String(100), primary_key=True),
        sa.Column("until", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("key_event", sa.Boolean(), nullable=False),
        sa.Column("has_place", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
    )
    columns = ["coverage", "tag", "seq", "since", "until"]
    op.create_index("earlier_facets_by_seq", "earlier_facets", columns)
    connection = op.get_bind()
    slugs = connection.execute(sa.text("SELECT slug FROM coverage ORDER BY slug")).scalars().all()
    for slug in slugs:
        for entry_id in connection.execute(CHANGED, {"slug": slug}).scalars().all():
            states = connection.execute(STATES, {"slug": slug, "entry_id": entry_id}).all()
            key = {"coverage": slug, "entry_id": entry_id}
            if rows := [key | row for row in _rows(states)]:
                connection.execute(sa.insert(table), rows)
    # With the time of publication, by which pages are selected too.
    _replace_indexes(["coverage", "seq", "published_at"])


def _replace_indexes(columns: list[str]) -> None:
    """Replace the index of all entries, and create those of some entries after it.

    Of two indexes that it takes to be equally good, SQLite uses the one that was created last.
    """
    op.drop_index("entry_by_seq", "entry")
    op.create_index("entry_by_seq", "entry", columns)
    for name, condition in (("entry_of_key_events", "key_event"), ("entry_of_places", "has_place")):
        op.drop_index(name, "entry")
        where = sa.text(condition)
        op.create_index(
            name, "entry", ["coverage", "seq"], sqlite_where=where, postgresql_where=where
        )


def _rows(states: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Compute the rows of an entry; none of one that was retracted."""
    versions = [(seq, json.loads(state)) for seq, state in states]
    if any(record.get("status") == "retracted" for _, record in versions):
        return
    first = since = versions[0][0]
    tags, standing = _facets(versions[0][1])
    for seq, record in versions[1:]:
        if (facets := _facets(record)) == (tags, standing):
            continue
        for position, tag in enumerate(("", *tags)):
            own = {"position": position, "tag": tag, "seq": first, "since": since, "until": seq}
            yield own | standing
        since, (tags, standing) = seq, facets


def _facets(record: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    published_at = datetime.fromisoformat(record["published_at"])
    return sorted(set(record["tags"])), {
        "language": record["language"].lower(),
        "key_event": record["key_event"],
        "has_place": record.get("place") is not None,
        "published_at": (published_at - EPOCH) // timedelta(milliseconds=1),
    }


def downgrade() -> None:
    _replace_indexes(["coverage", "seq"])
    op.drop_table("earlier_facets")
