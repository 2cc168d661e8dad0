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
        return all(type(k) is str and k.isascii() and _is_plain(v) for k, v in value.items())
    if kind is list:
        return all(map(_is_plain, value))
    return kind is int and -_LARGEST <= value <= _LARGEST
