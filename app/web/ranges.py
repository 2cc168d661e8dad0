"""Parts of a file: what a client asks for with `Range`.

One range is answered; several at once are answered with the whole, as a server may.

Source: RFC 9110, section 14.
"""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes[ \t]*=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


class RangeNotSatisfiable(Exception):
    """The range begins behind the end of the file."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes.")
        self.size = size


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to and without `stop`, in bytes."""

    start: int
    stop: int


def parse_range(header: str | None, size: int) -> Span | None:
    """The part that is asked for; None for the whole.

    Args:
        header: `Range`; None without one.
        size: of the file, in bytes.

    Raises:
        RangeNotSatisfiable: none of it is there.
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
        return None  # not a range at all
    if start >= size:
        raise RangeNotSatisfiable(size)
    return Span(start, min(int(match[2]) + 1, size) if match[2] else size)
