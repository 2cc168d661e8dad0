"""The encoding of a notification."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.broker.broker import Notification, decode_notification, encode_notification
from app.broker.remote import HEARTBEAT

_slugs = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=100)
_topics = st.tuples(st.sampled_from(["", "~", "~~", "~~~"]), _slugs).map("".join)


@given(st.builds(Notification, _topics, st.integers(1, 2**63 - 1)))
def test_an_announcement_comes_back_as_it_went_out(notification):
    """Every valid notification survives encoding and decoding."""
    assert decode_notification(encode_notification(notification)) == notification


@given(st.one_of(st.text(), st.from_regex(r"\A[a-zA-Z0-9:.\-\n]{0,30}\Z")))
def test_a_payload_is_an_announcement_to_the_letter_or_refused(payload):
    """A payload is refused, or is the only encoding of its notification."""
    try:
        notification = decode_notification(payload)
    except ValueError:
        return
    assert encode_notification(notification) == payload


@pytest.mark.parametrize(
    "payload", [HEARTBEAT, "a:٣", "a:1٣", "a:1 ", " a:1", "a:01", "a:+1", "a:1_0"]
)
def test_what_python_would_read_as_a_number_is_still_refused(payload: str):
    """Digits that `int()` would accept, but the format does not, are refused."""
    with pytest.raises(ValueError, match="topic:seq"):
        decode_notification(payload)
