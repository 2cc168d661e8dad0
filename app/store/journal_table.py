"""The table of the journals, with the indexes that lists of changes are read by."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, Text, TextClause, text
from sqlmodel import Field, SQLModel

from app.store.tables import Timestamp
from app.timeline.net_change import FAULTS, Mark

# A database uses a partial index only for a query that contains its condition, without parameters.
IS_FAULT = text(f"journal.type IN {FAULTS}")
IS_CHANGE = text("journal.type <> 'entry.published' AND journal.entry_id IS NOT NULL")
_KEY_EVENT = int(Mark.KEY_EVENT)
IS_NEW_KEY_EVENT = text(
    f"journal.type = 'entry.published' AND journal.marks & {_KEY_EVENT} = {_KEY_EVENT}"
)


def _partial_index(name: str, *columns: str, where: TextClause) -> Index:
    """An index of the events that meet a condition."""
    condition = text(where.text.replace("journal.", ""))
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class JournalRow(SQLModel, table=True):
    """A public event; `state` is the record of the entry or the coverage after it.

    `salt` opens `commitment`, which was made from that record; None once a retraction replaced it.
    `marks` are those of the entry after it (`timeline/net_change.py`). The index
    `journal_of_changes` has all columns that net changes are computed from.
    """

    __tablename__ = "journal"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    type: str
    at: datetime = Field(sa_type=Timestamp)
    entry_id: str | None = Field(max_length=100)
    state: str = Field(sa_type=Text)
    commitment: bytes = Field(sa_type=LargeBinary)
    salt: bytes | None = Field(sa_type=LargeBinary)
    marks: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})

    __table_args__ = (
        Index("journal_by_entry", "coverage", "entry_id", "seq"),
        Index("journal_by_time", "coverage", "at"),
        _partial_index("journal_of_faults", "coverage", "seq", where=IS_FAULT),
        _partial_index("journal_of_faults_by_time", "at", "coverage", "seq", where=IS_FAULT),
        _partial_index(
            "journal_of_changes", "coverage", "seq", "entry_id", "type", "marks", where=IS_CHANGE
        ),
        _partial_index("journal_of_key_events", "coverage", "seq", where=IS_NEW_KEY_EVENT),
    )
