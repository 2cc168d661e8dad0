"""Promises of the fixed window: what a client has used up comes back at its end."""

from app.web.rate_limits.fixed_window import FixedWindow


class Clock:
    """One that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def test_a_client_waits_until_the_window_ends_and_no_longer():
    """Another one is not held up; the last use may be larger than what was left."""
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
    """What was used long ago counts for nothing, and the next one lasts as long as any."""
    clock = Clock()
    window = FixedWindow(1.0, 10, clock)
    window.use("rare", 1.0)
    clock.now += 1000
    assert window.wait("rare") == 0
    window.use("rare", 1.0)
    clock.now += 9
    assert window.wait("rare") == 1


def test_who_has_gone_is_forgotten():
    """However many they were, and whoever comes next."""
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
