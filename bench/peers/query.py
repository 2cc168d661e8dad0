"""The plain approach: FastAPI and SQLModel as their documentation shows, a query per request.

The environment variable QUERY names a folder with `rows.json`, the entries to serve, newest first.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Query
from sqlmodel import JSON, Column, Field, Session, SQLModel, col, create_engine, select

FOLDER = Path(os.environ["QUERY"])
engine = create_engine(
    f"sqlite:///{FOLDER}/rows.db", connect_args={"check_same_thread": False}, pool_size=40
)


class Entry(SQLModel, table=True):
    """One row, with lists and objects stored as JSON."""

    id: str = Field(primary_key=True)
    seq: int = Field(index=True)
    revision: int
    status: str
    headline: str | None = None
    body: dict[str, str | None] = Field(sa_column=Column(JSON))
    kind: str
    key_event: bool
    pinned: bool
    bylines: list[dict[str, str]] = Field(sa_column=Column(JSON))
    tags: list[str] = Field(sa_column=Column(JSON))
    place: dict[str, str] | None = Field(sa_column=Column(JSON))
    happened_at: str | None = None
    published_at: str
    updated_at: str
    correction: dict[str, str] | None = Field(sa_column=Column(JSON))
    retraction: dict[str, str] | None = Field(sa_column=Column(JSON))
    media: list[dict[str, str]] = Field(sa_column=Column(JSON))
    language: str
    coverage: str
    url: str


SQLModel.metadata.create_all(engine)
with Session(engine) as filling:
    for row in json.loads((FOLDER / "rows.json").read_text()):
        filling.add(Entry(**row))
    filling.commit()


class Page(SQLModel):
    """The response."""

    entries: list[Entry]


def _session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


app = FastAPI()


@app.get("/entries")
def read_entries(
    session: Annotated[Session, Depends(_session)], limit: Annotated[int, Query(le=100)] = 20
) -> Page:
    """Return the newest entries."""
    newest = select(Entry).order_by(col(Entry.seq).desc()).limit(limit)
    return Page(entries=list(session.exec(newest)))
