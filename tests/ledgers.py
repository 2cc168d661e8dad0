"""The ledger computed from scratch, to compare what the program reads with.

It looks at each observation of each standing entry and shares no code with the program but the
entries themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from app.timeline.claim import Claim
from app.timeline.entry import Entry
from app.timeline.figure import Figure

Names = tuple[str, ...]


@dataclass(frozen=True)
class Sighting:
    """A figure with the id, the seq and the time of publication of its entry, and its index."""

    figure: Figure
    entry_id: str
    seq: int
    index: int
    published_at: datetime

    @property
    def series(self) -> Names:
        """The names that its series has in common."""
        return (*self.topic, plain(self.figure.source.name))

    @property
    def topic(self) -> Names:
        """What is counted, and of whom."""
        return plain(self.figure.metric), plain(self.figure.group or "")

    @property
    def time(self) -> str:
        """The time that it is the number of, as text that sorts."""
        as_of: date = self.figure.as_of or self.published_at
        if not isinstance(as_of, datetime):
            return f"{as_of.isoformat()}T00:00:00.000000"
        return as_of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").zfill(26)


def plain(name: str) -> str:
    """Return a name without case and with single spaces."""
    return " ".join(name.split()).casefold()


def sightings(entries: Iterable[Entry]) -> list[Sighting]:
    """Return all figures of published entries, in order of publication."""
    seen = []
    for entry in entries:
        if entry.status == "published":
            assert entry.seq is not None
            assert entry.published_at is not None
            for index, figure in enumerate(entry.figures):
                seen.append(Sighting(figure, entry.id, entry.seq, index, entry.published_at))
    return sorted(seen, key=lambda one: (one.seq, one.index))


def expected_ledger(seen: list[Sighting]) -> list[dict[str, Any]]:
    """Return the ledger: by topic, the current and the earlier sighting of each source."""
    groups = []
    for topic in dict.fromkeys(one.topic for one in seen):
        of_topic = [one for one in seen if one.topic == topic]
        sources = []
        for series in dict.fromkeys(one.series for one in of_topic):
            ordered = in_order(one for one in of_topic if one.series == series)
            sources.append((ordered[-1], ordered[-2] if len(ordered) > 1 else None))
        now = [current.figure for current, _ in sources]
        differ = any(apart(one, other) for one in now for other in now)
        groups.append({"topic": topic, "sources": sources, "differ": differ})
    return groups


def in_order(seen: Iterable[Sighting]) -> list[Sighting]:
    """Return the sightings of one series, the current one last."""
    return sorted(seen, key=lambda one: (one.time, one.seq, one.index))


def apart(one: Figure, other: Figure) -> bool:
    """Whether every number that one figure allows is below every one of the other."""
    if one.low is None and one.high is None:
        return False
    return one.high is not None and other.low is not None and one.high < other.low


def expected_claims(entries: Iterable[Entry]) -> set[tuple[str, Claim]]:
    """Return all claims of published entries, each with the id of its entry."""
    return {
        (entry.id, claim)
        for entry in entries
        if entry.status == "published"
        for claim in entry.claims
    }
