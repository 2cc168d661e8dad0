"""Canonical JSON, commitments and leaves."""

from hashlib import sha256

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.formats.log.canonical_json import canonicalise
from app.formats.log.leaf import DERIVED, Leaf, commit
from app.formats.log.proof import read_leaf
from app.formats.public_json import encode_coverage, encode_entry
from app.timeline.event import COVERAGE_EVENTS, ENTRY_EVENTS
from tests.formats.samples import AT, COVERAGE, ENTRY
from tests.strategies import moments, words

_LARGEST = 2**53 - 1
NUMBERS = st.integers(-_LARGEST, _LARGEST) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | words(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words(), inner, max_size=4),
)


@given(VALUES)
def test_canonical_json_is_that_of_rfc_8785(value: object) -> None:
    """Every value is encoded as the library for RFC 8785 does it, also when it has been stored."""
    encoded = canonicalise(value)
    assert encoded == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert canonicalise(orjson.loads(orjson.dumps(value))) == encoded


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf")])
def test_what_json_cannot_hold_exactly_is_refused(value: object) -> None:
    """Numbers beyond a double's integers, and what is no number, are refused."""
    with pytest.raises(ValueError, match=r"."):
        canonicalise({"value": [value]})


def test_a_commitment_is_the_hash_of_salt_and_record() -> None:
    """A commitment is SHA-256 of the salt and the canonical JSON of the record as exported."""
    salt, record = bytes(range(16)), encode_entry(ENTRY)
    expected = sha256(salt + rfc8785.dumps(record)).digest()
    assert commit(salt, "entry.published", record) == expected


def test_what_follows_from_other_events_is_not_committed_to() -> None:
    """A coverage's commitment leaves out the members that a retraction rewrites, and no others."""
    salt, record = bytes(16), encode_coverage(COVERAGE)
    before = commit(salt, "coverage.opened", record)
    for name in record:
        changed = commit(salt, "coverage.opened", {**record, name: "changed"})
        assert (changed == before) == (name in DERIVED), name


@given(
    st.integers(1, _LARGEST),
    st.sampled_from(sorted(COVERAGE_EVENTS | ENTRY_EVENTS)),
    moments(),
    st.none() | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,20}", fullmatch=True),
    st.binary(min_size=32, max_size=32),
)
def test_a_leaf_reads_back_as_it_was(
    seq: int, event_type: str, at: object, entry: str | None, commitment: bytes
) -> None:
    """A leaf is the canonical JSON of five members, and decodes to an equal leaf."""
    leaf = Leaf(seq, event_type, at, entry, commitment)  # type: ignore[arg-type]
    document = orjson.loads(leaf.encode())
    assert set(document) == {"seq", "type", "at", "entry", "commitment"}
    assert rfc8785.dumps(document) == leaf.encode()
    assert read_leaf(document) == leaf


def test_the_bytes_of_a_leaf_stay_what_they_are() -> None:
    """The form of a leaf never changes, since kept checkpoints depend on it."""
    leaf = Leaf(7, "entry.published", AT, "landed", bytes(31) + b"\xff")
    assert leaf.encode() == (
        b'{"at":"1969-07-20T20:17:40.000Z","commitment":"%b","entry":"landed","seq":7,'
        b'"type":"entry.published"}' % (b"00" * 31 + b"ff")
    )
