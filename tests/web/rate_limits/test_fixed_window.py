"""The fixed-window limiter: used-up capacity returns at the end of the window."""

from app.web.rate_limits.fixed_window import FixedWindow


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        """The time in seconds."""
        return self.now


def test_a_client_waits_until_the_window_ends_and_no_longer():
    """A client waits for the end of its window only; the last use may exceed the rest of it."""
    clock = Clock()
    window = FixedWindow(1.0, 10, clock)
    window.use("hungry", 0.9)
    assert window.wait("hungry") == 0
    clock.now += 4
    window.use("hungry", 5.0)
    window.use("late", 1.0)
    assert window.wait("hungry") == 6
    assert window.wait("late") == 10
    assert window.wait("modest") == 0
    clock.now += 6
    assert window.wait("hungry") == 0
    assert window.wait("late") == 4


def test_windows_follow_each_other_also_after_a_long_silence():
    """A use in an earlier window does not count, and every window has the full length."""
    clock = Clock()
    window = FixedWindow(1.0, 10, clock)
    window.use("rare", 1.0)
    clock.now += 1000
    assert window.wait("rare") == 0
    window.use("rare", 1.0)
    clock.now += 9
    assert window.wait("rare") == 1


def test_who_has_gone_is_forgotten():
    """Expired windows are removed when any client uses the next one."""
    clock = Clock()
    window = FixedWindow(1.0, 10, clock)
    for number in range(1000):
        window.use(f"client {number}", 1.0)
        clock.now += 0.001
    assert len(window) == 1000
    clock.now += 10
    window.use("client 0", 0.5)
    assert len(window) == 1
    assert window.wait("client 0") == 0
