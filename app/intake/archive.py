"""Archive format: a coverage's journal as a file of JSON Lines, without loss.

The first line names the format and its version; each line after it is one event, in order of seq
from 1, or a draft beside the journal; the last line holds their counts, so that a truncated file is
detected. A signed file also has the commitments and salts of its events, and the checkpoint of
their log. Cursors and addresses are left out: a copy gets an epoch of its own, so that no client
resumes in it with the original's cursors, and has the addresses of the server that it is on.

Refuses a file if any line is invalid, and names the line. That includes members, types and versions
of the format that this version of Dateline does not know: nothing is left out in silence. Values
that follow from the events (counts, the pin, key events) are computed, never taken from the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import orjson
from pydantic import BaseModel, ValidationError

from app.formats.public_json import Json, dump_json
from app.formats.rfc3339 import format_time
from app.intake.archive_record import (
    DraftLine,
    EndLine,
    EventLine,
    FormatLine,
    LogLine,
    explain_error,
)
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.entry import Entry, tombstone
from app.timeline.event import Event
from app.timeline.fold import apply_event

VERSION = 2  # increased with each member and type that an earlier version would refuse
FORMAT: Json = {"format": "dateline-journal", "version": VERSION}

Line = EventLine | DraftLine | LogLine | EndLine


class DamagedLine(Exception):
    """A line cannot be read, or does not follow from those before: the whole file is refused."""

    def __init__(self, number: int, detail: str) -> None:
        super().__init__(f"line {number}: {detail}")


@dataclass(slots=True)
class Archive:
    """A journal that was read: its events, and the state that they add up to."""

    epoch: str
    coverage: Coverage | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    drafts: list[Entry] = field(default_factory=list)
    retracted: set[str] = field(default_factory=set)
    is_complete: bool = False

    def add(self, line: Line, tombstones: dict[str, Entry]) -> None:
        """Add the event, draft or end that the next line holds.

        Args:
            line: the line.
            tombstones: the tombstones of the entries that the whole file retracts, by entry id.

        Raises:
            ValueError: the line does not follow from those before it.
        """
        if self.is_complete:
            raise ValueError("nothing may follow the last line")
        if isinstance(line, EventLine):
            self.apply(line, tombstones)
        elif isinstance(line, DraftLine):
            draft = line.draft
            if self.coverage is None or draft.status not in {"draft", "scheduled"}:
                raise ValueError("a draft must follow its coverage and must not be public")
            if draft.id in self.entries or any(other.id == draft.id for other in self.drafts):
                raise ValueError(f"entry {draft.id} exists already")
            self.drafts.append(draft.entry(self.coverage.slug, None))
        elif isinstance(line, EndLine):
            self.finish(line)

    def finish(self, line: EndLine) -> None:
        """Check that the file is complete.

        Raises:
            ValueError: its last line counts other events or drafts than there are.
        """
        events, drafts = len(self.events), len(self.drafts)
        if (events, drafts) != (line.end.events, line.end.drafts):
            raise ValueError(
                f"it counts {line.end.events} events and {line.end.drafts} drafts,"
                f" but the file has {events} and {drafts}"
            )
        if self.coverage is None:
            raise ValueError("a coverage has at least one event")
        self.is_complete = True

    def apply(self, line: EventLine, tombstones: dict[str, Entry]) -> None:
        """Apply the next event.

        Raises:
            ValueError: the event does not follow from those before it.
        """
        head = self.events[-1] if self.events else None
        if line.seq != (head.seq if head else 0) + 1:
            raise ValueError(f"seq {line.seq} does not follow on")
        if head is not None and (line.at < head.at or line.coverage != head.coverage):
            raise ValueError("it is earlier than the event before it, or of another coverage")
        if line.entry is not None and line.details is not None:
            raise ValueError("an event has an entry or the details of a coverage, not both")
        cursor = Cursor(self.epoch, line.seq)
        event = Event(cursor, line.type, line.coverage, line.at)
        if line.type.startswith("coverage."):
            self.coverage = self._details(line, cursor)
            event = replace(event, details=self.coverage)
        else:
            event = replace(event, entry=self._entry(line, cursor, tombstones))
        self.events.append(event)

    def _details(self, line: EventLine, cursor: Cursor) -> Coverage:
        if line.details is None or line.details.slug != line.coverage:
            raise ValueError("the details of its coverage are missing")
        if (line.type == "coverage.opened") != (self.coverage is None):
            raise ValueError("a coverage is opened once, by its first event")
        details = line.details.coverage(cursor, format_time(line.at))
        if details.summary not in {None, *self.entries}:
            raise ValueError(f"its summary {details.summary} is no entry")
        if (before := self.coverage) is None:
            return details
        counted = {"entry_count": before.entry_count, "pinned": before.pinned}
        return replace(details, **counted, key_events=before.key_events)  # type: ignore[arg-type]

    def _entry(self, line: EventLine, cursor: Cursor, tombstones: dict[str, Entry]) -> Entry:
        if line.entry is None or self.coverage is None:
            raise ValueError("its entry is missing, or its coverage has not been opened")
        if line.entry.status not in {"published", "retracted"} or not line.entry.published_at:
            raise ValueError("an event's entry must be published or retracted")
        before = self.entries.get(line.entry.id)
        if (line.type == "entry.published") != (before is None):
            raise ValueError(f"entry {line.entry.id} must be published once, and first")
        if line.entry.id in self.retracted:
            raise ValueError(f"entry {line.entry.id} is retracted, and that is final")
        seq = before.seq if before else line.seq
        entry = tombstones.get(line.entry.id) or line.entry.entry(line.coverage, seq)
        if line.type == "entry.retracted":
            self.retracted.add(entry.id)
        if entry.id not in tombstones and (
            entry.status == "retracted" or entry.id in self.retracted
        ):
            raise ValueError(f"entry {entry.id} has a tombstone and no retraction, or vice versa")
        entry = replace(entry, seq=seq)
        if entry.pinned and self.coverage.pinned not in {None, entry.id}:
            raise ValueError("another entry is pinned")
        self.coverage = apply_event(self.coverage, self.entries, entry, cursor, line.at)
        return entry


def read_archive(lines: Iterable[bytes], epoch: str, slug: str | None = None) -> Archive:
    """Read a whole file.

    Args:
        lines: the file's lines.
        epoch: the epoch of the copy.
        slug: the slug of the copy; None keeps the original's.

    Raises:
        DamagedLine: a line is invalid.
    """
    parsed = list(_parse(lines, slug))
    tombstones: dict[str, Entry] = {}
    for _, line in parsed:
        if isinstance(line, EventLine) and line.type == "entry.retracted" and line.entry:
            entry = line.entry.entry(line.coverage, None)
            if entry.status == "retracted" and entry.retraction is not None:
                tombstones[line.entry.id] = tombstone(entry, entry.retraction)
    archive = Archive(epoch)
    for number, line in parsed:
        try:
            archive.add(line, tombstones)
        except ValueError as error:
            raise DamagedLine(number, str(error)) from error
    if not archive.is_complete:
        raise DamagedLine(len(parsed) + 2, "the file ends before its last line: it was cut off")
    return archive


def _parse(lines: Iterable[bytes], slug: str | None) -> Iterator[tuple[int, Line]]:
    number = 0
    for number, line in enumerate(lines, start=1):
        try:
            document = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise DamagedLine(number, f"not JSON: {error}") from error
        if number == 1:
            check_format(document)
            continue
        yield number, _read_line(number, line, document, slug)
    if number == 0:
        raise DamagedLine(1, "the file is empty")


def check_format(document: object) -> None:
    """Check the first line of a file.

    Raises:
        DamagedLine: it is of another format, or of a later version of this one.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT["format"]:
        raise DamagedLine(1, f"it should be {dump_json(FORMAT).decode()}")
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        raise DamagedLine(
            1,
            f"the archive has version {version} of the format, and this server reads versions up to"
            f" {VERSION}: import it into a later version of Dateline",
        )
    try:
        FormatLine.model_validate(document)
    except ValidationError as error:
        raise DamagedLine(1, explain_error(error)) from error


def _read_line(number: int, line: bytes, document: object, slug: str | None) -> Line:
    schema: type[BaseModel] = EventLine
    if isinstance(document, dict):
        if "draft" in document:
            schema = DraftLine
        elif "log" in document:
            schema = LogLine
        elif "end" in document:
            schema = EndLine
        elif slug is not None:
            document["coverage"] = slug
            if isinstance(document.get("details"), dict):
                document["details"]["slug"] = slug
            line = dump_json(document)
    try:
        return schema.model_validate_json(line)  # type: ignore[return-value]
    except ValidationError as error:
        raise DamagedLine(number, explain_error(error)) from error


def archive_line(event: Json) -> Json:
    """Return the line of the file for a public event.

    A member of a later version of the server stays in it: an import refuses it by name, and nobody
    has to discover later that it is missing.
    """
    line = {name: value for name, value in event.items() if name != "cursor"}
    return line | {part: _record(line[part]) for part in ("entry", "details") if part in line}


def archive_draft(draft: Json) -> Json:
    """Return the line of the file for a draft in the newsroom's form."""
    return _record(draft)


def _record(public: Json) -> Json:
    # The line of an entry names its coverage; title and summary are computed from its text.
    computed = {"coverage", "title", "summary"} if "coverage" in public else set()
    left_out = {"cursor", "url", *computed}
    return {name: value for name, value in public.items() if name not in left_out}


def write_archive(
    lines: Iterable[Json], drafts: Iterable[Json] = (), log: Json | None = None
) -> Iterator[bytes]:
    """Yield the lines of a file, each with its line end.

    Args:
        lines: the events; in a signed archive with their commitments and salts.
        drafts: the drafts.
        log: the checkpoint of a signed archive, and its key; None for an unsigned one.
    """
    yield dump_json(FORMAT) + b"\n"
    events = unpublished = 0
    for events, line in enumerate(lines, start=1):  # noqa: B007  the last line holds the count
        yield dump_json(line) + b"\n"
    for unpublished, draft in enumerate(drafts, start=1):  # noqa: B007
        yield dump_json({"draft": draft}) + b"\n"
    if log is not None:
        yield dump_json({"log": log}) + b"\n"
    yield dump_json({"end": {"events": events, "drafts": unpublished}}) + b"\n"
