"""Replay and resuming: each seq comes once, ascending, without a hole.

Theory of operation. A subscriber is a *position*: the seq up to which it has everything. It only
ever moves forward, by exactly the events that were handed out. What comes next is found anew each
time: from the topic's buffer if that reaches back to the position, else from the journal in pages.
So there is no moment of "going live" at which an event could fall between replay and stream or come
twice, and a slow reader is the same case as one that has just come back.

A client that cannot resume is told so by a reset and goes on from the head; it never gets a part
of a replay.
"""

from dataclasses import dataclass

from app.timeline.cursor import Cursor, parse_cursor
from app.timeline.errors import UnknownCursor


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream begins; with a reason if the client has to load the page anew first."""

    cursor: Cursor
    reset: str | None = None


def resume_at(text: str | None, head: Cursor, replay_limit: int) -> Start:
    """Decide where a stream starts.

    Args:
        text: the client's cursor; None to start now.
        head: where the journal ends now.
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
