"""Net changes on SQLite and PostgreSQL, compared with the difference of two folded pages."""

from collections.abc import Iterable

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.formats.public_json import decode_entry
from app.store.engine import Store
from app.store.net_changes import (
    Page,
    Range,
    read_figure_changes,
    read_net_changes,
)
from app.timeline.entry import Entry
from app.timeline.event import Event
from app.timeline.figure import Figure, Series
from app.timeline.fold import fold
from app.timeline.ledger import Observation, ledger
from app.timeline.net_change import says_the_same
from tests.record import Record
from tests.strategies import Action, actions, series, statement_actions

HISTORIES = series(statement_actions() | actions(), 24)
WHOLE = Page(0, 100)
# All examples of a test share its store; each works on a coverage of its own.
shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,
)
ORDER = ["retracted", "corrected", "contested", "key event", "assessed", "published", "amended"]


def _kind(before: Entry | None, after: Entry, types: set[str]) -> str:
    """Return the kind of an entry's change by its states; assessments leave no trace of their own.

    Args:
        before: the entry on the earlier page.
        after: the entry on the later page, as it was then.
        types: the types of its events in between.
    """
    if after.retraction:
        return "retracted"
    if before is None:
        return "published"
    if before.correction != after.correction:
        return "corrected"
    return "assessed" if "entry.assessed" in types else "amended"


def _place(kind: str, after: Entry) -> str:
    statuses = {each.status for each in after.claims} | {each.status for each in after.figures}
    if kind == "assessed" and statuses & {"disputed", "false", "withdrawn"}:
        return "contested"
    return "key event" if kind == "published" and after.key_event else kind


def _entries(events: Iterable[Event]) -> dict[str, Entry]:
    page = fold(None, events)
    return page.entries if page else {}


def _end_of_change(told: list[Event], position: int) -> int:
    """Return the position behind the retraction that begins with the event before it, if any."""
    events = told[max(position - 1, 0) : position + 1]
    if [each.type for each in events] != ["entry.unpinned", "entry.retracted"]:
        return position
    unpinned, retracted = (each.entry for each in events)
    assert unpinned is not None
    assert retracted is not None
    return position + (unpinned.id == retracted.id)


def _expected(told: list[Event], gone: set[str], after: int, until: int) -> list[tuple]:
    """Return the difference of two pages that were folded from the journal as it was sent.

    Args:
        told: every event as it was first sent.
        gone: ids of entries that are retracted by now.
        after: the seq of the earlier page.
        until: the seq of the later page.
    """
    earlier, later = _entries(told[:after]), _entries(told[:until])
    changes = []
    for entry_id, entry in later.items():
        before = earlier.get(entry_id)
        if before and before.revision == entry.revision and before.retraction == entry.retraction:
            continue
        own = [e for e in told[after:until] if e.entry and e.entry.id == entry_id]
        kind = "retracted" if entry_id in gone else _kind(before, entry, {e.type for e in own})
        shown = (None, None) if kind == "retracted" else (before, entry)
        changes.append((_place(kind, entry), kind, entry_id, *shown))
    return changes


@shared_store
@given(HISTORIES, st.integers(0, 26), st.integers(0, 26))
async def test_net_changes_are_the_difference_of_two_pages(
    store: Store, history: list[Action], one: int, other: int
):
    """The net changes between two positions are the difference of the two folded pages.

    An entry that is retracted by now is listed as retracted, with its tombstone alone. The two
    events of the retraction of a pinned entry are one change: no position lies between them.
    """
    record = await (await Record(store).open()).act_all(history)
    told = record.desk.sent
    after, until = sorted(_end_of_change(told, min(each, len(told))) for each in (one, other))
    gone = {e.id for e in record.desk.page.entries.values() if e.retraction}
    expected = _expected(told, gone, after, until)
    between = Range(record.slug, after, until)
    async with store.reading() as session:
        counts, outlines, more = await read_net_changes(session, between, WHOLE)
    found = []
    for outline in outlines:
        entry = decode_entry(orjson.loads(outline.after), record.slug)
        before = outline.before and decode_entry(orjson.loads(outline.before), record.slug)
        shown = (None, None) if outline.kind == "retracted" else (before, entry)
        found.append((_place(outline.kind, entry), outline.kind, entry.id, *shown))
        assert entry.retraction is not None or outline.kind != "retracted"
        assert before is None or outline.kind != "retracted"
        event = told[outline.seq - 1]
        assert (event.entry and event.entry.id, event.at) == (entry.id, outline.at)
        assert after < event.seq <= until
    assert not more
    assert sorted(found, key=lambda c: c[2]) == sorted(expected, key=lambda c: c[2])
    places = [(ORDER.index(c[0]), -outline.seq) for c, outline in zip(found, outlines, strict=True)]
    assert places == sorted(places)
    kinds = [change[1] for change in expected]
    assert counts == {kind: kinds.count(kind) for kind in kinds}


@shared_store
@given(HISTORIES, st.integers(1, 5))
async def test_pages_of_net_changes_are_parts_of_the_whole(
    store: Store, history: list[Action], limit: int
):
    """Pages of any size, read one after another, are the whole list."""
    record = await (await Record(store).open()).act_all(history)
    between = Range(record.slug, 0, record.desk.coverage.cursor.seq)
    pages, more = [], True
    async with store.reading() as session:
        _, whole, _ = await read_net_changes(session, between, WHOLE)
        while more:
            _, page, more = await read_net_changes(session, between, Page(len(pages), limit))
            pages += page
            assert len(page) == limit or not more
    assert pages == whole


@shared_store
@given(HISTORIES, st.integers(0, 26), st.integers(0, 26))
async def test_changed_figures_are_the_difference_of_two_ledgers(
    store: Store, history: list[Action], one: int, other: int
):
    """The changed figures are those in which the ledgers of the two pages differ.

    The ledgers are computed from the pages without what is retracted by now.
    """
    record = await (await Record(store).open()).act_all(history)
    journal = record.desk.journal
    after, until = sorted((min(one, len(journal)), min(other, len(journal))))
    earlier, later = _ledger(journal[:after]), _ledger(journal[:until])
    expected = {
        name: (earlier.get(name), later.get(name))
        for name in {*earlier, *later}
        if not says_the_same(earlier.get(name), later.get(name))
    }
    async with store.reading() as session:
        changes, more = await read_figure_changes(session, Range(record.slug, after, until), WHOLE)
    assert not more
    found = {}
    for change in changes:
        shown = change.after or change.before
        assert shown is not None
        found[shown.series] = (change.before, change.after)
    assert found == expected
    assert len(found) == len(changes)


def _ledger(journal: list[Event]) -> dict[Series, Figure]:
    """Return the current figure of each series, by folding the journal as it is stored."""
    observations = [
        Observation(figure, entry.id, entry.seq or 0, position, entry.published_at)
        for entry in _entries(journal).values()
        if entry.published_at
        for position, figure in enumerate(entry.figures)
    ]
    lines = [line.current.figure for group in ledger(observations) for line in group.sources]
    return {figure.series: figure for figure in lines}
