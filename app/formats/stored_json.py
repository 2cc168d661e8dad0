"""Events of the journal as public JSON, made of the stored bytes.

A row of the journal holds an entry's record as `encode_entry` wrote it, and the API's `Entry` is
that record with a few members after it. To decode the record and encode it again takes ten times as
long as to look whether that would change anything.
"""

from datetime import UTC, datetime
from typing import Any

import orjson
from orjson import Fragment

from app.formats.public_json import PublicJson, dump_json, encode_entry
from app.formats.rfc3339 import format_time
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry

_SAMPLE = Entry(
    id="sample", coverage="sample", status="published", updated_at=datetime.now(UTC), language="en"
)
_MEMBERS = tuple(encode_entry(_SAMPLE))
# Parts that have members of a later version, or an address, inside of them.
_CHANGING = ("media", "claims", "figures", "translation_of")


def stored_event(
    form: PublicJson, cursor: Cursor, kind: str, slug: str, at: datetime, state: str
) -> Fragment | None:
    """Build the API's `Event` of an entry from its stored record.

    Args:
        form: has the addresses.
        cursor: the event's cursor.
        kind: its type.
        slug: its coverage.
        at: its time.
        state: the record of what it carries.

    Returns:
        The same bytes as `PublicJson.event`; None if it would write another record, or if the title
        is not a member of the record.
    """
    record: dict[str, Any] = orjson.loads(state)
    if tuple(record) != _MEMBERS or not record["headline"]:
        return None
    if any(record[part] for part in _CHANGING):
        return None
    event = {
        "cursor": str(cursor),
        "seq": cursor.seq,
        "type": kind,
        "coverage": slug,
        "at": format_time(at),
    }
    computed = {
        "title": record["headline"],
        "coverage": slug,
        "url": form.entry_url(slug, record["id"]),
    }
    head, tail = dump_json(event), dump_json(computed)
    return Fragment(b"".join((head[:-1], b',"entry":', state.encode()[:-1], b",", tail[1:], b"}")))
