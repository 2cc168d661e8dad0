"""Public JSON: coverages, entries and events, in one form for the database, stream and history.

The *record* form is stored in the journal and in exports. The *public* form adds the values that
depend on the server: addresses and cursors. Decoding a record fails only if the record cannot be
decoded at all; code that accepts records from outside checks them first.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from app.formats.edition_json import decode_translation, encode_edition, encode_translation
from app.formats.rfc3339 import format_optional_time, format_time, parse_optional_time, parse_time
from app.formats.statement_json import decode_claim, decode_figure, encode_claim, encode_figure
from app.formats.summary import summarise
from app.timeline.coverage import MOST_KEY_EVENTS, Coverage, KeyEvent, Related
from app.timeline.cursor import Cursor
from app.timeline.edition import Edition
from app.timeline.entry import Body, Byline, Card, Entry, Media, Note, Place, Rendition, Returned
from app.timeline.event import Event

Json = dict[str, Any]


def dump_json(value: Any) -> bytes:
    """Encode a value as compact UTF-8 JSON on one line."""
    return orjson.dumps(value)


def without_empty(record: Json) -> Json:
    """Return the record without missing and empty values."""
    return {name: value for name, value in record.items() if value not in (None, "", [])}


def encode_media(media: Media) -> Json:
    """Encode a picture, a video or an embed; `graphic` is a member only of what is graphic."""
    card = media.card
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
        "card": card
        and {
            "site": card.site,
            "author": card.author,
            "text": card.text,
            "date": card.day and card.day.isoformat(),
        },
        **({"graphic": True} if media.graphic else {}),
    }


def decode_media(record: Json) -> Media:
    """Decode the result of `encode_media`."""
    renditions = tuple(Rendition(**r) for r in record["renditions"])
    if (card := record.get("card")) is not None:  # older records have none
        day = card["date"] and date.fromisoformat(card["date"])
        card = Card(card["site"], card["author"], card["text"], day)
    return Media(**{**record, "renditions": renditions, "card": card})


def _encode_note(note: Note | None) -> Json | None:
    return None if note is None else {"note": note.note, "at": format_time(note.at)}


def _decode_note(record: Json | None) -> Note | None:
    return None if record is None else Note(record["note"], parse_time(record["at"]))


def encode_entry(entry: Entry) -> Json:
    """Encode an entry as in public; `seq` is that of its publication."""
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
        "happened_at": format_optional_time(entry.happened_at),
        "published_at": format_optional_time(entry.published_at),
        "updated_at": format_time(entry.updated_at),
        "edited_at": format_optional_time(entry.edited_at),
        "correction": _encode_note(entry.correction),
        "retraction": _encode_note(entry.retraction),
        "media": [encode_media(m) for m in entry.media],
        "language": entry.language,
        "claims": [encode_claim(c) for c in entry.claims],
        "figures": [encode_figure(f) for f in entry.figures],
        "translation_of": entry.translation_of and encode_translation(entry.translation_of),
    }


def encode_revision(entry: Entry) -> Json:
    """Encode one public revision of an entry, with the note if it was a correction.

    `correction` stays with an entry through later amendments; the note belongs to this revision
    only if both have the same time.
    """
    record = encode_entry(entry)
    note = entry.correction
    return {
        "revision": entry.revision,
        "at": record["updated_at"],
        "note": note.note if note is not None and note.at == entry.updated_at else None,
        "headline": record["headline"],
        "body": record["body"],
        "claims": record["claims"],
        "figures": record["figures"],
    }


def encode_draft(entry: Entry) -> Json:
    """Encode a draft or scheduled entry, with the fields that only the newsroom sees."""
    returned = entry.returned
    return {
        **encode_entry(entry),
        "embargo_until": format_optional_time(entry.embargo_until),
        "author": entry.author,
        "submitted_at": format_optional_time(entry.submitted_at),
        "returned": returned
        and {"note": returned.note, "at": format_time(returned.at), "by": returned.by},
    }


def dump_entry(entry: Entry) -> bytes:
    """Encode the stored record of an entry in any state."""
    return dump_json(encode_entry(entry) if entry.is_public else encode_draft(entry))


def decode_entry(record: Mapping[str, Any], coverage: str) -> Entry:
    """Decode the result of `encode_entry` or `encode_draft` for an entry of a coverage."""
    body, place, returned = record["body"], record["place"], record.get("returned")
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
        happened_at=parse_optional_time(record["happened_at"]),
        published_at=parse_optional_time(record["published_at"]),
        edited_at=parse_optional_time(_edit_time(record)),
        correction=_decode_note(record["correction"]),
        retraction=_decode_note(record["retraction"]),
        media=tuple(decode_media(m) for m in record["media"]),
        claims=tuple(decode_claim(c) for c in record.get("claims", ())),
        figures=tuple(decode_figure(f) for f in record.get("figures", ())),
        translation_of=decode_translation(record.get("translation_of")),
        embargo_until=parse_optional_time(record.get("embargo_until")),
        author=record.get("author"),
        submitted_at=parse_optional_time(record.get("submitted_at")),
        returned=None
        if returned is None
        else Returned(returned["note"], parse_time(returned["at"]), returned["by"]),
    )


def _edit_time(record: Mapping[str, Any]) -> str | None:
    """When a record's content was last changed; of one that does not say so, its last revision."""
    was_revised = record["status"] == "published" and record["revision"] > 1
    time: str | None = record.get("edited_at", record["updated_at"] if was_revised else None)
    return time


def encode_coverage(coverage: Coverage) -> Json:
    """Encode a coverage without its cursor, since a copy of the journal gets its own epoch."""
    key_events = [
        {"entry_id": k.entry_id, "title": k.title, "published_at": format_time(k.published_at)}
        for k in coverage.key_events
    ]
    return _encode_head(coverage) | {"key_events": key_events}


def _encode_head(coverage: Coverage) -> Json:
    return {
        "slug": coverage.slug,
        "title": coverage.title,
        "kicker": coverage.kicker,
        "standfirst": coverage.standfirst,
        "status": coverage.status,
        "language": coverage.language,
        "languages": list(coverage.languages),
        "bylines": [{"name": b.name} for b in coverage.bylines],
        "starts_at": format_optional_time(coverage.starts_at),
        "ended_at": format_optional_time(coverage.ended_at),
        "created_at": format_time(coverage.created_at),
        "updated_at": format_time(coverage.updated_at),
        "entry_count": coverage.entry_count,
        "pinned": coverage.pinned,
        "summary": coverage.summary,
        "lead_image": coverage.lead_image and encode_media(coverage.lead_image),
        "related": [{"title": r.title, "url": r.url} for r in coverage.related],
        "edition_of": coverage.edition_of,
        "editions": [encode_edition(edition) for edition in coverage.editions],
    }


def encode_coverage_record(coverage: Coverage) -> Json:
    """Encode a coverage as it is stored: also what only the newsroom knows of it.

    Its key events are stored beside the record, which every change encodes.
    """
    return _encode_head(coverage) | {"entry_bylines": coverage.entry_bylines}


def decode_coverage(
    record: Mapping[str, Any], cursor: Cursor, key_events: Sequence[KeyEvent] | None = None
) -> Coverage:
    """Decode a coverage as of a cursor.

    Args:
        record: the result of `encode_coverage`, or of `encode_coverage_record`.
        cursor: the coverage's cursor.
        key_events: those that are stored beside the record; None to take them from the record.
    """
    if key_events is None:
        key_events = tuple(
            KeyEvent(k["entry_id"], k["title"], parse_time(k["published_at"]))
            for k in record["key_events"][-MOST_KEY_EVENTS:]  # older journals have longer lists
        )
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
        entry_bylines=record.get("entry_bylines", "none"),
        starts_at=parse_optional_time(record["starts_at"]),
        ended_at=parse_optional_time(record["ended_at"]),
        lead_image=decode_media(record["lead_image"]) if record["lead_image"] else None,
        related=tuple(Related(r["title"], r["url"]) for r in record["related"]),
        edition_of=record.get("edition_of"),
        editions=tuple(Edition(**each) for each in record.get("editions", ())),
        entry_count=record["entry_count"],
        pinned=record["pinned"],
        summary=record.get("summary"),
        key_events=key_events,
    )


class PublicJson:
    """The JSON for clients, with addresses below `base_url`, which has no trailing slash."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def coverage(self, coverage: Coverage) -> Json:
        """Encode a coverage as the API's `Coverage`."""
        # Readers must not learn that there is a planned coverage.
        is_known = any(edition.slug == coverage.edition_of for edition in coverage.editions)
        return {
            **encode_coverage(coverage),
            "edition_of": coverage.edition_of if is_known or not coverage.is_public else None,
            "editions": [
                {**encode_edition(edition), "url": self.coverage_url(edition.slug)}
                for edition in coverage.editions
            ],
            "cursor": str(coverage.cursor),
            "url": self.coverage_url(coverage.slug),
        }

    def coverage_url(self, slug: str) -> str:
        """Return the address of a coverage's page."""
        return f"{self.base_url}/coverages/{slug}"

    def entry_url(self, slug: str, entry_id: str) -> str:
        """Return the address of an entry's page."""
        return f"{self.coverage_url(slug)}/entries/{entry_id}"

    def entry(self, entry: Entry) -> Json:
        """Encode an entry as the API's `Entry`."""
        record = encode_entry(entry) if entry.is_public else encode_draft(entry)
        return record | self._computed(entry)

    def written_entry(self, entry: Entry, record: bytes, cursor: Cursor | None) -> bytes:
        """Extend an entry's encoded record to the API's `Entry`, followed by a cursor.

        Args:
            entry: the entry.
            record: the result of `dump_entry` for it; it is not encoded again.
            cursor: the cursor of the event that wrote it; None if the entry is not public.
        """
        head = {"cursor": None if cursor is None else str(cursor)}
        if entry.translation_of is not None:  # inside of which there is an address
            return dump_json(self.entry(entry) | head)
        computed = self._computed(entry) | head
        return record[:-1] + b"," + dump_json(computed)[1:]

    def _computed(self, entry: Entry) -> Json:
        """The fields that follow the record of an entry."""
        more: Json = {} if entry.is_public else {"summary": summarise(entry)}
        if (original := entry.translation_of) is not None:
            url = self.entry_url(original.coverage, original.entry_id)
            more["translation_of"] = encode_translation(original) | {"url": url}
        return more | {
            "title": entry.title or None,
            "coverage": entry.coverage,
            "url": self.entry_url(entry.coverage, entry.id),
        }

    def event(self, event: Event, render: Callable[[Event], str] | None = None) -> Json:
        """Encode an event as the API's `Event`.

        Args:
            event: the event.
            render: renders the page's HTML, which is added as `html`; None leaves it out.
        """
        record: Json = {
            "cursor": str(event.cursor),
            "seq": event.seq,
            "type": event.type,
            "coverage": event.coverage,
            "at": format_time(event.at),
        }
        if event.entry is not None:
            record["entry"] = self.entry(event.entry)
        if event.details is not None:
            record["details"] = self.coverage(event.details)
        if render is not None:
            record["html"] = render(event)
        return record
