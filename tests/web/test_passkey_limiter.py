"""Promises of the count of wrong passkeys."""

import pytest

from app.web.knocks import TooManyTries
from app.web.passkey_limiter import PasskeyLimiter


def test_wrong_passkeys_of_an_address_have_to_wait():
    """Twenty in five minutes; those that were right do not count, nor do other addresses."""
    limiter = PasskeyLimiter("192.0.2.1")
    for _ in range(100):
        limiter.count("198.51.100.1")
        limiter.take_back("198.51.100.1")
    for _ in range(20):
        limiter.count("198.51.100.1")
    with pytest.raises(TooManyTries, match="Wait") as refusal:
        limiter.count("198.51.100.1")
    assert 0 < refusal.value.seconds <= 300
    limiter.count("198.51.100.2")


@pytest.mark.parametrize("address", [None, "192.0.2.1"])
def test_who_has_no_address_of_their_own_does_not_wait(address: str | None):
    """A proxy's address is everybody's, and says nothing of who is there."""
    limiter = PasskeyLimiter("192.0.2.1")
    for _ in range(100):
        limiter.count(address)
