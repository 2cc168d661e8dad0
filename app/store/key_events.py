"""Key events of a coverage's row: decoded when they are used, and stored when they have changed.

Most writes neither list a key event nor need the list, whose decoding would cost more than theirs.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import overload

import orjson
from sqlalchemy import bindparam, literal_column, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.formats.public_json import decode_entry, dump_json
from app.formats.rfc3339 import format_time, parse_time
from app.store.prepared import PreparedStatement, matches
from app.store.tables import IS_KEY_EVENT, EntryRow
from app.timeline.coverage import Coverage, KeyEvent

_row = EntryRow
_at, _seq = col(_row.published_at), col(_row.seq)
_FIND_OLDER = PreparedStatement(
    select(_row.id, _at, _seq, _row.state)
    .where(*matches(_row, "coverage"), IS_KEY_EVENT, _seq.is_not(None))
    # The range is read by the index, which the second condition alone would not use.
    .where(_at <= bindparam("of_published_at"))
    .where(or_(_at < bindparam("of_published_at"), _seq < bindparam("of_seq")))
    .order_by(_at.desc(), _seq.desc())
    .limit(literal_column("1"))
    .offset(literal_column("0"))  # which SQLAlchemy would give SQLite as a parameter
)


class StoredKeyEvents(Sequence[KeyEvent]):
    """The key events of a coverage as they are stored.

    Args:
        state: the result of `encode_key_events`.
    """

    def __init__(self, state: str) -> None:
        self._state = state

    @cached_property
    def _key_events(self) -> tuple[KeyEvent, ...]:
        return tuple(
            KeyEvent(k["entry_id"], k["title"], parse_time(k["published_at"]), k["seq"])
            for k in orjson.loads(self._state)
        )

    @overload
    def __getitem__(self, index: int) -> KeyEvent: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[KeyEvent]: ...

    def __getitem__(self, index: int | slice) -> KeyEvent | Sequence[KeyEvent]:
        return self._key_events[index]

    def __len__(self) -> int:
        return len(self._key_events)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._key_events == tuple(other)

    def __hash__(self) -> int:
        return hash(self._key_events)


def encode_key_events(key_events: Sequence[KeyEvent]) -> str:
    """Encode key events for the coverage's row."""
    return dump_json(
        [
            {
                "entry_id": k.entry_id,
                "title": k.title,
                "published_at": format_time(k.published_at),
                "seq": k.seq,
            }
            for k in key_events
        ]
    ).decode()


async def complete_key_events(session: AsyncSession, coverage: Coverage) -> Coverage:
    """Add the next older key event to a changed list that one has left.

    Args:
        session: the transaction, in which the coverage's entries are stored already.
        coverage: the coverage, as changed.
    """
    if isinstance(coverage.key_events, StoredKeyEvents) or not coverage.may_lack_key_event:
        return coverage
    oldest = coverage.key_events[0]
    values = {"of_published_at": oldest.published_at, "of_seq": oldest.seq}
    found = await _FIND_OLDER.find(session, values | {"of_coverage": coverage.slug})
    if found is None:
        return coverage
    entry_id, at, seq, state = found
    title = decode_entry(orjson.loads(state), coverage.slug).title
    return coverage.with_key_events([KeyEvent(entry_id, title, at, seq), *coverage.key_events])
