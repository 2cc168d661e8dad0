"""The table of earlier facets, which is computed from the journal."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from app.store.tables import Timestamp


class EarlierFacetsRow(SQLModel, table=True):
    """The facets of a public entry from the event `since` until before `until`, when they changed.

    There is a row with an empty tag at position 0, and one for each tag. The present facets are in
    the tables `entry` and `entry_tag`. A retraction deletes the rows of the entry.
    """

    __tablename__ = "earlier_facets"

    coverage: str = Field(primary_key=True, foreign_key="coverage.slug", max_length=100)
    entry_id: str = Field(primary_key=True, max_length=100)
    until: int = Field(primary_key=True, sa_type=BigInteger)
    position: int = Field(primary_key=True)
    since: int = Field(sa_type=BigInteger)
    seq: int = Field(sa_type=BigInteger)
    tag: str
    language: str
    key_event: bool
    has_place: bool
    published_at: datetime = Field(sa_type=Timestamp)

    # The last two columns exclude, without reading their rows, facets of another time.
    __table_args__ = (Index("earlier_facets_by_seq", "coverage", "tag", "seq", "since", "until"),)
