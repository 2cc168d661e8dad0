"""Net changes of a coverage's entries, and of what sources say, between two positions.

The database groups those events of a range by entry that are no publications, from an index that
has nothing else. Entries that have only been published are counted, and read as far as the page
goes. Only the states of the entries on the requested page are read, so the cost of an answer
depends on the changes of entries and hardly on the range.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, text
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.statement_json import decode_figure
from app.store.journal_table import IS_CHANGE, IS_NEW_KEY_EVENT, JournalRow
from app.store.sqlite import LONG
from app.store.statements import read_changed_series
from app.store.tables import IS_RETRACTED
from app.timeline.net_change import (
    DECISIVE,
    ORDER,
    ChangeKind,
    FigureChange,
    Mark,
    says_the_same,
)

_FEW = 1000  # events that are grouped in a few milliseconds
_BASE = 2**50  # more than any seq, so that a rank and a seq are one number
_MARKS = 8  # more than the largest value of the marks


def _cases(column: str, pairs: Iterable[tuple[object, object]]) -> str:
    """Return an SQL expression that maps values of a column to others, null for all others."""
    cases = " ".join(f"WHEN {value!r} THEN {result!r}" for value, result in pairs)
    return f"CASE {column} {cases} END"


_RANKS = [(name, rank) for rank, (name, _) in enumerate(DECISIVE)]
_KINDS = [(rank, kind) for rank, (_, kind) in enumerate(DECISIVE)]
_PLACES = " ".join(
    f"WHEN kind = '{kind}' AND marks & {int(mark)} = {int(mark)} THEN {place}"
    for place, (kind, mark) in enumerate(ORDER)
)
_RETRACTED, _NEW_KEY_EVENT, _NEW = (
    ORDER.index(each)
    for each in (
        ("retracted", Mark.NONE),
        ("published", Mark.KEY_EVENT),
        ("published", Mark.NONE),
    )
)
# Entries with an event after their publication are grouped: `decisive` is the lowest rank of their
# events with the last seq that has it, `marked` the last seq with the marks as of then. Two numbers
# in one aggregate cost less than an aggregate for each. All others are read as they are, in the
# order of an index, up to the end of the page. A retraction after the range has removed the entry's
# words from it as well; its sums keep SQLite from looking through all entries of the range. An
# amendment has made a translation say what its original says.
_SQL = f"""
WITH grouped AS (
  SELECT entry_id, min({_cases("type", _RANKS)} * {_BASE} - seq) AS decisive,
    max(seq * {_MARKS} + marks) AS marked,
    max(CASE WHEN type = 'entry.amended' THEN seq END) AS amended
  FROM journal
  WHERE coverage = :slug AND seq > :after AND seq <= :until AND {IS_CHANGE.text}
  GROUP BY entry_id
), ranked AS (
  SELECT entry_id, amended, marked / {_MARKS} AS last, marked % {_MARKS} AS marks,
    entry.status = 'retracted' AS is_gone, entry.seq AS published,
    (decisive + {_BASE - 1}) / {_BASE} AS own_rank,
    (decisive + {_BASE - 1}) / {_BASE} * {_BASE} - decisive AS decided
  FROM grouped JOIN entry ON entry.coverage = :slug AND entry.id = entry_id
), judged AS (
  SELECT *, published > :after AND coalesce(own_rank, 1) > 0 AS is_new,
    own_rank = {dict(_RANKS)["entry.outdated"]} AND marks & {int(Mark.OUTDATED)} = 0 AS is_current
  FROM ranked WHERE own_rank IS NOT NULL OR published > :after
), changed AS (
  SELECT entry_id, last, marks,
    CASE WHEN is_gone THEN 'retracted' WHEN is_new THEN 'published'
      WHEN is_current THEN 'amended' ELSE {_cases("own_rank", _KINDS)} END AS kind,
    CASE WHEN is_new THEN published WHEN is_current THEN coalesce(amended, decided)
      ELSE decided END AS seq
  FROM judged
), gone AS (
  SELECT id, seq FROM entry
  WHERE coverage = :slug AND {IS_RETRACTED.name} AND seq + 0 > :after AND seq + 0 <= :until
), listed AS (
  SELECT kind, CASE {_PLACES} END AS place, seq, entry_id, last FROM changed
  UNION ALL
  SELECT 'retracted', {_RETRACTED}, seq, id, seq FROM gone
  WHERE id NOT IN (SELECT entry_id FROM grouped)
  UNION ALL
  SELECT * FROM (SELECT 'published', {_NEW_KEY_EVENT}, seq, entry_id, seq FROM journal
    WHERE coverage = :slug AND seq > :after AND seq <= :until AND {IS_NEW_KEY_EVENT.text}
      AND entry_id NOT IN (SELECT entry_id FROM grouped)
    ORDER BY seq DESC LIMIT :first) AS key_events
  UNION ALL
  SELECT * FROM (SELECT 'published', {_NEW}, entry.seq, id, entry.seq FROM entry
    WHERE coverage = :slug AND entry.seq > :after AND entry.seq <= :until
      AND status <> 'retracted' AND id NOT IN (SELECT entry_id FROM grouped)
      AND NOT EXISTS (SELECT 1 FROM journal WHERE journal.coverage = :slug
        AND journal.seq = entry.seq AND {IS_NEW_KEY_EVENT.text})
    ORDER BY entry.seq DESC LIMIT :first) AS others
)
SELECT kind, CAST(NULL AS INTEGER) AS place, count(*) AS seq, NULL AS entry_id,
  CAST(NULL AS INTEGER) AS last
FROM changed WHERE kind NOT IN ('published', 'retracted') GROUP BY kind
UNION ALL
SELECT 'retracted', NULL, count(*), NULL, NULL FROM (
  SELECT entry_id FROM changed WHERE kind = 'retracted' UNION SELECT id FROM gone) AS retracted
UNION ALL
SELECT 'published', NULL, (SELECT count(*) FROM entry
  WHERE coverage = :slug AND seq > :after AND seq <= :until) - (SELECT count(*) FROM gone),
  NULL, NULL
UNION ALL
SELECT * FROM (SELECT * FROM listed ORDER BY place, seq DESC LIMIT :limit OFFSET :offset) AS shown
"""  # noqa: S608  all that is put in are constants of the program
_QUERY = text(_SQL)
_LONG_QUERY = text(f"{LONG} {_SQL}")


@dataclass(frozen=True, slots=True)
class Range:
    """The events of a coverage after one seq, up to and including another."""

    slug: str
    after: int
    until: int


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list: how many items come before it, and how many it has at most."""

    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A net change without its states, which are still encoded.

    `before` and `after` are records of the entry; `before` is None if there is none to be shown.
    """

    kind: ChangeKind
    at: datetime
    seq: int
    before: str | None
    after: str


async def read_net_changes(
    session: AsyncSession, between: Range, page: Page
) -> tuple[dict[ChangeKind, int], list[Outline], bool]:
    """The net changes between two positions.

    Returns:
        How many entries have a net change of each kind, on all pages; the page of the changes in
        their order; and whether there are more after it.
    """
    values = {"slug": between.slug, "after": between.after, "until": between.until}
    window = {"offset": page.offset, "limit": page.limit + 1, "first": page.offset + page.limit + 1}
    is_long = between.until - between.after > _FEW or page.offset > _FEW
    query = _LONG_QUERY if is_long else _QUERY
    rows = (await session.exec(query, params=values | window)).all()  # type: ignore[call-overload]
    totals = {kind: seq for kind, place, seq, _, _ in rows if place is None and seq}
    found = sorted((row for row in rows if row[1] is not None), key=lambda row: (row[1], -row[2]))
    return totals, await _outline(session, between, found[: page.limit]), len(found) > page.limit


async def _outline(
    session: AsyncSession, between: Range, found: Sequence[tuple[Any, ...]]
) -> list[Outline]:
    """Read the states and times of a page of changes."""
    if not found:
        return []
    standing = [entry_id for kind, _, _, entry_id, _ in found if kind != "retracted"]
    row = JournalRow
    last_before = (
        select(row.entry_id, func.max(row.seq))
        .where(row.coverage == between.slug, col(row.seq) <= between.after)
        .where(col(row.entry_id).in_(standing))
        .group_by(col(row.entry_id))
    )
    earlier = {each: seq for each, seq in await session.exec(last_before) if each}
    times = await read_times(session, between.slug, [seq for _, _, seq, *_ in found])
    needed = [*earlier.values(), *(last for *_, last in found)]
    states = await _read(session, between.slug, JournalRow.state, needed)
    return [
        Outline(kind, times[seq], seq, states.get(earlier.get(entry_id, 0)), states[last])
        for kind, _, seq, entry_id, last in found
    ]


async def read_times(
    session: AsyncSession, slug: str, seqs: Sequence[int]
) -> Mapping[int, datetime]:
    """The times of the events with these seqs; unknown ones are left out."""
    return await _read(session, slug, JournalRow.at, seqs)


async def _read(
    session: AsyncSession, slug: str, column: Any, seqs: Sequence[int]
) -> Mapping[int, Any]:
    """A column of the events with these seqs."""
    row = JournalRow
    query = select_columns(col(row.seq), column)
    rows = await session.exec(query.where(row.coverage == slug, col(row.seq).in_(seqs)))  # type: ignore[call-overload,arg-type]
    return dict(rows.all())


async def read_figure_changes(
    session: AsyncSession, between: Range, page: Page
) -> tuple[list[FigureChange], bool]:
    """What sources said before and say after, those that changed last first.

    Figures of entries that are retracted now are in neither.

    Args:
        session: the session to read in.
        between: the events.
        page: which of the series in which an observation came or went; those in which the source
            says the same as before are left out of it.

    Returns:
        The changes, and whether there are more series after the page.
    """
    positions = (between.after, between.until)
    found = await read_changed_series(
        session, between.slug, *positions, page.offset, page.limit + 1
    )
    changes = []
    for earlier, later, entry_id in found[: page.limit]:
        before, after = (
            decode_figure(orjson.loads(state)) if state else None for state in (earlier, later)
        )
        if entry_id is not None and not says_the_same(before, after):
            changes.append(FigureChange(before, after, entry_id))
    return changes, len(found) > page.limit
