"""The limit of sign-in attempts."""

import pytest

from app.web.rate_limits.sign_ins import SignInLimiter, TooManyTries


def test_wrong_passkeys_of_an_address_have_to_wait():
    """An address has 20 failed passkey attempts in five minutes; cancelled ones do not count."""
    sign_in_limiter = SignInLimiter("192.0.2.1")
    for _ in range(100):
        attempt = sign_in_limiter.by_passkey("198.51.100.1")
        attempt.count()
        attempt.cancel()
    for _ in range(20):
        sign_in_limiter.by_passkey("198.51.100.1").count()
    with pytest.raises(TooManyTries, match="Wait") as refusal:
        sign_in_limiter.by_passkey("198.51.100.1").count()
    assert 0 < refusal.value.seconds <= 300
    sign_in_limiter.by_passkey("198.51.100.2").count()


@pytest.mark.parametrize("address", [None, "192.0.2.1"])
def test_who_has_no_address_of_their_own_does_not_wait(address: str | None):
    """Attempts without an address, or from a trusted proxy, are not limited."""
    sign_in_limiter = SignInLimiter("192.0.2.1")
    for _ in range(100):
        sign_in_limiter.by_passkey(address).count()
