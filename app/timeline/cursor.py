"""A place in one coverage's journal, as clients carry it: `EPOCH-SEQ`.

Refuses whatever this program cannot have issued, so that a client never resumes from a guess.
"""

import re
from dataclasses import dataclass

from app.timeline.errors import UnknownCursor

_FORM = re.compile(r"([0-9a-z]{1,32})-(0|[1-9][0-9]{0,14})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything up to and including `seq` has been seen, in the journal's life `epoch`."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"

    def at(self, seq: int) -> "Cursor":
        """The same journal, another place."""
        return Cursor(self.epoch, seq)


def parse_cursor(text: str, head: Cursor) -> Cursor:
    """Read a client's cursor against the journal's head.

    Args:
        text: what the client sent; `0` means the beginning.
        head: where the journal ends now.

    Raises:
        UnknownCursor: it does not parse, is of another epoch, or lies past the head.
    """
    if text == "0":
        return head.at(0)
    match = _FORM.fullmatch(text)
    if match is None:
        raise UnknownCursor("This is not a cursor of this journal.")
    cursor = Cursor(match[1], int(match[2]))
    if cursor.epoch != head.epoch:
        raise UnknownCursor("The cursor is of another life of this journal: load anew.")
    if cursor.seq > head.seq:
        raise UnknownCursor("The cursor lies past the end of this journal: load anew.")
    return cursor
