"""Claims and figures on SQLite and PostgreSQL: as of any event, they are what the fold says."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from app.store.engine import Store
from app.store.journal_table import JournalRow
from app.store.statements import (
    ClaimSelection,
    FigureSelection,
    read_claims,
    read_observations,
)
from app.store.tables import EntryRow
from app.timeline.claim import Source
from app.timeline.entry import Entry
from app.timeline.figure import Figure
from app.timeline.fold import fold
from app.timeline.ledger import LedgerGroup, Observation, flatten, ledger
from tests.ledgers import (
    Sighting,
    expected_claims,
    expected_ledger,
    in_order,
    plain,
    sightings,
)
from tests.record import Record, store_whole
from tests.strategies import Action, series, statement_actions, wordy_actions

HISTORIES = series(statement_actions(), 24)
# All examples of a test share its store; each works on a coverage of its own.
shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 4,  # each example writes a coverage of its own
)
ALL = FigureSelection()
_MEMBERS = {"claims", "figures"}
_NAME = range(200)  # the letters of the longest name


def standing(record: Record, seq: int) -> list[Entry]:
    """The entries that the stored journal folds to after an event."""
    page = fold(None, record.desk.journal[:seq])
    return list(page.entries.values()) if page else []


def plainly(groups: Sequence[LedgerGroup]) -> list[dict[str, Any]]:
    """A ledger in the form that `expected_ledger` has."""

    def sighting(observation: Observation | None) -> Sighting | None:
        return observation and Sighting(
            observation.figure,
            observation.entry_id,
            observation.seq,
            observation.position,
            observation.published_at,
        )

    return [
        {
            "topic": (plain(group.metric), plain(group.group or "")),
            "sources": [(sighting(s.current), sighting(s.earlier)) for s in group.sources],
            "differ": group.sources_differ,
        }
        for group in groups
    ]


async def table_rows(store: Store, slug: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a coverage in the tables of claims and figures, without the slug."""
    rows = {}
    async with store.reading() as session:
        connection = await session.connection()
        for table in ("figure", "claim"):
            query = text(f"SELECT * FROM {table} WHERE coverage = :slug")
            found = (await connection.execute(query, {"slug": slug})).mappings()
            columns = [{**row, "coverage": ""} for row in found]
            rows[table] = sorted(tuple(sorted(row.items())) for row in columns)  # type: ignore[type-var]
    return rows


@shared_store
@given(HISTORIES, st.data())
async def test_the_ledger_as_of_any_event_is_that_of_the_fold(
    store: Store, history: list[Action], data: st.DataObject
):
    """After each event, and now, the stored ledger is the one of the entries that then stood."""
    record = await (await Record(store).open()).act_all(history)
    head = len(record.desk.journal)
    async with store.reading() as session:
        now = await read_observations(session, record.slug, ALL)
        assert plainly(ledger(now)) == expected_ledger(sightings(standing(record, head)))
        for seq in data.draw(st.lists(st.integers(0, head + 1), min_size=1, max_size=6)):
            found = await read_observations(session, record.slug, ALL, seq)
            assert plainly(ledger(found)) == expected_ledger(sightings(standing(record, seq)))


@shared_store
@given(HISTORIES, st.data())
async def test_the_whole_history_has_every_observation_with_its_successor(
    store: Store, history: list[Action], data: st.DataObject
):
    """The flat list has each standing figure once, followed by the next one of its series."""
    record = await (await Record(store).open()).act_all(history)
    seq = data.draw(st.integers(0, len(record.desk.journal)))
    async with store.reading() as session:
        found = await read_observations(session, record.slug, ALL, seq, whole=True)
    seen = sightings(standing(record, seq))
    expected = []
    for names in dict.fromkeys(one.series for one in seen):
        ordered = in_order(one for one in seen if one.series == names)
        following = [*(one.entry_id for one in ordered[1:]), None]
        expected += [
            (one.entry_id, one.index, after) for one, after in zip(ordered, following, strict=True)
        ]
    assert expected == [
        (line.observation.entry_id, line.observation.position, line.superseded_by)
        for line in flatten(found)
    ]


@shared_store
@given(HISTORIES, st.data())
async def test_the_claims_as_of_any_event_are_those_of_the_fold(
    store: Store, history: list[Action], data: st.DataObject
):
    """After each event the stored claims are those that then stood, the last assessed one first."""
    record = await (await Record(store).open()).act_all(history)
    for seq in data.draw(st.lists(st.integers(0, len(record.desk.journal)), max_size=6)):
        entries = standing(record, seq)
        async with store.reading() as session:
            found = await read_claims(session, record.slug, ClaimSelection(), seq)
        assert {(one.entry_id, one.claim) for one in found} == expected_claims(entries)
        assert len(found) == sum(len(entry.claims) for entry in entries)
        times = [one.claim.at for one in found]
        assert times == sorted(times, reverse=True)
        published = {entry.id: entry.published_at for entry in entries}
        assert all(one.published_at == published[one.entry_id] for one in found)


@shared_store
@given(HISTORIES, st.sampled_from([" KILLED", "houses\tdestroyed", "injured"]), st.data())
async def test_a_selection_takes_what_has_the_name(
    store: Store, history: list[Action], metric: str, data: st.DataObject
):
    """A selection compares names without case and with single spaces, in ledger and claims."""
    record = await (await Record(store).open()).act_all(history)
    group = data.draw(st.sampled_from([None, "", "strasse", "Soldiers"]))
    source = data.draw(st.sampled_from([None, "MINISTRY", "a centre", "nobody"]))
    status = data.draw(st.sampled_from([None, "reported", "disputed"]))
    entries = standing(record, len(record.desk.journal))
    async with store.reading() as session:
        selection = FigureSelection(metric, group, source)
        found = await read_observations(session, record.slug, selection, whole=True)
        claims = await read_claims(session, record.slug, ClaimSelection(status, source))
    assert {(one.entry_id, one.position) for one in found} == {
        (one.entry_id, one.index)
        for one in sightings(entries)
        if one.topic[0] == plain(metric)
        and (group is None or one.topic[1] == plain(group))
        and (source is None or one.series[2] == plain(source))
    }
    assert {(one.entry_id, one.claim) for one in claims} == {
        (entry_id, claim)
        for entry_id, claim in expected_claims(entries)
        if status in {None, claim.status}
        and (source is None or plain(claim.source.name) == plain(source))
    }


@shared_store
@given(series(wordy_actions(), 12))
async def test_an_import_rebuilds_the_tables_that_the_writes_left(
    store: Store, history: list[Action]
):
    """The tables follow from the journal: an import of it makes the rows that the writes made."""
    record = await (await Record(store).open()).act_all(history)
    slug = Record(store).slug
    events = [
        replace(
            event,
            coverage=slug,
            entry=event.entry and replace(event.entry, coverage=slug),
            details=event.details and replace(event.details, slug=slug),
        )
        for event in record.desk.journal
    ]
    async with store.writing() as session:
        await store_whole(session, replace(record.desk.coverage, slug=slug), [], events)
    assert await table_rows(store, slug) == await table_rows(store, record.slug)


async def test_a_retraction_leaves_no_row_of_the_entry(store: Store):
    """After a retraction the earlier observation is current, also as of a time before."""
    record = await Record(store).open()
    ministry = Source("Ministry")
    first = await record.publish("104", figures=(Figure("killed", ministry, low=104, high=104),))
    second = await record.publish("107", figures=(Figure("killed", ministry, low=107, high=107),))
    await record.retract(second)
    for seq in (None, second.seq, first.seq):
        async with store.reading() as session:
            (group,) = ledger(await read_observations(session, record.slug, ALL, seq))
        (line,) = group.sources
        assert (line.current.figure.low, line.earlier) == (104, None)


async def test_a_journal_of_an_earlier_version_takes_figures(store: Store):
    """Entries and events that were stored before there were claims are read, and can be changed."""
    record = await Record(store).open()
    await record.publish("Before")
    async with store.writing() as session:
        for table in (EntryRow, JournalRow):
            for row in (
                await session.exec(select(table).where(table.coverage == record.slug))
            ).all():
                state = json.loads(row.state)
                row.state = json.dumps({n: v for n, v in state.items() if n not in _MEMBERS})
                session.add(row)
    assert await record.journal() == record.desk.journal
    figure = Figure("killed", Source("Ministry"), low=107, high=107)
    await record.act_all([Action("amend", fields={"figures": (figure,)})])
    assert await record.journal() == record.desk.journal
    async with store.reading() as session:
        (found,) = await read_observations(session, record.slug, ALL)
        assert await read_observations(session, record.slug, ALL, seq=2) == []
    assert found.figure == figure


async def test_names_of_any_length_and_script_are_stored(store: Store):
    """The longest names that a form takes are stored, also if folding their case lengthens them."""
    record = await Record(store).open()
    draw = random.Random(1)  # letters that do not compress

    def name() -> str:
        letters = (draw.choice(["\u0390", chr(draw.randrange(0x20000, 0x2A000))]) for _ in _NAME)
        return "".join(letters)

    metric, group, source = name(), name(), name()
    figure = Figure(metric, Source(source), group=group, text=metric)
    await record.publish("Long", figures=(figure,))
    async with store.reading() as session:
        selection = FigureSelection(metric, group, source)
        (found,) = await read_observations(session, record.slug, selection)
    assert found.figure == figure
