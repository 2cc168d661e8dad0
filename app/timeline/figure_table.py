"""Figure table: what a page shows of a coverage's figures, brought up to date by what has changed.

Of a series it has the latest observations and the first one, however long the series is. It knows
from which rank on it has all of them: a change above that is applied without the others, and a
change that needs them is refused, so that they are read again.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeVar

from app.timeline.figure import Series
from app.timeline.ledger import Observation

LONGEST_LINE = 100  # observations of a series, the latest ones
_MOST_DERIVED = 16  # values; a coverage has some four: its language, with and without pictures

Derived = TypeVar("Derived")


@dataclass(frozen=True, slots=True)
class ObservedSeries:
    """A series: its latest observations in order of rank, up to a limit, and the first one.

    `is_whole` says that there are no others.
    """

    first: Observation
    latest: tuple[Observation, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class FigureChanges:
    """The observations that a coverage has lost and gained between two events."""

    gone: tuple[Observation, ...] = ()
    new: tuple[Observation, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureTable:
    """The figures of a coverage as of an event, and values that follow from nothing else.

    Two tables are equal if their figures are. `longest` is the limit of each series.
    """

    by_series: Mapping[Series, ObservedSeries] = field(default_factory=dict)
    longest: int = LONGEST_LINE
    _derived: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def arrange(
        cls, observations: Iterable[Observation], longest: int = LONGEST_LINE
    ) -> "FigureTable":
        """Return the table of these observations.

        Args:
            observations: of the standing entries, in any order; of each series at least the first
                one and the latest `longest`, if it has so many.
            longest: how many observations of each series the table has.
        """
        found: dict[Series, list[Observation]] = {}
        for observation in observations:
            found.setdefault(observation.figure.series, []).append(observation)
        # A reading that is full may have left some out.
        return cls(
            {n: _observe(each, longest, len(each) < longest) for n, each in found.items()}, longest
        )

    @property
    def series(self) -> tuple[tuple[Observation, ...], ...]:
        """The latest observations of each series, the one that appeared first in the journal first.

        Those of one series are in order of rank.
        """
        in_order = sorted(self.by_series.values(), key=lambda one: _appearance(one.first))
        return tuple(one.latest for one in in_order)

    @property
    def size(self) -> int:
        """The number of observations."""
        return sum(len(one.latest) for one in self.by_series.values())

    def apply(self, changes: FigureChanges) -> "FigureTable | None":
        """Return the table after changes; this one if it shows none of what has changed.

        Returns:
            None if the table does not have the observations on which the result depends.
        """
        by_series = dict(self.by_series)
        for names in {each.figure.series for each in chain(changes.gone, changes.new)}:
            gone = {_place(each) for each in changes.gone if each.figure.series == names}
            new = [each for each in changes.new if each.figure.series == names]
            before = by_series.pop(names, None)
            if before is None:
                after = _observe(new, self.longest) if new else None
            elif before.is_whole:
                left = [each for each in before.latest if _place(each) not in gone]
                after = _observe([*left, *new], self.longest) if left or new else None
            else:
                after = _revise(before, gone, new, self.longest)
                if after is None:
                    return None
            if after is not None:
                by_series[names] = after
        return self if by_series == self.by_series else FigureTable(by_series, self.longest)

    def derive(self, key: Hashable, make: Callable[[], Derived]) -> Derived:
        """Return a value that follows from these figures and the key alone; it is made once.

        Args:
            key: everything else that the value depends on.
            make: makes the value.
        """
        if key not in self._derived:
            if len(self._derived) >= _MOST_DERIVED:
                self._derived.clear()
            self._derived[key] = make()
        value: Derived = self._derived[key]
        return value


def _observe(
    observations: Collection[Observation], longest: int, is_whole: bool = True
) -> ObservedSeries:
    """Arrange a series; `is_whole` says that these are all of its observations."""
    in_order = sorted(observations, key=lambda each: each.rank)
    first = min(observations, key=_appearance)
    latest = tuple(in_order[-longest:])
    return ObservedSeries(first, latest, is_whole and len(in_order) <= longest)


def _revise(
    before: ObservedSeries,
    gone: Collection[tuple[str, int]],
    new: Collection[Observation],
    longest: int,
) -> ObservedSeries | None:
    """Change a series whose earlier observations are not known; None if the result needs them."""
    if _place(before.first) in gone:
        return None
    floor = before.latest[0].rank  # from here on, all observations are known
    left = [each for each in before.latest if _place(each) not in gone]
    above = [each for each in new if each.rank > floor]
    if len(left) + len(above) < longest:
        return None
    latest = tuple(sorted([*left, *above], key=lambda each: each.rank)[-longest:])
    return ObservedSeries(min([before.first, *new], key=_appearance), latest, is_whole=False)


def _appearance(observation: Observation) -> tuple[int, int]:
    return observation.seq, observation.position


def _place(observation: Observation) -> tuple[str, int]:
    return observation.entry_id, observation.position
