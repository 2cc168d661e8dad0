"""Step line: the observations of a series over time, as paths of an SVG.

Lines that are drawn together have one scale, so that they can be compared. A bound is drawn as it
was written, never a mean: of a range the upper bound is the line, and an area goes down to the
lower one. An observation without a number is a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.timeline.ledger import Observation

WIDTH, HEIGHT = 600, 60  # units of the SVG, which a page scales
_LAST_STEP = 30  # units that the latest observation lasts


@dataclass(frozen=True, slots=True)
class StepLine:
    """The line of one series; `line` and `area` are path data, and `area` is empty without ranges.

    `first` and `last` are the observations at its ends.
    """

    line: str
    area: str
    first: Observation
    last: Observation


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    end: datetime
    lowest: float
    highest: float

    def x(self, at: datetime) -> int:
        return round((WIDTH - _LAST_STEP) * ((at - self.start) / (self.end - self.start)))

    def y(self, number: float) -> int:
        share = (number - self.lowest) / ((self.highest - self.lowest) or 1)
        return round(HEIGHT * (1 - share))


# An observation with its instant and its bounds, None without numbers.
_Point = tuple[Observation, datetime, tuple[float, float] | None]


def draw_steps(series: Sequence[Sequence[Observation]]) -> list[StepLine | None]:
    """Draw series on one scale, which begins at 0 unless there are negative numbers.

    Args:
        series: the observations of each, in order of rank.

    Returns:
        A line for each series; None for one that has fewer than two numbers, or all at one time.
    """
    points = [
        [(each, each.figure.instant(each.published_at), _bounds(each)) for each in one]
        for one in series
    ]
    instants = {at for one in points for _, at, _ in one}
    numbers = [number for one in points for _, _, bounds in one for number in bounds or ()]
    if len(instants) < 2:  # noqa: PLR2004  a line has two ends
        return [None] * len(series)
    scale = _Scale(min(instants), max(instants), min(0, *numbers, 0), max(0, *numbers, 0))
    return [_draw(observed, scale) for observed in points]


def _draw(points: Sequence[_Point], scale: _Scale) -> StepLine | None:
    places = [scale.x(at) for _, at, _ in points]
    ends = [*places, WIDTH][1:]
    line, area = [], []
    is_drawn = False  # whether the line goes on from the observation before
    count = 0  # of the numbers
    for (_, _, bounds), start, end in zip(points, places, ends, strict=True):
        if bounds is not None:
            count += 1
            low, high = bounds
            top = scale.y(high)
            line.append(f"V{top}H{end}" if is_drawn else f"M{start} {top}H{end}")
            if low != high and (bottom := scale.y(low)) != top:
                area.append(f"M{start} {bottom}H{end}V{top}H{start}Z")
        is_drawn = bounds is not None
    if count < 2 or len(set(places)) < 2:  # noqa: PLR2004  a line has two ends
        return None
    return StepLine("".join(line), "".join(area), points[0][0], points[-1][0])


def _bounds(observation: Observation) -> tuple[float, float] | None:
    """Return the lower and the upper bound; an unbounded side has the other bound."""
    low, high = observation.figure.low, observation.figure.high
    if low is None:
        return None if high is None else (high, high)
    return low, low if high is None else high
