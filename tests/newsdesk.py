"""A newsroom in memory: carries out actions by the rules and keeps what the record would keep.

`journal` is the journal as the store leaves it, with retracted words taken out; `told` is every
event as it first went out.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from app.timeline import change as rules
from app.timeline.change import Change
from app.timeline.coverage import Coverage
from app.timeline.cursor import Cursor
from app.timeline.entry import Body, Entry
from app.timeline.errors import TimelineError
from app.timeline.event import Event
from app.timeline.fold import Page
from app.timeline.redaction import redact
from tests.strategies import START, Action


class Newsdesk:
    """One coverage and what was done in it, beginning as a plan."""

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
        self.told: list[Event] = []
        self._born = 0

    @property
    def page(self) -> Page:
        """The coverage with its public entries."""
        return Page(self.coverage, {e.id: e for e in self.entries.values() if e.is_public})

    def act(self, action: Action) -> Change | None:
        """Carry out an action; None if the rules refuse it, and then nothing has changed."""
        self.now += timedelta(milliseconds=action.late)
        try:
            change = self._change(action)
        except TimelineError:
            return None
        self.record(change)
        return change

    def act_all(self, actions: Iterable[Action]) -> "Newsdesk":
        """Open the coverage and carry them all out."""
        self.record(rules.open_coverage(self.coverage, self.now))
        for action in actions:
            self.act(action)
        return self

    def publish(self, headline: str, **fields: object) -> Entry:
        """Publish an entry; gives it as it went out."""
        text = Body(f"<p>{headline} in full</p>")
        change = self.act(Action("publish", fields={"headline": headline, "body": text, **fields}))  # type: ignore[typeddict-item]
        assert change is not None
        return change.entry

    def retract(self, entry: Entry) -> Change:
        """Retract an entry."""
        change = rules.retract(self.coverage, self.entries[entry.id], "It was wrong.", self.now)
        self.record(change)
        return change

    def since(self, after: Cursor, limit: int) -> list[Event]:
        """The journal behind a cursor."""
        return self.journal[after.seq : after.seq + limit]

    def record(self, change: Change) -> None:
        """Take a change in, as the store does: whole, and a retraction redacts what was before."""
        self.coverage = change.coverage
        for entry in change.entries:
            self.entries[entry.id] = entry
        for event in change.events:
            self.told.append(event)
            if event.type == "entry.retracted" and event.entry is not None:
                self.journal = [redact(earlier, event.entry) for earlier in self.journal]
            self.journal.append(event)

    def _change(self, action: Action) -> Change:
        if action.deed == "change":
            return rules.change_coverage(self.coverage, action.head, action.status, self.now)
        if action.deed in {"publish", "draft"}:
            return self._begin(action)
        return self._treat(action, self.coverage, self._pick(action.which))

    def _treat(self, action: Action, coverage: Coverage, entry: Entry) -> Change:
        match action.deed:
            case "save":
                saved = rules.save_draft(entry, action.fields, self.now)
                # Every second one is published as it is saved.
                change = self._publish(saved) if action.which % 2 else Change(coverage, (saved,))
            case "amend":
                change = rules.amend(coverage, entry, action.fields, self.now)
            case "correct":
                change = rules.correct(coverage, entry, action.fields, action.note, self.now)
            case "retract":
                change = rules.retract(coverage, entry, action.note, self.now)
            case "pin":
                holder = self.entries.get(coverage.pinned or "")
                change = rules.pin(coverage, entry, holder, self.now)
            case _:
                change = rules.unpin(coverage, entry, self.now)
        return change

    def _begin(self, action: Action) -> Change:
        self._born += 1
        plain = Entry(
            id=f"n{self._born}",
            coverage=self.coverage.slug,
            status="draft",
            updated_at=self.now,
            language=self.coverage.language,
            author="key:1",
        )
        entry = replace(plain, **action.fields)
        rules.check_content(entry)
        return self._publish(entry) if action.deed == "publish" else Change(self.coverage, (entry,))

    def _publish(self, entry: Entry) -> Change:
        return rules.publish(self.coverage, entry, self.now)

    def _pick(self, which: int) -> Entry:
        if not self.entries:
            raise TimelineError("there is nothing to pick")
        ids = list(self.entries)
        return self.entries[ids[which % len(ids)]]
