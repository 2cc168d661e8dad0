"""The JSON of coverages, entries and events: one form for the record, the stream and history.

The *record* form is what the journal stores and what an export holds. The *public* form adds what
depends on where the journal is served: addresses and cursors. Reading a record refuses nothing but
what cannot be read at all; whoever takes records from outside checks them first.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from app.formats.summary import summarise
from app.timeline.coverage import Coverage, KeyEvent, Related
from app.timeline.cursor import Cursor
from app.timeline.entry import Body, Byline, Entry, Media, Note, Place, Rendition, Returned
from app.timeline.event import Event

Json = dict[str, Any]


def dump_json(value: Any) -> bytes:
    """Compact UTF-8 JSON on one line."""
    return orjson.dumps(value)


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_time(text: str) -> datetime:
    """Read what `format_time` wrote.

    Raises:
        ValueError: it is not such a time.
    """
    return datetime.fromisoformat(text)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else format_time(moment)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_time(text)


def encode_media(media: Media) -> Json:
    """A picture or video."""
    return {
        "id": media.id,
        "kind": media.kind,
        "url": media.url,
        "alt": media.alt,
        "caption": media.caption,
        "credit": media.credit,
        "width": media.width,
        "height": media.height,
        "renditions": [
            {"url": r.url, "width": r.width, "height": r.height, "type": r.type}
            for r in media.renditions
        ],
    }


def decode_media(record: Json) -> Media:
    """Read `encode_media`."""
    fields = {**record, "renditions": tuple(Rendition(**r) for r in record["renditions"])}
    return Media(**fields)


def _encode_note(note: Note | None) -> Json | None:
    return None if note is None else {"note": note.note, "at": format_time(note.at)}


def _decode_note(record: Json | None) -> Note | None:
    return None if record is None else Note(record["note"], parse_time(record["at"]))


def encode_entry(entry: Entry) -> Json:
    """A public entry; `seq` is that of its publication."""
    place, body = entry.place, entry.body
    return {
        "id": entry.id,
        "seq": entry.seq,
        "revision": entry.revision,
        "status": entry.status,
        "headline": entry.headline,
        "body": None if body is None else {"html": body.html, "markdown": body.markdown},
        "kind": entry.kind,
        "key_event": entry.key_event,
        "pinned": entry.pinned,
        "bylines": [{"name": b.name} for b in entry.bylines],
        "tags": list(entry.tags),
        "place": place and {"name": place.name, "lat": place.lat, "lon": place.lon},
        "happened_at": _time(entry.happened_at),
        "published_at": _time(entry.published_at),
        "updated_at": format_time(entry.updated_at),
        "correction": _encode_note(entry.correction),
        "retraction": _encode_note(entry.retraction),
        "media": [encode_media(m) for m in entry.media],
        "language": entry.language,
    }


def encode_revision(entry: Entry) -> Json:
    """One public revision of an entry, with the note if it was a correction.

    `correction` stays with an entry through later amendments; the note is this revision's own if
    it was made when the revision was.
    """
    record = encode_entry(entry)
    note = entry.correction
    return {
        "revision": entry.revision,
        "at": record["updated_at"],
        "note": note.note if note is not None and note.at == entry.updated_at else None,
        "headline": record["headline"],
        "body": record["body"],
    }


def encode_draft(entry: Entry) -> Json:
    """A draft or scheduled entry, with what only the newsroom sees."""
    returned = entry.returned
    return {
        **encode_entry(entry),
        "embargo_until": _time(entry.embargo_until),
        "author": entry.author,
        "submitted_at": _time(entry.submitted_at),
        "returned": returned
        and {"note": returned.note, "at": format_time(returned.at), "by": returned.by},
    }


def dump_entry(entry: Entry) -> bytes:
    """The record of an entry in any state, as it is stored."""
    return dump_json(encode_entry(entry) if entry.is_public else encode_draft(entry))


def _decode_returned(record: Json | None) -> Returned | None:
    if record is None:
        return None
    return Returned(record["note"], parse_time(record["at"]), record["by"])


def decode_entry(record: Mapping[str, Any], coverage: str) -> Entry:
    """Read `encode_entry` or `encode_draft` of an entry in that coverage."""
    body, place = record["body"], record["place"]
    return Entry(
        id=record["id"],
        coverage=coverage,
        status=record["status"],
        updated_at=parse_time(record["updated_at"]),
        language=record["language"],
        seq=record["seq"],
        revision=record["revision"],
        headline=record["headline"],
        body=None if body is None else Body(body["html"], body["markdown"]),
        kind=record["kind"],
        key_event=record["key_event"],
        pinned=record["pinned"],
        bylines=tuple(Byline(b["name"]) for b in record["bylines"]),
        tags=tuple(record["tags"]),
        place=None if place is None else Place(place["name"], place["lat"], place["lon"]),
        happened_at=_moment(record["happened_at"]),
        published_at=_moment(record["published_at"]),
        correction=_decode_note(record["correction"]),
        retraction=_decode_note(record["retraction"]),
        media=tuple(decode_media(m) for m in record["media"]),
        embargo_until=_moment(record.get("embargo_until")),
        author=record.get("author"),
        submitted_at=_moment(record.get("submitted_at")),
        returned=_decode_returned(record.get("returned")),
    )


def encode_coverage(coverage: Coverage) -> Json:
    """A coverage; its cursor is left out, since a copy of the journal gets an epoch of its own."""
    return {
        "slug": coverage.slug,
        "title": coverage.title,
        "kicker": coverage.kicker,
        "standfirst": coverage.standfirst,
        "status": coverage.status,
        "language": coverage.language,
        "languages": list(coverage.languages),
        "bylines": [{"name": b.name} for b in coverage.bylines],
        "starts_at": _time(coverage.starts_at),
        "ended_at": _time(coverage.ended_at),
        "created_at": format_time(coverage.created_at),
        "updated_at": format_time(coverage.updated_at),
        "entry_count": coverage.entry_count,
        "pinned": coverage.pinned,
        "key_events": [
            {
                "entry_id": k.entry_id,
                "title": k.title,
                "published_at": format_time(k.published_at),
            }
            for k in coverage.key_events
        ],
        "lead_image": coverage.lead_image and encode_media(coverage.lead_image),
        "related": [{"title": r.title, "url": r.url} for r in coverage.related],
    }


def decode_coverage(record: Mapping[str, Any], cursor: Cursor) -> Coverage:
    """Read `encode_coverage` as of that cursor."""
    return Coverage(
        slug=record["slug"],
        title=record["title"],
        status=record["status"],
        language=record["language"],
        created_at=parse_time(record["created_at"]),
        updated_at=parse_time(record["updated_at"]),
        cursor=cursor,
        kicker=record["kicker"],
        standfirst=record["standfirst"],
        languages=tuple(record["languages"]),
        bylines=tuple(Byline(b["name"]) for b in record["bylines"]),
        starts_at=_moment(record["starts_at"]),
        ended_at=_moment(record["ended_at"]),
        lead_image=decode_media(record["lead_image"]) if record["lead_image"] else None,
        related=tuple(Related(r["title"], r["url"]) for r in record["related"]),
        entry_count=record["entry_count"],
        pinned=record["pinned"],
        key_events=tuple(
            KeyEvent(k["entry_id"], k["title"], parse_time(k["published_at"]))
            for k in record["key_events"]
        ),
    )


class PublicJson:
    """The JSON that clients get, with addresses below `base_url` (no slash at its end)."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def coverage(self, coverage: Coverage) -> Json:
        """A `Coverage` of the contract."""
        return {
            **encode_coverage(coverage),
            "cursor": str(coverage.cursor),
            "url": f"{self.base_url}/coverages/{coverage.slug}",
        }

    def entry(self, entry: Entry) -> Json:
        """An `Entry` of the contract."""
        record = encode_entry(entry) if entry.is_public else encode_draft(entry)
        return record | self._added(entry)

    def written_entry(self, entry: Entry, record: bytes, cursor: Cursor | None) -> bytes:
        """An `Entry` of the contract around its encoded record, with a cursor at its end.

        Args:
            entry: the entry.
            record: what `dump_entry` gives for it; it is not encoded again.
            cursor: of the event that wrote it; None for what is not public.
        """
        added = self._added(entry) | {"cursor": None if cursor is None else str(cursor)}
        return record[:-1] + b"," + dump_json(added)[1:]

    def _added(self, entry: Entry) -> Json:
        """What stands behind the record of an entry."""
        computed = {} if entry.is_public else {"summary": summarise(entry)}
        return computed | {
            "title": entry.title or None,
            "coverage": entry.coverage,
            "url": f"{self.base_url}/coverages/{entry.coverage}/entries/{entry.id}",
        }

    def event(self, event: Event, render: Callable[[Event], str] | None = None) -> Json:
        """An `Event` of the contract.

        Args:
            event: the event.
            render: makes the page's HTML that stands beside the entry; None leaves it out.
        """
        form: Json = {
            "cursor": str(event.cursor),
            "seq": event.seq,
            "type": event.type,
            "coverage": event.coverage,
            "at": format_time(event.at),
        }
        if event.entry is not None:
            form["entry"] = self.entry(event.entry)
        if event.details is not None:
            form["details"] = self.coverage(event.details)
        if render is not None:
            form["html"] = render(event)
        return form
