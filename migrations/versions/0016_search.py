"""Published entries are found by their words, and coverages by their language."""

from collections.abc import Iterator

import orjson
import sqlalchemy as sa
from alembic import op

from app.formats.public_json import decode_entry
from app.store.search import search_values
from app.store.search_table import Words

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BATCH = 200  # rows
PUBLISHED = sa.text(
    "SELECT seq, state FROM entry WHERE coverage = :slug AND seq > :seq AND status = 'published'"
    " ORDER BY seq LIMIT :batch"
)
# The words are stored once, in the table. The tokeniser leaves them as they are.
FULL_TEXT = """
CREATE VIRTUAL TABLE search_index USING fts5(
    headline, words, content = 'search', content_rowid = 'id', tokenize = 'ascii', columnsize = 0
)
"""
ADD = """
    INSERT INTO search_index (rowid, headline, words) VALUES (new.id, new.headline, new.words);
"""
REMOVE = """
    INSERT INTO search_index (search_index, rowid, headline, words)
    VALUES ('delete', old.id, old.headline, old.words);
"""
TRIGGERS = {
    "search_added AFTER INSERT ON search": ADD,
    "search_removed AFTER DELETE ON search": REMOVE,
    # Most changes of an entry leave its words as they are.
    "search_changed AFTER UPDATE ON search"
    " WHEN old.headline <> new.headline OR old.words <> new.words": REMOVE + ADD,
}


def upgrade() -> None:
    op.add_column(
        "coverage", sa.Column("language", sa.String(100), nullable=False, server_default="en")
    )
    save = sa.text("UPDATE coverage SET language = :language WHERE slug = :slug")
    coverages = op.get_bind().execute(sa.text("SELECT slug, state FROM coverage")).all()
    for slug, state in coverages:
        language = orjson.loads(state).get("language", "en").partition("-")[0].lower()
        op.get_bind().execute(save, {"slug": slug, "language": language})
    op.create_index("coverage_by_language", "coverage", ["language", "status"])
    words = Words()
    op.create_table(
        "search",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("coverage", sa.String(100), sa.ForeignKey("coverage.slug"), nullable=False),
        sa.Column("entry_id", sa.String(100), nullable=False),
        sa.Column("headline", words, nullable=False),
        sa.Column("words", words, nullable=False),
    )
    op.create_index("search_by_entry", "search", ["coverage", "entry_id"], unique=True)
    op.create_index("search_by_age", "search", ["coverage", "id"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute(FULL_TEXT)
        for event, statements in TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {event} BEGIN {statements} END")
    for rows in _read_words(op.get_bind()):
        op.get_bind().execute(_search_table().insert(), rows)
    if not is_sqlite:
        op.create_index("search_index_words", "search", ["words"], postgresql_using="gin")


def _search_table() -> sa.TableClause:
    return sa.table(
        "search",
        *(sa.column(name) for name in ("coverage", "entry_id")),
        *(sa.column(name, Words()) for name in ("headline", "words")),
    )


def _read_words(connection: sa.Connection) -> Iterator[list[dict[str, str]]]:
    slugs = connection.execute(sa.text("SELECT slug FROM coverage ORDER BY slug")).scalars().all()
    for slug in slugs:
        values = {"slug": slug, "seq": 0, "batch": BATCH}
        while rows := connection.execute(PUBLISHED, values).all():
            yield [search_values(decode_entry(orjson.loads(state), slug)) for _, state in rows]
            values["seq"] = rows[-1][0]


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    op.drop_table("search")
    op.drop_index("coverage_by_language", "coverage")
    op.drop_column("coverage", "language")
