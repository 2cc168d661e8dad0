"""Ledger: what each source says now of each metric and group, from the figures of all entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from app.timeline.figure import Figure, bounds


@dataclass(frozen=True, slots=True)
class Observation:
    """A figure in the entry that reports it.

    `seq` and `published_at` are those of the entry's publication; `position` is the index among the
    entry's figures.
    """

    figure: Figure
    entry_id: str
    seq: int
    position: int
    published_at: datetime

    @property
    def rank(self) -> tuple[datetime, int, int]:
        """The order within a series, the current observation last."""
        return self.figure.instant(self.published_at), self.seq, self.position


@dataclass(frozen=True, slots=True)
class SourceLine:
    """The current observation of a series, and the one before it, if there is one."""

    current: Observation
    earlier: Observation | None


@dataclass(frozen=True, slots=True)
class LedgerGroup:
    """All sources on one metric and group, in the order of their first appearance.

    `sources_differ` says that two current observations have no number in common.
    """

    metric: str
    group: str | None
    sources: tuple[SourceLine, ...]

    @property
    def sources_differ(self) -> bool:
        """Whether the current ranges of two sources do not meet."""
        ranges = [found for line in self.sources if (found := bounds(line.current.figure))]
        # Ranges of which every two meet have one number in common.
        return bool(ranges) and max(low for low, _ in ranges) > min(high for _, high in ranges)


@dataclass(frozen=True, slots=True)
class FlatLine:
    """An observation, with the id of the entry whose observation follows it in its series."""

    observation: Observation
    superseded_by: str | None


def ledger(observations: Iterable[Observation]) -> tuple[LedgerGroup, ...]:
    """Group observations by metric and group, in the order of their first appearance.

    The names are written as in the current observation of the first source.

    Args:
        observations: of the standing entries, in any order; of each series at least the last two
            and the first one.
    """
    return group_series(by_series(observations))


def group_series(series: Iterable[Sequence[Observation]]) -> tuple[LedgerGroup, ...]:
    """Group series, as `by_series` returns them."""
    groups: dict[tuple[str, str], list[SourceLine]] = {}
    for observed in series:
        own = observed[-1].figure.series
        earlier = observed[-2] if len(observed) > 1 else None
        groups.setdefault((own.metric, own.group), []).append(SourceLine(observed[-1], earlier))
    return tuple(
        LedgerGroup(lines[0].current.figure.metric, lines[0].current.figure.group, tuple(lines))
        for lines in groups.values()
    )


def flatten(observations: Iterable[Observation]) -> tuple[FlatLine, ...]:
    """Return each observation with its successor, by series and, in each, the oldest first."""
    lines = []
    for observed in by_series(observations):
        lines += [FlatLine(one, following.entry_id) for one, following in pairwise(observed)]
        lines.append(FlatLine(observed[-1], None))
    return tuple(lines)


def by_series(observations: Iterable[Observation]) -> Sequence[list[Observation]]:
    """Return each series in order of rank, the one that appeared first in the journal first."""
    series: dict[object, list[Observation]] = {}
    for observation in sorted(observations, key=lambda o: (o.seq, o.position)):
        series.setdefault(observation.figure.series, []).append(observation)
    return [sorted(observed, key=lambda o: o.rank) for observed in series.values()]
