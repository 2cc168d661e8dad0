"""Canonical JSON (RFC 8785): equal values are equal bytes, whoever encodes them."""

from typing import Any

import orjson
import rfc8785

_LARGEST = 2**53 - 1  # JSON's numbers are doubles in RFC 8785, which hold larger integers inexactly


def canonicalise(value: Any) -> bytes:
    """Encode a value that was read from JSON by RFC 8785.

    Raises:
        ValueError: it has an integer that a double cannot hold.
    """
    if _is_plain(value):
        # A hundred times as fast, and the same bytes: the two differ in numbers with a fraction and
        # in the order of keys beyond ASCII.
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return rfc8785.dumps(value)


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        # Loops, since generators take twice as long.
        for key, member in value.items():
            if type(key) is not str or not key.isascii() or not _is_plain(member):
                return False
        return True
    if kind is list:
        for item in value:  # noqa: SIM110
            if not _is_plain(item):
                return False
        return True
    return kind is int and -_LARGEST <= value <= _LARGEST
