"""Replay: a stream resumes so that each seq comes once, in ascending order, without a gap.

Theory of operation. A subscriber is a *position*: the seq up to which it has every event. It only
moves forward, by exactly the events that were sent. Each time, the next events come from the
topic's buffer if that reaches back to the position, else from the journal in pages. So there is no
moment of "going live" at which an event could be lost between replay and stream or be repeated, and
a slow reader is handled like one that has just reconnected.

A client that cannot resume gets a reset and continues from the head; it never gets a partial
replay.
"""

from dataclasses import dataclass

from app.timeline.cursor import Cursor, parse_cursor
from app.timeline.errors import UnknownCursor


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream begins; `reset` is the reason if the client must first reload the page."""

    cursor: Cursor
    reset: str | None = None


def resume_at(text: str | None, head: Cursor, replay_limit: int) -> Start:
    """Decide where a stream starts.

    Args:
        text: the client's cursor; None to start at the head.
        head: the journal's head now.
        replay_limit: the most events that are replayed.
    """
    if text is None:
        return Start(head)
    try:
        cursor = parse_cursor(text, head)
    except UnknownCursor:
        return Start(head, "unknown-cursor")
    if head.seq - cursor.seq > replay_limit:
        return Start(head, "too-far-behind")
    return Start(cursor)
