"""A newsroom in memory: executes actions by the rules and keeps what the store would.

`journal` is the stored journal, redacted by retractions; `sent` has every event as it was first
sent.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from app.hub.subscriber import Reading
from app.timeline import change as rules
from app.timeline.change import Change
from app.timeline.claim import Assessment
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.entry import Body, Entry
from app.timeline.errors import TimelineError
from app.timeline.event import Event
from app.timeline.fold import Page, complete_key_events
from app.timeline.redaction import redact
from tests.strategies import START, Action


class Newsdesk:
    """One coverage with its entries and journal; it begins as planned."""

    def __init__(self, slug: str = "apollo-11", epoch: str = "e1") -> None:
        self.now = START
        self.coverage = Coverage(
            slug=slug,
            title="The landing",
            status="planned",
            language="en",
            created_at=START,
            updated_at=START,
            cursor=Cursor(epoch, 0),
        )
        self.entries: dict[str, Entry] = {}
        self.journal: list[Event] = []
        self.sent: list[Event] = []
        self._created = 0

    @property
    def page(self) -> Page:
        """The coverage with its public entries."""
        return Page(self.coverage, {e.id: e for e in self.entries.values() if e.is_public})

    def act(self, action: Action) -> Change | None:
        """Execute an action; returns None, without a change, if the rules refuse it."""
        self.now += timedelta(milliseconds=action.late)
        try:
            change = self._change(action)
        except TimelineError:
            return None
        self.record(change)
        return change

    def act_all(self, actions: Iterable[Action]) -> "Newsdesk":
        """Open the coverage and execute all actions."""
        self.record(rules.open_coverage(self.coverage, self.now))
        for action in actions:
            self.act(action)
        return self

    def publish(self, headline: str, **fields: object) -> Entry:
        """Publish an entry; returns it as published."""
        body = Body(f"<p>{headline} in full</p>")
        change = self.act(Action("publish", fields={"headline": headline, "body": body, **fields}))  # type: ignore[typeddict-item]
        assert change is not None
        return change.entry

    def retract(self, entry: Entry) -> Change:
        """Retract an entry."""
        change = rules.retract(self.coverage, self.entries[entry.id], "It was wrong.", self.now)
        self.record(change)
        return change

    def since(self, after: Cursor, limit: int) -> list[Event]:
        """Return up to `limit` events after a cursor."""
        return self.journal[after.seq : after.seq + limit]

    def reading(self, after: Cursor, limit: int) -> Reading:
        """Return the events after a cursor, as the hub reads them from a journal."""
        return Reading(self.since(after, limit), self.coverage.cursor.seq)

    def record(self, change: Change) -> None:
        """Apply a change like the store does; a retraction redacts earlier events."""
        for entry in change.entries:
            self.entries[entry.id] = entry
        public = [entry for entry in self.entries.values() if entry.is_public]
        self.coverage = complete_key_events(change.coverage, public)
        for event in change.events:
            self.sent.append(event)
            if event.type == "entry.retracted" and event.entry is not None:
                self.journal = [redact(earlier, event.entry) for earlier in self.journal]
            self.journal.append(event)

    def _change(self, action: Action) -> Change:
        if action.deed == "change":
            return rules.change_coverage(self.coverage, action.head, action.status, self.now)
        if action.deed in {"publish", "draft"}:
            return self._create(action)
        return self._apply(action, self.coverage, self._pick(action.which))

    def _apply(self, action: Action, coverage: Coverage, entry: Entry) -> Change:
        match action.deed:
            case "save":
                saved = rules.save_draft(entry, action.fields, self.now)
                # Every second draft is published as it is saved.
                change = self._publish(saved) if action.which % 2 else Change(coverage, (saved,))
            case "amend":
                change = rules.amend(coverage, entry, action.fields, self.now)
            case "correct":
                change = rules.correct(coverage, entry, action.fields, action.note, self.now)
            case "assess":
                targets = [*(claim.id for claim in entry.claims), *range(len(entry.figures) + 1)]
                target = targets[action.target % len(targets)]
                assessment = Assessment(action.verdict, action.note, self.now)
                change = rules.assess(coverage, entry, target, assessment)
            case "retract":
                change = rules.retract(coverage, entry, action.note, self.now)
            case "pin":
                pinned = self.entries.get(coverage.pinned or "")
                change = rules.pin(coverage, entry, pinned, self.now)
            case _:
                change = rules.unpin(coverage, entry, self.now)
        return change

    def _create(self, action: Action) -> Change:
        self._created += 1
        empty = Entry(
            id=f"n{self._created}",
            coverage=self.coverage.slug,
            status="draft",
            updated_at=self.now,
            language=self.coverage.language,
            author="key:1",
        )
        entry = replace(empty, **action.fields)
        rules.check_content(entry)
        return self._publish(entry) if action.deed == "publish" else Change(self.coverage, (entry,))

    def _publish(self, entry: Entry) -> Change:
        return rules.publish(self.coverage, entry, self.now)

    def _pick(self, which: int) -> Entry:
        if not self.entries:
            raise TimelineError("there is nothing to pick")
        ids = list(self.entries)
        return self.entries[ids[which % len(ids)]]
