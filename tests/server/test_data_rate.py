"""The minimum data rate of a transfer."""

from hypothesis import given
from hypothesis import strategies as st

from app.server.data_rate import MinDataRate, TransferCredit

RATE = MinDataRate(bytes_per_second=1024, grace=30.0)
SECONDS = st.floats(0.01, 29.0)


def credit() -> TransferCredit:
    """The credit of a transfer that begins at 0."""
    transfer = TransferCredit(RATE)
    transfer.begin(0.0)
    return transfer


@given(st.lists(SECONDS, max_size=50))
def test_who_is_as_fast_as_asked_is_never_too_slow(pauses: list[float]) -> None:
    """A transfer at the minimum rate never expires, if no pause lasts as long as the grace."""
    transfer, now = credit(), 0.0
    for pause in pauses:
        now += pause
        assert transfer.left(now) > 0
        transfer.add(round(pause * 1024) + 1, now)


@given(st.lists(st.tuples(SECONDS, st.integers(0, 100)), min_size=1))
def test_who_is_slower_is_found_out(pieces: list[tuple[float, int]]) -> None:
    """The credit is the grace, less the elapsed time, plus the time of the transferred bytes."""
    transfer, now, sent = credit(), 0.0, 0
    for pause, size in pieces:
        now += pause
        sent += size
        transfer.add(size, now)
    assert transfer.left(now) <= 30 - now + sent / 1024 + 1e-6


def test_a_byte_in_each_pause_is_too_slow() -> None:
    """One byte in each pause, which would never exceed a limit of pauses, is too slow."""
    transfer, now = credit(), 0.0
    while transfer.left(now) > 0 and now < 3600:
        now += 22
        transfer.add(1, now)
    assert now <= 66


def test_a_phone_on_a_bad_line_is_fast_enough() -> None:
    """64 kbit/s with a pause of 20 seconds in every minute is fast enough for an hour."""
    transfer, now = credit(), 0.0
    for _ in range(60):
        now += 20
        assert transfer.left(now) > 0
        for _ in range(40):
            now += 1
            transfer.add(8000, now)


@given(st.integers(0, 1000))
def test_no_time_is_counted_in_which_the_client_is_not_read(pause: int) -> None:
    """Time during which the client cannot send is not counted."""
    transfer = credit()
    transfer.pause(10.0)
    assert transfer.left(10.0 + pause) == 20.0
    transfer.resume(10.0 + pause)
    assert transfer.left(10.0 + pause + 5) == 15.0


def test_a_fast_beginning_buys_no_long_pause() -> None:
    """The credit never exceeds the grace."""
    transfer = credit()
    transfer.add(1024 * 1024, 1.0)
    assert transfer.left(1.0) == 30.0
