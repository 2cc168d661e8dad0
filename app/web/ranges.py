"""Range requests: parse the header `Range` for parts of a file.

A single range is supported; a request for several is answered with the whole file, as RFC 9110
allows.

Source: RFC 9110, section 14.
"""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


class RangeNotSatisfiable(Exception):
    """The range begins after the end of the file."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes.")
        self.size = size


@dataclass(frozen=True, slots=True)
class Span:
    """A range of bytes: `start` is included, `stop` is not."""

    start: int
    stop: int


def parse_range(header: str | None, size: int) -> Span | None:
    """Return the requested range; None for the whole file.

    Args:
        header: the header `Range`; None without one.
        size: bytes of the file.

    Raises:
        RangeNotSatisfiable: the file has no byte of the range.
    """
    match = _ONE.fullmatch(header or "")
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        length = int(match[2])
        if length == 0 or size == 0:
            raise RangeNotSatisfiable(size)
        return Span(max(0, size - length), size)
    start = int(match[1])
    if match[2] and int(match[2]) < start:
        return None  # an invalid range is ignored
    if start >= size:
        raise RangeNotSatisfiable(size)
    return Span(start, min(int(match[2]) + 1, size) if match[2] else size)
