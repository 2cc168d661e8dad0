"""The replay's clock: monotonic, at any speed, up to the released time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.demo.clock import ReplayClock

START = datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class ManualClock:
    """A monotonic clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_it_stands_until_it_is_released() -> None:
    """Before the replay begins the clock stands still."""
    tick = ManualClock()
    clock = ReplayClock(START, 60, tick)
    tick.seconds += 100
    assert clock() == START


def test_it_runs_at_its_speed_and_waits_where_it_was_released_to() -> None:
    """At speed 60 a second is a minute; the clock stops at the released time."""
    tick = ManualClock()
    clock = ReplayClock(START, 60, tick)
    clock.release(START + 90 * SECOND)
    tick.seconds += 1
    assert clock() == START + 60 * SECOND
    assert clock.seconds_until(START + 90 * SECOND) == 0.5
    tick.seconds += 1
    assert clock() == START + 90 * SECOND
    assert clock.seconds_until(START) == 0


def test_advanced_it_stands_at_that_moment() -> None:
    """Advanced to the released time, the clock stops there."""
    tick = ManualClock()
    clock = ReplayClock(START, 60, tick)
    clock.release(START + 7200 * SECOND)
    tick.seconds += 1
    clock.advance(START + 7200 * SECOND)
    tick.seconds += 1
    assert clock() == START + 7200 * SECOND


def test_in_the_end_it_runs_like_any_clock() -> None:
    """After the script the clock runs in real time."""
    tick = ManualClock()
    clock = ReplayClock(START, 600, tick)
    clock.release_fully()
    tick.seconds += 10_000_000
    assert clock() == START + 10_000_000 * SECOND


@given(
    st.floats(0.1, 1e9),
    st.lists(
        st.tuples(
            st.sampled_from(["release", "advance", "release_fully"]),
            st.integers(-10_000, 10_000),
            st.floats(0, 1000),
        )
    ),
)
def test_it_never_goes_back(speed: float, calls: list[tuple[str, int, float]]) -> None:
    """No sequence of calls sets the clock back, not even with an earlier time."""
    tick = ManualClock()
    clock = ReplayClock(START, speed, tick)
    readings = [clock()]
    for name, seconds, elapsed in calls:
        time = [] if name == "release_fully" else [START + seconds * SECOND]
        getattr(clock, name)(*time)
        readings.append(clock())
        tick.seconds += elapsed
        readings.append(clock())
    assert readings == sorted(readings)
    assert all(time.microsecond % 1000 == 0 for time in readings)
