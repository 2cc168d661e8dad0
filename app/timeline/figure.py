"""Figure: a number that a source gives for a metric, such as the people killed in a group."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from app.timeline.claim import Assessment, AssessmentStatus, Source
from app.timeline.errors import UnknownStatement

LARGEST_FIGURE_COUNT = 20  # of an entry
LARGEST_NUMBER = 2**53 - 1  # every JSON parser reads an integer up to here exactly
METRICS = (
    *("killed", "injured", "missing", "captured", "displaced", "evacuated", "arrested"),
    *("rescued", "destroyed", "votes", "seats"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, or the statement that none was reported.

    `low` and `high` are the bounds of a range, equal for one number; None is unbounded. Without
    both, `text` has words such as "dozens"; without it too, the source reports no number. `group`
    is None for everybody, `as_of` None for the time of publication; a date begins at midnight UTC.
    """

    metric: str
    source: Source
    group: str | None = None
    low: float | None = None
    high: float | None = None
    about: bool = False
    text: str | None = None
    as_of: date | None = None  # or a datetime, which is a date too
    status: AssessmentStatus = "reported"
    note: str | None = None

    @property
    def value(self) -> str:
        """The value in symbols that need no translation, such as `>150`, `~60` or a range."""
        sign = "~" if self.about else ""
        if self.low is None and self.high is None:
            return self.text or "?"
        if self.high is None:
            return f"{sign}>{self.low}"
        if self.low is None:
            return f"{sign}<{self.high}"
        return f"{sign}{self.low}" + ("" if self.low == self.high else f"\u2013{self.high}")

    @property
    def line(self) -> str:
        """The figure in one line of plain text, such as `killed, soldiers: 107 (Ministry)`."""
        about = f"{self.metric}, {self.group}" if self.group else self.metric
        return f"{about}: {self.value} ({self.source.name})"

    @property
    def series(self) -> "Series":
        """The series that it is an observation of."""
        return Series(
            fold_name(self.metric), fold_name(self.group or ""), fold_name(self.source.name)
        )

    def instant(self, published_at: datetime) -> datetime:
        """The time that it is the number of; `published_at` is that of its entry."""
        if isinstance(self.as_of, datetime):
            return self.as_of
        if self.as_of is not None:
            return datetime.combine(self.as_of, time(), UTC)
        return published_at


@dataclass(frozen=True, slots=True)
class Series:
    """What the observations of one series have in common: folded metric, group and source."""

    metric: str
    group: str
    source: str


def fold_name(words: str) -> str:
    """Fold case and collapse white space, for comparisons."""
    return " ".join(words.split()).casefold()


def bounds(figure: Figure) -> tuple[float, float] | None:
    """The range of a figure: a missing lower bound is 0, a missing upper one infinite.

    None for a figure without numbers.
    """
    if figure.low is None and figure.high is None:
        return None
    high = float("inf") if figure.high is None else figure.high
    return (min(0, high) if figure.low is None else figure.low), high


def assess_figure(
    figures: Sequence[Figure], index: int, assessment: Assessment
) -> tuple[Figure, ...]:
    """Return the figures with another assessment of the one at an index.

    Raises:
        UnknownStatement: there is none at that index.
    """
    if not 0 <= index < len(figures):
        raise UnknownStatement("/figure", "The entry has no figure at this index.")
    assessed = replace(figures[index], status=assessment.status, note=assessment.note)
    return (*figures[:index], assessed, *figures[index + 1 :])
