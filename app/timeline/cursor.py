"""Cursor: a position in a coverage's journal, which clients send as `EPOCH-SEQ`.

The parser refuses every cursor that this program cannot have issued, so that a client never resumes
from a wrong position.
"""

import re
from dataclasses import dataclass

from app.timeline.errors import UnknownCursor

_FORM = re.compile(r"([0-9a-z]{1,32})-(0|[1-9][0-9]{0,14})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The position after the event `seq` of the journal whose epoch is `epoch`."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"

    def at(self, seq: int) -> "Cursor":
        """Return the cursor of another seq in the same journal."""
        return Cursor(self.epoch, seq)


def parse_cursor(text: str, head: Cursor) -> Cursor:
    """Parse a client's cursor, and check it against the journal's head.

    Args:
        text: the text that the client sent; `0` means the beginning.
        head: the journal's head now.

    Raises:
        UnknownCursor: it does not parse, has another epoch, or lies past the head.
    """
    if text == "0":
        return head.at(0)
    cursor = parse_any_cursor(text)
    if cursor.epoch != head.epoch:
        raise UnknownCursor("The cursor is from another epoch of this journal: reload the page.")
    if cursor.seq > head.seq:
        raise UnknownCursor("The cursor lies past the end of this journal: reload the page.")
    return cursor


def parse_any_cursor(text: str) -> Cursor:
    """Parse a cursor of any journal, which its epoch identifies.

    Raises:
        UnknownCursor: it does not parse.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise UnknownCursor("This is not a cursor of a journal here.")
    return Cursor(match[1], int(match[2]))
