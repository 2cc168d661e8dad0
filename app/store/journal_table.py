"""The table of the journals, with the indexes that lists of changes are read by."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

from app.store.tables import Timestamp
from app.timeline.net_change import FAULTS

# A database uses the partial indexes only for a query that contains this condition, without
# parameters.
IS_FAULT = text(f"journal.type IN {FAULTS}")
_FAULT_CONDITION = text(f"type IN {FAULTS}")
_FAULT_INDEXES = {
    "journal_of_faults": ("coverage", "seq"),
    "journal_of_faults_by_time": ("at", "coverage", "seq"),
}


class JournalRow(SQLModel, table=True):
    """A public event; `state` is the record of the entry or the coverage after it.

    `salt` opens `commitment`, which was made from that record; None once a retraction replaced it.
    `marks` are those of the entry after it (`timeline/net_change.py`). The index `journal_by_seq`
    has all columns that net changes are computed from, so that no state is read for them.
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
        Index("journal_by_seq", "coverage", "seq", "entry_id", "type", "marks"),
        *(
            Index(name, *columns, sqlite_where=_FAULT_CONDITION, postgresql_where=_FAULT_CONDITION)
            for name, columns in _FAULT_INDEXES.items()
        ),
    )
