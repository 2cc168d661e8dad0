"""The result of a unit of work, independent of HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from app.formats.public_json import PublicJson, dump_json
from app.store.journal import Recorded
from app.timeline.change import Change
from app.timeline.event import Event

ThingKind = Literal["coverage", "entry", "draft", "media", "key", "invitation", "template"]


@dataclass(frozen=True, slots=True)
class Thing:
    """The object that was created or changed.

    `coverage` is the slug of the coverage that it belongs to (a coverage's own slug for a
    coverage); None for an object of the whole newsroom.
    """

    kind: ThingKind
    id: str
    coverage: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The result of a unit of work.

    Args:
        body: the JSON of the thing in its new state.
        thing: what was created or changed; None if it has no address of its own.
        is_new: whether the thing was created.
        version: its revision tag; None if it has no revisions.
        events: the new events, of the thing's coverage and of its other editions, each coverage's
            in order; empty if nothing public changed. Everything computed from the journals before
            them is out of date.
        drafts_of: the slugs of the coverages whose lists of drafts have changed.
        redacted_body: stored in place of `body` for repeated requests, if `body` holds a secret.
        detail: small facts for the audit, never an entry's text; None writes no audit line.
        often: whether the action is frequent, like saving a draft; the audit then counts
            repetitions in one line.
    """

    body: bytes
    thing: Thing | None = None
    is_new: bool = False
    version: str | None = None
    events: tuple[Event, ...] = ()
    drafts_of: tuple[str, ...] = ()
    redacted_body: bytes | None = None
    detail: Mapping[str, Any] | None = field(default_factory=dict)
    often: bool = False


def entry_written(form: PublicJson, recorded: Recorded, *, is_new: bool = False) -> Written:
    """Build the result for an entry, with its event's cursor: null for a draft, which has none.

    The body contains the stored record of the entry byte for byte.
    """
    change, entry = recorded.change, recorded.change.entry
    cursor = change.coverage.cursor if entry.is_public else None
    # What is published at once was no draft.
    was_draft = not is_new and any(event.type == "entry.published" for event in change.events)
    own = (entry.coverage,) if was_draft or not entry.is_public else ()
    drafts = [other.coverage.slug for other in recorded.others if not other.entry.is_public]
    return Written(
        form.written_entry(entry, recorded.records[entry.id], cursor),
        Thing("entry" if entry.is_public else "draft", entry.id, entry.coverage),
        is_new,
        entry.version,
        (*change.events, *(event for other in recorded.others for event in other.events)),
        drafts_of=(*own, *dict.fromkeys(drafts)),
        detail={"revision": entry.revision, "status": entry.status},
        often=not is_new and not entry.is_public,
    )


def coverage_written(
    form: PublicJson, change: Change, others: Sequence[Change] = (), *, is_new: bool = False
) -> Written:
    """Build the result for a coverage; `others` are the changes of its other editions."""
    coverage = change.coverage
    return Written(
        dump_json(form.coverage(coverage)),
        Thing("coverage", coverage.slug, coverage.slug),
        is_new,
        events=(*change.events, *(event for other in others for event in other.events)),
        detail={"status": coverage.status},
    )
