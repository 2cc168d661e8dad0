"""Request head: what its target and fields say before an application has seen them."""

from collections.abc import Sequence

FIELD_COST = 32  # overhead in bytes that each field counts, as in RFC 9113, section 6.5.2
_LINE_COST = 4  # bytes of a field's colon, space and line end

Headers = Sequence[tuple[bytes, bytes]]


def size_of_head(target: bytes, headers: Headers) -> int:
    """Return the bytes that a head counts."""
    lines = sum(len(name) + len(value) + _LINE_COST for name, value in headers)
    return len(target) + lines + FIELD_COST * len(headers)


def accepts_stream(headers: Headers) -> bool:
    """Return whether the client names server-sent events among the types that it accepts."""
    return any(name == b"accept" and b"event-stream" in value.lower() for name, value in headers)


def has_body(headers: Headers) -> bool:
    """Return whether a body follows the head."""
    for name, value in headers:
        if name == b"transfer-encoding" or (name == b"content-length" and value.strip() != b"0"):
            return True
    return False
