"""The table of the words of published entries, by which they are found.

SQLite indexes it with a virtual table of FTS5, which triggers keep up to date, PostgreSQL with a
GIN index; the migration makes both, whose names begin with `search_index`. Both get the same folded
words (`timeline/search_words.py`), and neither analyses them further: FTS5's tokeniser
`ascii` takes every other character for part of a word, and a `tsvector` is written out.
"""

from typing import Any

from sqlalchemy import BigInteger, Dialect, Index, Integer, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

_LAST_POSITION = 16_383  # in a `tsvector`; words after it have the same


class Words(TypeDecorator[str]):
    """Folded words with spaces between them."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that the database searches in."""
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Write out a `tsvector`: each word with its position."""
        if value is None or dialect.name != "postgresql":
            return value
        words = enumerate(value.split(), 1)
        return " ".join(f"'{word}':{min(place, _LAST_POSITION)}" for place, word in words)


class SearchRow(SQLModel, table=True):
    """The words of a published entry; a later publication in the same coverage has a higher id.

    `words` begin with a word that stands for the coverage, and include those of the headline.
    """

    __tablename__ = "search"

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer, "sqlite")
    )
    coverage: str = Field(foreign_key="coverage.slug", max_length=100)
    entry_id: str = Field(max_length=100)
    headline: str = Field(sa_type=Words)
    words: str = Field(sa_type=Words)

    __table_args__ = (
        Index("search_by_entry", "coverage", "entry_id", unique=True),
        Index("search_by_age", "coverage", "id"),
    )
