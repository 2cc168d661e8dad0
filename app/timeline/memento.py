"""Mementos: the past states of a page, one for each second in which something changed (RFC 7089).

The datetimes of Memento have seconds and no fractions. So all events of one second make one
memento: the page as it was at the end of that second.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

_LAST_MILLISECOND = timedelta(milliseconds=999)


def second_of(time: datetime) -> datetime:
    """Return the second that a time lies in."""
    return time.replace(microsecond=0)


def end_of_second(time: datetime) -> datetime:
    """Return the last time in the same second; journals have milliseconds."""
    return second_of(time) + _LAST_MILLISECOND


@dataclass(frozen=True, slots=True)
class Mementos:
    """The mementos around a time, each by its second.

    `current` is the one that shows the page as of that time, None before the first one; `previous`
    and `next` are its neighbours, None where there is none.
    """

    first: datetime
    last: datetime
    current: datetime | None
    previous: datetime | None
    next: datetime | None

    def is_settled(self, as_of: datetime, now: datetime) -> bool:
        """Return whether the page as of a time can no longer get other events."""
        return as_of <= max(now, end_of_second(self.last))
