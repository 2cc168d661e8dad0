"""What a unit of work has done, as a value that knows no HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.formats.public_json import PublicJson, dump_json
from app.store.journal import Recorded
from app.timeline.change import Change
from app.timeline.event import Event

ThingKind = Literal["coverage", "entry", "draft", "media", "key", "invitation"]


@dataclass(frozen=True, slots=True)
class Thing:
    """What was made or changed.

    `coverage` is the slug of the coverage that it belongs to, its own for a coverage; None for
    what belongs to the whole newsroom.
    """

    kind: ThingKind
    id: str
    coverage: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a unit of work has done.

    Args:
        body: the JSON of the thing as it now is.
        thing: what was made or changed; None where nobody asks for it by its address.
        is_new: whether it was made.
        version: its revision tag; None of what has no revisions.
        events: the new events of the thing's coverage, in order; empty if nothing public changed.
            Whatever was computed from the journal before them is out of date.
        drafts_of: the coverages whose lists of drafts have changed.
        kept: stands in for the body where it is kept, if that holds a secret.
        detail: small facts for the audit, never words of an entry; None for no line at all.
        often: it comes again and again, as a draft's saving does: the audit counts it.
    """

    body: bytes
    thing: Thing | None = None
    is_new: bool = False
    version: str | None = None
    events: tuple[Event, ...] = ()
    drafts_of: tuple[str, ...] = ()
    kept: bytes | None = None
    detail: Mapping[str, Any] | None = field(default_factory=dict)
    often: bool = False


def entry_written(form: PublicJson, recorded: Recorded, *, is_new: bool = False) -> Written:
    """An entry, with the cursor of its event: null for a draft, which has none.

    Its body holds the very bytes that are stored as the entry's record.
    """
    change, entry = recorded.change, recorded.change.entry
    cursor = change.coverage.cursor if entry.is_public else None
    published = any(event.type == "entry.published" for event in change.events)
    return Written(
        form.written_entry(entry, recorded.records[entry.id], cursor),
        Thing("entry" if entry.is_public else "draft", entry.id, entry.coverage),
        is_new,
        entry.version,
        change.events,
        drafts_of=(entry.coverage,) if published or not entry.is_public else (),
        detail={"revision": entry.revision, "status": entry.status},
        often=not is_new and not entry.is_public,
    )


def coverage_written(form: PublicJson, change: Change, *, is_new: bool = False) -> Written:
    """A coverage."""
    coverage = change.coverage
    return Written(
        dump_json(form.coverage(coverage)),
        Thing("coverage", coverage.slug, coverage.slug),
        is_new,
        events=change.events,
        detail={"status": coverage.status},
    )
