"""The limit of writes."""

import pytest

from app.web.problems import problem
from app.web.rate_limits.too_many_requests import TooManyRequests
from app.web.rate_limits.writes import WriteLimiter


def test_a_caller_may_write_as_often_as_the_limit_says():
    """Beyond the limit a caller gets a 429 with `Retry-After`; another caller does not."""
    write_limiter = WriteLimiter(3)
    for _ in range(3):
        write_limiter.check("key:1")
    with pytest.raises(TooManyRequests) as refused:
        write_limiter.check("key:1")
    write_limiter.check("key:2")
    assert 1 <= refused.value.seconds <= 60
    response = problem(refused.value)
    assert response.status_code == 429
    assert response.headers["retry-after"] == str(refused.value.seconds)
