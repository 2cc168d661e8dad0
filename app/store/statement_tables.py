"""The tables of claims and figures, which are computed from the journal."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel

from app.store.tables import Timestamp


class FigureRow(SQLModel, table=True):
    """A figure of a published entry, as it was from the event `since` until before `until`.

    The rows without `until` are the present ones. `metric`, `group` and `source` are the folded
    names of its series; `rank` is the instant that it is the number of. A retraction deletes the
    rows of the entry.
    """

    __tablename__ = "figure"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    entry_id: str = Field(primary_key=True, max_length=100)
    since: int = Field(primary_key=True, sa_type=BigInteger)
    position: int = Field(primary_key=True)
    until: int | None = Field(sa_type=BigInteger)
    metric: str
    group: str
    source: str
    rank: datetime = Field(sa_type=Timestamp)
    seq: int = Field(sa_type=BigInteger)
    published_at: datetime = Field(sa_type=Timestamp)
    state: str = Field(sa_type=Text)

    __table_args__ = (
        Index("figure_by_series", "coverage", "metric", "group", "source", "rank"),
        Index("figure_by_since", "coverage", "since"),
        Index("figure_by_until", "coverage", "until"),
    )


class ClaimRow(SQLModel, table=True):
    """A claim of a published entry, as it was from the event `since` until before `until`.

    `source` is the folded name of its source; `at` the time of the assessment.
    """

    __tablename__ = "claim"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    entry_id: str = Field(primary_key=True, max_length=100)
    since: int = Field(primary_key=True, sa_type=BigInteger)
    position: int = Field(primary_key=True)
    until: int | None = Field(sa_type=BigInteger)
    source: str
    status: str
    at: datetime = Field(sa_type=Timestamp)
    published_at: datetime = Field(sa_type=Timestamp)
    state: str = Field(sa_type=Text)

    __table_args__ = (Index("claim_by_time", "coverage", "at"),)
