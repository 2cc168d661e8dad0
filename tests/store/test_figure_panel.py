"""The law of the figures' section: it says what the events say, now and as of each of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.formats.html import HtmlRenderer
from app.store.engine import Store
from app.store.statements import read_observations
from app.timeline.claim import Source
from app.timeline.entry import Entry
from app.timeline.figure import Figure
from app.timeline.figure_table import LONGEST_LINE, FigureTable
from app.timeline.fold import fold
from tests.formats.parsed import Element, parse
from tests.formats.samples import COVERAGE
from tests.record import Record
from tests.strategies import START, Action

_RENDERER = HtmlRenderer(packages=("app.reader", "app.formats"))
_DAYS = st.none() | st.sampled_from([START.date() + timedelta(days=day) for day in (-2, 0, 3)])
_FIGURES = st.builds(
    lambda number, **fields: Figure(low=number, high=number, **fields),
    number=st.none() | st.integers(0, 20),
    metric=st.sampled_from(["killed", "Killed ", "injured"]),
    group=st.sampled_from([None, "soldiers"]),
    source=st.sampled_from([Source("Ministry"), Source("MINISTRY"), Source("Centre")]),
    as_of=_DAYS,
)
_FIELDS = st.builds(
    lambda figures: {"headline": "One", "figures": tuple(figures)}, st.lists(_FIGURES, max_size=3)
)
_ACTIONS = st.builds(
    Action,
    deed=st.sampled_from(["publish", "publish", "publish", "amend", "correct", "retract"]),
    which=st.integers(0, 7),
    fields=_FIELDS,
    late=st.sampled_from([0, 60_000, 86_400_000]),
)
_shared_store = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=settings.default.max_examples // 2,  # each example writes a coverage of its own
)
Observed = tuple[tuple[datetime, int, int], str, Figure]


def _name(words: str | None) -> str:
    return " ".join((words or "").split()).lower()


def _expected(entries: Iterable[Entry]) -> list[tuple[str, str, str | None]]:
    """Return each line's number, its entry and the one of the number before, computed anew."""
    series: dict[tuple[str, str], dict[str, list[Observed]]] = {}
    for entry in sorted(entries, key=lambda each: each.seq or 0):
        for position, figure in enumerate(entry.figures):
            day = figure.as_of
            at = datetime.combine(day, time(), UTC) if day else entry.published_at
            assert at is not None
            sources = series.setdefault((_name(figure.metric), _name(figure.group)), {})
            observed = sources.setdefault(_name(figure.source.name), [])
            observed.append(((at, entry.seq or 0, position), entry.id, figure))
    lines = []
    for sources in series.values():
        for observed in sources.values():
            *earlier, (_, entry_id, figure) = sorted(observed, key=lambda each: each[0])
            number = "Not reported" if figure.low is None else str(figure.low)
            lines.append((number, entry_id, earlier[-1][1] if earlier else None))
    return lines


def _shown(panel: Element) -> list[tuple[str, str, str | None]]:
    lines = []
    for row in panel.all("tr"):
        earlier = [each.attributes["data-entry"] for each in row.all(cls="earlier")]
        lines.append(
            (row.one("strong").text, row.attributes["data-entry"] or "", (earlier or [None])[0])
        )
    return lines


@_shared_store
@given(st.lists(_ACTIONS, min_size=1, max_size=12), st.integers(0, 14))
async def test_the_section_is_the_ledger_of_the_events(
    store: Store, actions: list[Action], moment: int
) -> None:
    """Its lines are those that follow from the journal, as of its head and of any event before."""
    record = await (await Record(store).open()).act_all(actions)
    events = await record.journal()
    for seq in (None, min(moment, len(events))):
        page = fold(None, events[: len(events) if seq is None else seq])
        async with store.reading() as session:
            found = await read_observations(session, record.slug, seq=seq, last=LONGEST_LINE)
        panel = parse(_RENDERER.figures(COVERAGE, FigureTable.arrange(found), "/", 1)).one(
            "section"
        )
        assert _shown(panel) == _expected(page.entries.values() if page else ())


async def test_the_line_of_a_long_series_has_its_last_hundred(store: Store) -> None:
    """Of a series of 150 the line begins with the observation that is a hundred back."""
    record = await Record(store).open()
    figure = Figure("killed", Source("Ministry"))
    days = [START.date() + timedelta(days=day) for day in range(150)]
    fields = [
        {"headline": "One", "figures": (replace(figure, low=day, high=day, as_of=at),)}
        for day, at in enumerate(days)
    ]
    await record.act_all(Action("publish", fields=each) for each in fields)  # type: ignore[arg-type]
    async with store.reading() as session:
        found = await read_observations(session, record.slug, last=LONGEST_LINE)
    assert len(found) == LONGEST_LINE + 1  # and the first one, which decides the order
    panel = parse(_RENDERER.figures(COVERAGE, FigureTable.arrange(found), "/", 1)).one("section")
    label = panel.one("svg").attributes["aria-label"] or ""
    assert [end.split(",")[0] for end in label.split(" \u2013 ")] == ["50", "149"]
    assert [each[0] for each in _shown(panel)] == ["149"]
