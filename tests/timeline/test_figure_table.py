"""The table of figures: brought up to date by changes, it is the one that is read anew."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import event, given
from hypothesis import strategies as st

from app.timeline.claim import Source
from app.timeline.figure import Figure
from app.timeline.figure_table import FigureChanges, FigureTable
from app.timeline.ledger import Observation, by_series
from tests.strategies import START

_FIGURES = st.builds(
    lambda number, hours, **names: Figure(
        low=number, high=number, as_of=hours and START + timedelta(hours=hours), **names
    ),
    number=st.integers(0, 9),
    hours=st.none() | st.integers(1, 30),
    metric=st.sampled_from(["killed", "Killed ", "killed", "injured"]),
    source=st.sampled_from([Source("Ministry"), Source("MINISTRY")]),
)
# Of an entry, by its number: the figures that it has from then on. A large number is a new entry.
_REVISIONS = st.tuples(st.integers(0, 40), st.lists(_FIGURES, max_size=2))


def _observations(entry: int, figures: Sequence[Figure]) -> list[Observation]:
    at = START + timedelta(minutes=entry)
    return [Observation(f, f"e{entry}", entry, n, at) for n, f in enumerate(figures)]


def _read(observations: Iterable[Observation], longest: int) -> list[Observation]:
    """Return what a reading of a database returns: of each series the latest and the first."""
    found = []
    for of_one in by_series(observations):
        first = min(of_one, key=lambda each: (each.seq, each.position))
        found += [*of_one[-longest:], *([first] if first not in of_one[-longest:] else [])]
    return found


@given(st.lists(st.lists(_REVISIONS, min_size=1, max_size=4), max_size=12), st.integers(2, 5))
def test_a_table_brought_up_to_date_is_the_one_that_is_read_anew(
    steps: list[list[tuple[int, list[Figure]]]], longest: int
) -> None:
    """After any changes, the table shows what one that is read then shows, or asks to be read."""
    standing: dict[int, list[Observation]] = {}
    table = FigureTable.arrange([], longest)
    for revisions in steps:
        before = dict(standing)
        standing |= {entry: _observations(entry, figures) for entry, figures in revisions}
        revised = [entry for entry in dict(revisions) if before.get(entry, []) != standing[entry]]
        changes = FigureChanges(
            gone=tuple(each for entry in revised for each in before.get(entry, ())),
            new=tuple(each for entry in revised for each in standing[entry]),
        )
        present = [each for of_one in standing.values() for each in of_one]
        anew = FigureTable.arrange(_read(present, longest), longest)
        applied = table.apply(changes)
        event("read anew" if applied is None else "brought up to date")
        if applied is not None:
            assert applied.series == anew.series
        table = applied or anew


def test_a_new_number_of_a_long_series_needs_no_other() -> None:
    """The latest number and its correction are taken without the numbers that are not shown."""
    figure = Figure("killed", Source("Ministry"), low=1, high=1)
    series = [_observations(entry, [figure])[0] for entry in range(50)]
    table = FigureTable.arrange([series[0], *series[-3:]], 3)
    (new,) = _observations(50, [figure])
    after = table.apply(FigureChanges(new=(new,)))
    assert after is not None
    assert after.series == ((*series[-2:], new),)
    corrected = replace(new, figure=replace(figure, low=2, high=2))
    again = after.apply(FigureChanges(gone=(new,), new=(corrected,)))
    assert again is not None
    assert again.series == ((*series[-2:], corrected),)


def test_a_change_that_is_not_shown_leaves_what_was_made_of_the_table() -> None:
    """What was derived from a table is made again only when a number that it shows changes."""
    figure = Figure("killed", Source("Ministry"), low=1, high=1)
    series = [_observations(entry, [figure])[0] for entry in range(50)]
    table = FigureTable.arrange([series[0], *series[-3:]], 3)
    made: list[str] = []

    def derive(of: FigureTable | None) -> int:
        assert of is not None
        return of.derive("length", lambda: made.append("once") or len(of.series[0]))

    old = replace(series[7], figure=replace(figure, low=2, high=2))
    unchanged = table.apply(FigureChanges(gone=(series[7],), new=(old,)))
    assert [derive(table), derive(unchanged)] == [3, 3]
    assert made == ["once"]
    derive(table.apply(FigureChanges(new=tuple(_observations(50, [figure])))))
    assert made == ["once", "once"]


def test_a_change_that_needs_what_is_not_known_is_refused() -> None:
    """Without a number that it shows, a long series has to be read again."""
    figure = Figure("killed", Source("Ministry"), low=1, high=1)
    series = [_observations(entry, [figure])[0] for entry in range(50)]
    table = FigureTable.arrange([series[0], *series[-3:]], 3)
    for gone in (series[0], series[-1]):
        assert table.apply(FigureChanges(gone=(gone,))) is None
